"""Private answers: read by those who are cleared, shared with the room by those who may decide that."""

from functools import partial

from django.utils import timezone

from accounts.errors import Conflict, Invalid
from accounts.ledger.record import record
from accounts.models import User
from workrooms.actions.entries import publish
from workrooms.entries import inner_html
from workrooms.models import PrivateAnswer

LONGEST_REASON = 2_000


def read_answer(answer: PrivateAnswer, *, actor: User) -> PrivateAnswer:
    """Return a private answer, and log that `actor` read it."""
    message = answer.message
    record("answer.read", actor=actor, ledger=message.workroom_id, object=f"message:{message.id}", run=message.run,
           payload={"label": answer.label})  # fmt: skip
    return answer


def share_answer(answer: PrivateAnswer, *, actor: User, reason: str) -> PrivateAnswer:
    """Show a private answer to everybody in the room. Raises Invalid without a reason, Conflict if it is shared."""
    why = reason.strip()
    if not why or len(why) > LONGEST_REASON:
        raise Invalid("Say why everybody may see it.", [("reason", f"expected 1 to {LONGEST_REASON} characters")])
    row: PrivateAnswer = PrivateAnswer.objects.select_for_update(of=("self",), no_key=True).get(pk=answer.pk)
    if row.shared_at is not None:
        raise Conflict("This answer is shared already.")
    row.shared_by, row.shared_at = actor, timezone.now()
    row.save(update_fields=["shared_by", "shared_at"])
    message = answer.message
    message.body, message.about = row.body, {"shared": True}
    message.html = inner_html(message, row.html)
    message.save(update_fields=["body", "about", "html"])
    record(
        "answer.shared",
        actor=actor,
        ledger=message.workroom_id,
        object=f"message:{message.id}",
        payload={"label": row.label, "reason": why},
        entry=message,
        published=partial(publish, "answer.shared"),
    )
    return row
