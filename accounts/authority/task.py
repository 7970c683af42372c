"""What a task was given, and what a write names: the facts that `targets.trace` judges by."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal

from accounts.authority.words import place_of, stands_in

Role = Literal["target", "amount", "day", "text"]
EXCERPT = 60


@dataclass(frozen=True, slots=True)
class Use:
    """One value that a write names, under its argument's name.

    `target` is whom or what it reaches, `amount` what it costs, `day` when it holds, `text` what others would read.
    `kinds` are the kinds of record that a target of this argument can be.
    """

    slot: str
    role: Role
    value: str
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Record:
    """A thing in the records of the house: a standing order, a hotel, a participant. Texts of outsiders are left out.

    `names` are what people call it, `values` its own identifiers and facts, `amounts` what it is about in money.
    """

    kinds: frozenset[str]
    names: tuple[str, ...]
    values: frozenset[str] = frozenset()
    amounts: tuple[Decimal, ...] = ()

    def is_named_in(self, text: str) -> bool:
        """True when `text` calls the record by a name or a distinctive value of it."""
        return any(stands_in(name, text) for name in (*self.names, *self.values))

    def holds(self, value: str) -> bool:
        """True when `value` is one of the record's own."""
        return value in self.values or value in self.names

    def is_about(self, target: str) -> bool:
        """True when the record is of `target`, or its name contains it."""
        return target in self.values or any(stands_in(target, name) for name in self.names)


@dataclass(frozen=True, slots=True)
class Passage:
    """Content that the run has read and that outsiders may have written. `private` content is not for others.

    `document` and `revision` say where it stands, where it is a document of a room. `given`: the person let somebody
    else hand it over for them.
    """

    source: str
    text: str
    private: bool = False
    document: str = ""
    revision: int = 0
    given: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """The place in untrusted content that a value would come from."""

    source: str
    start: int
    end: int
    excerpt: str
    document: str = ""
    revision: int = 0


@dataclass(frozen=True)
class Task:
    """What a run was given: the person's words, the records its room relates it to, and what it has read so far."""

    words: str
    records: tuple[Record, ...] = ()
    passages: tuple[Passage, ...] = ()
    approved: frozenset[tuple[str, str]] = frozenset()

    @cached_property
    def handed(self) -> tuple[Passage, ...]:
        """The passages of sources that the person pointed to by name, or let be handed over for them."""
        return tuple(one for one in self.passages if one.given or stands_in(one.source, self.words))

    @cached_property
    def named(self) -> tuple[Record, ...]:
        """The records that the person's words name."""
        return tuple(record for record in self.records if record.is_named_in(self.words))

    @property
    def has_read_private(self) -> bool:
        return any(passage.private for passage in self.passages)

    def span_of(self, value: str) -> Span | None:
        """Return the first place in what was read where `value` stands."""
        for passage in self.passages:
            if place := place_of(value, passage.text):
                around = passage.text[max(0, place[0] - EXCERPT) : place[1] + EXCERPT]
                excerpt = " ".join(around.split())
                return Span(passage.source, *place, excerpt, passage.document, passage.revision)
        return None
