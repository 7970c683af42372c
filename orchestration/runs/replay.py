"""A run told from the ledger alone: what was seen, decided, done and said, by whom, for whom and why, in order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet

from accounts.ledger.reading import events_of, shown
from accounts.models import Event, User
from orchestration.models import Run
from workrooms.happenings import sentence

Part = Literal["asked", "began", "saw", "refused", "decided", "did", "said", "ended"]
SILENT = ("run.told", "batch.told")
READS = ("read", "searched", "queried", "opened", "downloaded", "looked")
PARTS: dict[str, Part] = {
    "run.started": "asked",
    "turn.started": "began",
    "agent.identified": "began",
    "run.finished": "ended",
    "run.failed": "ended",
    "run.stopped": "ended",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """One event of a run. `agent` is the member whose turn it was, `why` the reasons the ledger gives for it."""

    seq: int
    at: datetime
    part: Part
    who: str
    on_behalf_of: str
    agent: str
    what: str
    why: tuple[str, ...]
    event: Event

    def as_json(self) -> dict[str, Any]:
        """Return the scene for programs, with the whole event."""
        told = {
            name: getattr(self, name) for name in ("seq", "at", "part", "who", "on_behalf_of", "agent", "what", "why")
        }
        return {**told, "event": shown(self.event)}


def events_of_run(run: Run) -> "QuerySet[Event]":
    """Every event of a root run and of the runs nested in it, in order."""
    events: QuerySet[Event] = events_of(run.workroom_id).filter(run=run.id).order_by("seq")
    return events


def replay(run: Run) -> list[Scene]:
    """Tell a root run. An erased event says only that there was one."""
    events = list(events_of_run(run).exclude(kind__in=SILENT))
    named = {name for event in events for name in (event.actor, event.on_behalf_of) if name and ":" in name}
    people = {user.ledger_name: user.name for user in User.objects.filter(pk__in=[UUID(name[-36:]) for name in named])}
    agents = {event.turn: _agent(event) for event in events if event.kind == "turn.started"}
    return [
        Scene(
            seq=event.seq,
            at=event.at,
            part=part_of(event.kind),
            who=people.get(event.actor, "Workroom" if event.actor == "system" else event.actor),
            on_behalf_of=people.get(event.on_behalf_of or "", ""),
            agent=agents.get(event.turn, ""),
            what=sentence(event),
            why=tuple(reasons(event.payload or {})),
            event=event,
        )
        for event in events
    ]


def part_of(kind: str) -> Part:
    """Return what kind of thing an event is in the story of a run."""
    noun, _, verb = kind.partition(".")
    if kind in PARTS:
        return PARTS[kind]
    if verb == "denied":
        return "refused"
    if noun in ("approval", "grant") or kind == "turn.waiting":
        return "decided"
    if noun == "turn":
        return "said"
    return "saw" if verb in READS else "did"


def reasons(payload: dict[str, Any]) -> list[str]:
    """Return what an event gives as reasons: rules, factors of a decision, grounds of an answer, a person's words."""
    output, decision = _object(payload.get("output")), _object(payload.get("decision"))
    found = [f"Rule {rule}" for rule in payload.get("rules") or [] if isinstance(rule, str)]
    found += [str(each["reason"]) for each in _factors(payload.get("factors") or decision) if each.get("reason")]
    for name in ("reasons", "for", "against"):
        found += [str(reason) for reason in output.get(name) or [] if isinstance(reason, str)]
    found += [str(payload[name]) for name in ("reason", "error") if payload.get(name)]
    return found


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _factors(factors: Any) -> list[dict[str, Any]]:
    listed = factors.get("factors", factors) if isinstance(factors, dict) else factors
    values = list(listed.values()) if isinstance(listed, dict) else listed if isinstance(listed, list) else []
    return [value for value in values if isinstance(value, dict)]


def _agent(event: Event) -> str:
    return str((event.payload or {}).get("agent", ""))
