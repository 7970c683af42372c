"""The label of what one read would touch, and what of it could go to a place that is not cleared for all of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from accounts.authority.decide import Act
from accounts.authority.labels import Label
from accounts.authority.masking import Redaction
from accounts.labelling import labels_of, labels_within
from orchestration.boundaries.held import ROOM_DEFAULT, name_of, room_label
from orchestration.models import Source
from orchestration.standing import grants_of
from orchestration.teams.marks import PERSONAL
from orchestration.tools.context import Context
from workrooms.models import Document, Workroom
from workrooms.policies import as_uuid

OUTSIDE = "outside"
Fits = Callable[[Label], bool]


@dataclass(frozen=True, slots=True)
class Reading:
    """`base` is the label of what is read without its `fields` ({name: label of what stands in it})."""

    base: Label
    fields: Mapping[str, Label]

    @property
    def whole(self) -> Label:
        """The label of all that is read."""
        return reduce(Label.join, self.fields.values(), self.base)

    def rest(self, redaction: Redaction, fits: Fits) -> Label:
        """Return what is left when the fields that do not fit, and what has a recognized form, are taken out."""
        low = redaction.lowered(self.base)
        return reduce(Label.join, self._shown(low, fits), low)

    def unredacted(self, redaction: Redaction, fits: Fits) -> Label:
        """Return what is left when only the fields that do not fit are taken out."""
        return reduce(Label.join, self._shown(redaction.lowered(self.base), fits), self.base)

    def _shown(self, low: Label, fits: Fits) -> list[Label]:
        return [label for label in self.fields.values() if fits(low.join(label))]


def reading_of(context: Context, act: Act) -> Reading:
    """Return the labels of what `act` would read."""
    kind, _, identity = act.object.partition(":")
    if kind == "document":
        return Reading(_documents(context, [identity]), {})
    if kind == "source":
        return _source(context, act)
    whole = act.tool == "documents.search"
    return Reading(_documents(context, _searched(context)) if whole else room_label(context.room), {})


def field_labels(source: Source, names: Iterable[str]) -> dict[str, Label]:
    """Return the labels of a source's columns that have one or are personal, among `names`; none: all not personal."""
    personal = {name for name, said in source.columns.items() if said.get("personal")}
    wanted = frozenset(names)
    stored = labels_within(f"source:{source.id}/")
    found = {name: label for name, label in stored.items() if name in wanted or (not wanted and name not in personal)}
    for name in personal & wanted:
        found[name] = found[name].join(PERSONAL) if name in found else PERSONAL
    return found


def source_base(source: Source, room: Workroom) -> Label:
    """Return the label of a source in a room, without that of its columns."""
    stored = labels_of([f"source:{source.id}", name_of(room)])
    base = stored.get(name_of(room), ROOM_DEFAULT)
    return base.join(stored.get(f"source:{source.id}", base))


def _searched(context: Context) -> list[str]:
    if "document:*" in context.run.scope:
        return [str(one) for one in Document.objects.filter(workroom=context.room).values_list("id", flat=True)]
    return [reference["id"] for reference in context.run.documents]


def _documents(context: Context, identities: list[str]) -> Label:
    """Return the join of the documents' labels. What nobody labelled and no agent put here may be from outside."""
    stored = labels_of([*(f"document:{identity}" for identity in identities), name_of(context.room)])
    base = stored.pop(name_of(context.room), ROOM_DEFAULT)
    known = Document.objects.filter(workroom=context.room, pk__in=[one for one in map(as_uuid, identities) if one])
    outside = known.exclude(author__kind="agent").exclude(pk__in=_ours(stored)).exists()
    return reduce(Label.join, stored.values(), base.join(Label("public", frozenset({OUTSIDE} if outside else ()))))


def _ours(stored: Mapping[str, Label]) -> list[str]:
    return [name.partition(":")[2] for name in stored]


def _source(context: Context, act: Act) -> Reading:
    source = Source.objects.usable_in(context.room).filter(slug=act.target).first()
    if source is None:
        return Reading(room_label(context.room), {})
    held = grants_of(context.run, context.turn.agent).get("sources.query")
    granted = (held.columns or {}).get(source.slug) if held else None
    return Reading(source_base(source, context.room), field_labels(source, act.columns or granted or ()))
