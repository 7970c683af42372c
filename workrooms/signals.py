"""The seams other apps listen to."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.dispatch import Signal

from accounts.models import User

NOTHING = Q(pk__in=[])

# Sent inside the unit of work, after the message is written, with `message` and `actor`; receivers enqueue on commit.
message_posted = Signal()

# Sent inside the unit of work before a room's own content is emptied, with `room` and `matching`. Receivers empty what
# they keep of it and return the ids of the runs concerned, whose events are then erased; one may refuse by a Conflict.
content_erased = Signal()


@dataclass(frozen=True, slots=True)
class Matching:
    """What is to be erased: what `person` wrote or had done, what says one of `words`, what is older than `before`."""

    person: User | None = None
    words: tuple[str, ...] = ()
    before: datetime | None = None

    def by(self, *columns: str) -> Q:
        """Rows that name the person in one of these columns."""
        return _any([Q(**{column: self.person}) for column in columns if self.person])

    def says(self, *columns: str) -> Q:
        """Rows that say one of the words in one of these columns, whatever their case."""
        return _any([Q(**{f"{column}__icontains": word}) for column in columns for word in self.words])

    def older(self, column: str) -> Q:
        """Rows whose moment in `column` lies before."""
        return Q(**{f"{column}__lt": self.before}) if self.before else NOTHING


def _any(conditions: list[Q]) -> Q:
    found = NOTHING
    for condition in conditions:
        found |= condition
    return found
