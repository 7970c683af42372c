"""Events as sentences: who did what, for people who read the ledger."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import Event, User
from workrooms.models import Message, Participant
from workrooms.rendering import plain_words

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
    "team.created": "Began the team {name}",
    "team.published": "Published {slug}, version {version}: {note}",
    "run.started": "Started {team}: {goal}",
    "run.paused": "Paused the run",
    "run.retried": "Had {agent} take turn {turn} again: {set_aside} turns are set aside",
    "run.resumed": "Went on with the run",
    "run.told": "The run is {state}",
    "document.read": "Read {name}, revision {revision}",
    "document.searched": "Searched the documents for {query}",
    "source.queried": "Read {rows} rows of {source}: {statement}",
    "trial.started": "Tries the draft of {team} on {runs} finished runs, without effects",
    "trial.finished": "Tried the draft of {team} on {runs} finished runs",
    "trial.stopped": "Stopped the trial of the draft of {team}",
    "tool.pretended": "{tool} was only pretended: nothing was written or sent",
    "turn.replayed": "Took over the answer of {agent} from run {from_run}",
    "turn.superseded": "The answer of {agent} is set aside",
    "tool.replayed": "{tool} was done before: its result is given again",
    "turn.started": "Took the turn",
    "turn.waiting": "Waits for people: {error}",
    "turn.finished": "{summary}",
    "turn.failed": "Failed: {error}",
    "turn.postponed": "Goes on in {seconds} seconds: {reason}",
    "endpoint.opened": "Leaves the endpoint alone after {failures} failures in a row: {reason}",
    "endpoint.closed": "The endpoint works again",
    "endpoint.quarantined": "Put an endpoint into quarantine: {reason}",
    "endpoint.released": "Let an endpoint be used again",
    "agent.opened": "Gives {agent} no turns after {failures} failed in a row: {reason}",
    "agent.closed": "{agent} works again",
    "agent.told": "Told that an agent rests",
    "agent.quarantined": "Put {agent} into quarantine: {reason}",
    "agent.released": "Let {agent} work again",
    "source.quarantined": "Put a source into quarantine: {reason}",
    "source.released": "Let a source be used again",
    "run.quarantined": "Put the run into quarantine: {reason}",
    "run.released": "Let the run out of quarantine",
    "target.opened": "Sends nothing out for now, after {failures} failures in a row: {reason}",
    "target.closed": "What is sent out arrives again",
    "target.quarantined": "Put the target of outward calls into quarantine: {reason}",
    "target.released": "Let outward calls be made again",
    "batch.started": "Started {rows} runs from {name}",
    "batch.told": "Told how the batch stands",
    "approval.opened": "Asks people, by the rule {rules}",
    "approval.approved": "Approved it",
    "approval.edited": "Changed it and approved it",
    "approval.rejected": "Rejected it",
    "approval.expired": "Nobody decided in time",
    "approval.escalated": "Asked the owners too, for nobody had decided",
    "approval.executed": "Done, exactly once",
    "approval.asked": "Asked back: {question}",
    "approval.told": "The question is {state}",
    "ledger.exported": "Exported {count} events as {format}",
    "document.erased": "Erased a document",
    "message.erased": "Erased a message",
    "subject.erased": "Erased a subject: {messages} messages, {documents} documents, {events} events. {reason}",
    "retention.enforced": "Erased what was older than {days} days: {messages} messages, {documents} documents",
    "retention.set": "Set how many days content is kept: {days}",
    "budget.raised": "Gave the run more {short}",
    "budget.renewed": "What was set aside may be spent again: {turns} turns, {tokens} tokens, {seconds} seconds",
    "budget.set": "Set what may be spent in a month: cost {cost_cents} cents, tokens {tokens}",
    "hold.lifted": "Lifted the legal hold: {reason}",
    "hold.set": "Set a legal hold: {reason}",
    "case.exported": "Exported the case of a run, {events} events",
    "prompt.redacted": "Kept {count} values back from {to}",
    "answer.withheld": "Answered those who may see it",
    "answer.read": "Read a private answer",
    "answer.shared": "Shared a private answer: {reason}",
    "redaction.set": "Set what is taken out of text before models",
    "egress.set": "Set where agents may reach outside",
    "label.set": "Set a label",
    "consent.given": "Let the service {name} act in their name: {verbs}",
    "consent.refused": "Did not let the service {name} act in their name: {verbs}",
    "consent.revoked": "No longer lets the service {name} act in their name",
    "token.issued": "Got a token: {verbs}",
    "access.denied": "Was refused: {method} {path}",
    "access.requested": "Asked for access: {named}. {reason}",
    "access.granted": "Gave {name} access: {named}",
    "access.refused": "Refused {name} access: {named}. {note}",
    "access.expired": "Nobody decided in time: {named}",
    "access.withdrawn": "Withdrew the request: {named}",
    "access.ended": "Ended access, {why}: {named}",
    "delegation.set": "{deputy} decides for {person} until {until}",
    "delegation.ended": "{deputy} decides no more for {person}",
}
ANYTHING = ("title", "summary", "reason", "subject", "goal", "statement", "query", "name", "decision", "state")
LONGEST = 160


@dataclass(frozen=True, slots=True)
class Happening:
    """A row of the ledger page. `who` is None for the system and those who are gone; `entry` is a timeline entry."""

    event: Event
    who: User | None
    name: str
    what: str
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
    return Happening(event, who, name, sentence(event), _entry(event, entries), _link(event, entries))


def _entry(event: Event, entries: dict[str, UUID | None]) -> UUID | None:
    identity = (event.object or "").partition(":")[2]
    return UUID(identity) if event.object in entries else None


def _link(event: Event, entries: dict[str, UUID | None]) -> str:
    """Return where the event's object is, beneath the room's path."""
    kind, _, identity = (event.object or "").partition(":")
    if kind == "message" and event.object in entries:
        return f"threads/{entries[event.object] or identity}/#entry-{identity}"
    return f"docs/{identity}/" if kind == "document" else ""


def sentence(event: Event) -> str:
    """Return what happened in a few words; an erased payload is said to be erased."""
    if event.payload is None:
        return "Erased"
    payload = {**_inner(event.payload), **event.payload}
    known = SENTENCES.get(event.kind)
    if known:
        text = known.format_map(defaultdict(str, {name: _words(value) for name, value in payload.items()}))
    else:
        said = next((str(payload[name]) for name in ANYTHING if payload.get(name)), "")
        text = f"{event.kind.replace('.', ' ').replace('_', ' ').capitalize()}{': ' if said else ''}{said}"
    flat = plain_words(text).removesuffix(":")
    return flat if len(flat) <= LONGEST else f"{flat[: LONGEST - 1]}…"


def _words(value: Any) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def _inner(payload: dict[str, Any]) -> dict[str, Any]:
    """Return what an agent's output or an act says, where the payload carries one."""
    found = payload.get("output") or payload.get("action")
    return found if isinstance(found, dict) else {}
