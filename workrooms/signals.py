"""The one seam other apps listen to."""

from django.dispatch import Signal

# Sent inside the unit of work, after the message is written, with `message` and `actor`; receivers enqueue on commit.
message_posted = Signal()
