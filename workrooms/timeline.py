"""A page of the timeline: entries with what the page adds around each."""

from dataclasses import dataclass
from datetime import date

from accounts.clearances import Unseen
from workrooms.models import Message, Workroom
from workrooms.shell import LedgerStanding

PAGE = 50
GROUPING_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry on a page. `day` where a new day begins; `mark` where the checked part of the ledger ends."""

    message: Message
    follows: bool
    day: date | None
    mark: bool


def last_page(room: Workroom, before: int | None, unseen: Unseen) -> tuple[list[Message], int | None]:
    """Return up to 50 entries below number `before` (the newest when None) without the `unseen`, oldest first, and
    where older ones end."""
    rows = Message.objects.timeline(room).seen_with(unseen)
    found = list((rows.filter(seq__lt=before) if before else rows)[: PAGE + 1])
    older = found[PAGE - 1].seq if len(found) > PAGE else None
    return found[:PAGE][::-1], older


def shown(messages: list[Message], ledger: LedgerStanding | None) -> list[Shown]:
    """Return `messages`, oldest first, as a page shows them."""
    result: list[Shown] = []
    previous: Message | None = None
    edge = _edge(messages, ledger)
    for message in messages:
        new_day = previous is None or previous.created_at.date() != message.created_at.date()
        day = message.created_at.date() if new_day else None
        result.append(Shown(message, not new_day and _follows(message, previous), day, message.seq == edge))
        previous = message
    return result


def _follows(message: Message, previous: Message | None) -> bool:
    return (
        previous is not None
        and previous.author_id == message.author_id
        and previous.kind == message.kind == Message.Kind.MESSAGE
        and (message.created_at - previous.created_at).total_seconds() < GROUPING_SECONDS
    )


def _edge(messages: list[Message], ledger: LedgerStanding | None) -> int | None:
    """Return the number of the last entry of the page that was checked (or stands before the break)."""
    limit = (ledger.broken_at or ledger.checked_seq) if ledger else 0
    return max((message.seq for message in messages if message.seq <= limit), default=None)
