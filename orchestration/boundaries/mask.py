"""The mask of one whole run before one place: which fields, values and forms are taken out of what is shown there."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from accounts.authority.labels import Label
from accounts.authority.masking import Mask, Redaction
from accounts.models import Boundary
from accounts.secrets import derived_key
from orchestration.boundaries.held import room_label
from orchestration.boundaries.reading import Fits, field_labels, source_base
from orchestration.models import Run, Source, ToolCall, Turn
from orchestration.standing import agent_plan
from orchestration.teams.marks import marks_of
from workrooms.models import Workroom

MOST_VALUES = 20_000


def redaction_of(room: Workroom) -> Redaction:
    """Return what the room takes out of text, and what that lowers."""
    row = Boundary.objects.filter(room=room.id).first()
    if row is None:
        return Redaction()
    return Redaction(tuple(row.kinds), row.shapes, row.up_to, row.level, frozenset(row.tags))


def mask_of(run: Run, room: Workroom, redaction: Redaction, fits: Fits) -> Mask:
    """Make the mask: fields whose label does not fit, and every value of theirs that the run has come across."""
    root = run.root_id_or_own
    names: set[str] = set()
    values: dict[str, str] = {}
    for field, value in (*_marked(root, room, fits, names), *_queried(root, room, redaction, fits, names)):
        for text in _texts(value):
            if len(values) < MOST_VALUES:
                values.setdefault(text, field)
    return Mask(derived_key(f"placeholders of run {root}"), frozenset(names), values, redaction, {}, Counter(), set())


def _marked(root: UUID, room: Workroom, fits: Fits, names: set[str]) -> Iterator[tuple[str, Any]]:
    """Fields of earlier results that their contracts mark."""
    base = room_label(room)
    turns = Turn.objects.filter(run=root) | Turn.objects.filter(run__root=root)
    for turn in turns.filter(user__isnull=False).select_related("run"):
        marks = marks_of(agent_plan(turn.run, turn.agent).output_schema)
        kept_back = {name for name, label in marks.items() if not fits(base.join(label))}
        names |= kept_back
        yield from _named(turn.output, kept_back)


def _queried(
    root: UUID, room: Workroom, redaction: Redaction, fits: Fits, names: set[str]
) -> Iterator[tuple[str, Any]]:
    """Columns of sources that were read."""
    made = ToolCall.objects.filter(tool="sources.query", state=ToolCall.State.SUCCEEDED)
    calls = made.filter(turn__run=root) | made.filter(turn__run__root=root)
    sources = {source.slug: source for source in Source.objects.usable_in(room)}
    for call in calls:
        source, result = sources.get(call.arguments["source"]), call.result
        if source is None or not result:
            continue
        kept_back = withheld_fields(source, room, result["columns"], redaction, fits)
        names |= kept_back
        for row in result["rows"]:
            yield from ((name, cell) for name, cell in zip(result["columns"], row, strict=False) if name in kept_back)


def withheld_fields(
    source: Source, room: Workroom, names: Iterable[str], redaction: Redaction, fits: Fits
) -> frozenset[str]:
    """Return those of a source's columns that may not be shown."""
    low = redaction.lowered(source_base(source, room))
    labels: dict[str, Label] = field_labels(source, names)
    return frozenset(name for name, label in labels.items() if not fits(low.join(label)))


def _named(value: Any, names: set[str]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in names:
                yield name, inner
            else:
                yield from _named(inner, names)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner, names)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value).strip()
