"""What a call by a narrowed token is bound to: whose rights it uses, which of them, in which room, and who really acts.

Everything that is asked about rights looks here: a narrowed token never does more than its person may at that moment.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from accounts.authority.labels import Clearance
from accounts.errors import Invalid
from accounts.models import User


class Verb(NamedTuple):
    """One thing that a token may be narrowed to: the person's permission it rests on, and the words for it."""

    permission: str
    words: str


VERBS = {
    "messages.read": Verb("view", "read messages"),
    "messages.post": Verb("post_message", "write messages"),
    "documents.read": Verb("view", "read documents"),
    "documents.write": Verb("edit_document", "add and change documents"),
    "runs.read": Verb("view", "see runs and what came of them"),
    "runs.start": Verb("start_run", "start runs"),
}


@dataclass(frozen=True, slots=True)
class Bound:
    """The bounds of one call. `mark` names the token or the consent it rests on; `room` None is every room.

    `service` is who acts in the name of `person`, None where a program of the person's own does; `clearance` is what
    may flow to the service, `decision` what the authority decided about the call.
    """

    mark: str
    person: User
    verbs: frozenset[str]
    room: UUID | None = None
    service: User | None = None
    clearance: Clearance | None = None
    decision: UUID | None = None

    def narrow(self, user: User, room: UUID, held: frozenset[str]) -> frozenset[str]:
        """Return what is left of the permissions that `user` holds in `room`; other people keep theirs."""
        if user.pk != self.person.pk:
            return held
        if not self.verbs or self.room not in (None, room):
            return frozenset()
        return held & {"view", *(VERBS[verb].permission for verb in self.verbs)}

    def is_behind(self, actor: User | None, on_behalf_of: User | None) -> bool:
        """True when what `actor` (None: the system) does is the service's act in the person's name."""
        whose = actor or on_behalf_of
        return self.service is not None and whose in (self.person, self.service)

    def lower(self, sees: Clearance | None) -> Clearance | None:
        """Return what both the person, who `sees` that much (None: all), and the service may see."""
        if sees is None or self.clearance is None:
            return sees or self.clearance
        least = sees if sees.rank <= self.clearance.rank else self.clearance
        both = sees.compartments & self.clearance.compartments
        return replace(self.clearance, level=least.level, compartments=both)


_bound: ContextVar[Bound | None] = ContextVar("bound", default=None)


def current_bound() -> Bound | None:
    """Return the bounds of the call under way; None for people, agents, and tokens that are not narrowed."""
    return _bound.get()


@contextmanager
def bound_to(bound: Bound | None) -> Iterator[None]:
    """Hold everything in the block to `bound`."""
    token = _bound.set(bound)
    try:
        yield
    finally:
        _bound.reset(token)


def note_decision(decision: UUID) -> None:
    """Let what the call records name the decision that permitted it."""
    if (bound := _bound.get()) is not None:
        _bound.set(replace(bound, decision=decision))


def person_behind(actor: User) -> User | None:
    """Return in whose name `actor`, a service, writes in the call under way."""
    bound = _bound.get()
    return bound.person if bound is not None and bound.service == actor else None


def writer(person: User) -> User:
    """Return who is the author of what is written in the call under way: the service, else the person."""
    bound = _bound.get()
    return bound.service if bound is not None and bound.service is not None else person


def checked_verbs(given: Iterable[str]) -> list[str]:
    """Return verbs in the order of VERBS, each once. Raises Invalid for one that is none, and for no verb at all."""
    wanted = set(given)
    if unknown := sorted(wanted - VERBS.keys()):
        raise Invalid(f"{unknown[0][:40]!r} is nothing a token can do.", [("verbs", f"one of {', '.join(VERBS)}")])
    if not wanted:
        raise Invalid("Say what it may do.", [("verbs", f"at least one of {', '.join(VERBS)}")])
    return [verb for verb in VERBS if verb in wanted]


def in_words(verbs: Iterable[str]) -> str:
    """Return what verbs stand for: "read messages, start runs"."""
    return ", ".join(VERBS[verb].words for verb in verbs)
