"""Events as sentences: who did what, for people who read the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from accounts.models import Event, User
from workrooms.models import Message, Participant

SENTENCES = {
    "workroom.created": "Opened the room {name}",
    "workroom.renamed": "Renamed the room to {name}",
    "workroom.archived": "Archived the room",
    "workroom.restored": "Restored the room",
    "participant.added": "Brought in {name} as {relation}",
    "participant.changed": "Made {name} {relation}, before {before}",
    "participant.removed": "Took out {name}",
    "relation.granted": "Granted {relation}",
    "relation.revoked": "Revoked the relation",
    "message.posted": "{body}",
    "message.edited": "Edited: {body}",
    "message.deleted": "Deleted a message",
    "document.added": "Added {name}",
    "document.revised": "Saved {name}, revision {revision}",
    "document.opened": "Opened {name}, revision {revision}",
    "document.downloaded": "Downloaded {name}, revision {revision}",
    "ledger.exported": "Exported the ledger",
    "access.denied": "Was refused: {method} {path}",
}
ANYTHING = ("title", "summary", "reason", "subject", "goal", "tool", "name", "state")
LONGEST = 160


@dataclass(frozen=True, slots=True)
class Happening:
    """A row of the ledger page. `who` is None for the system and those who are gone; `entry` is a timeline entry."""

    event: Event
    who: User | None
    name: str
    what: str
    run_number: int | None
    entry: UUID | None
    link: str


def happenings(events: list[Event], people: Iterable[Participant], agents: Iterable[User]) -> list[Happening]:
    """Return `events` as rows; `people` and `agents` are those of the room, others are looked up."""
    known = {user.ledger_name: user for user in [*(each.user for each in people), *agents]}
    missing = {event.actor for event in events} - known.keys() - {"system"}
    if missing:
        found = User.objects.filter(pk__in=[name.partition(":")[2] for name in missing])
        known |= {user.ledger_name: user for user in found}
    entries = dict(_entries(events))
    return [_happening(event, known.get(event.actor), entries) for event in events]


def _entries(events: list[Event]) -> Iterable[tuple[str, UUID | None]]:
    named = [(event.object or "").partition(":")[2] for event in events if (event.object or "").startswith("message:")]
    return (
        (f"message:{pk}", thread) for pk, thread in Message.objects.filter(pk__in=named).values_list("pk", "thread")
    )


def _happening(event: Event, who: User | None, entries: dict[str, UUID | None]) -> Happening:
    name = who.name if who else ("Workroom" if event.actor == "system" else "Somebody who is gone")
    return Happening(event, who, name, sentence(event), None, _entry(event, entries), _link(event, entries))


def _entry(event: Event, entries: dict[str, UUID | None]) -> UUID | None:
    identity = (event.object or "").partition(":")[2]
    return UUID(identity) if event.object in entries else None


def _link(event: Event, entries: dict[str, UUID | None]) -> str:
    """Return where the event's object is, beneath the room's path."""
    kind, _, identity = (event.object or "").partition(":")
    if kind == "message" and event.object in entries:
        return f"threads/{entries[event.object] or identity}/#entry-{identity}"
    return {"document": f"docs/{identity}/", "run": f"runs/{identity}/"}.get(kind, "")


def sentence(event: Event) -> str:
    """Return what happened in a few words; an erased payload is said to be erased."""
    if event.payload is None:
        return "Erased"
    payload = {name: str(value) for name, value in event.payload.items()}
    pattern = SENTENCES.get(event.kind)
    if pattern:
        text = pattern.format_map(
            {"name": "", "relation": "", "before": "", "body": "", "revision": "", "method": "", "path": "", **payload}
        )
    else:
        said = next((payload[name] for name in ANYTHING if payload.get(name)), "")
        text = f"{event.kind.replace('.', ' ').replace('_', ' ').capitalize()}{': ' if said else ''}{said}"
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST else f"{flat[: LONGEST - 1]}…"
