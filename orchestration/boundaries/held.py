"""The label of a run: the join of all that it has read. What it writes inherits it.

Beside it stands what is left of it when everything that can be taken out has been taken out: `run:ID/rest`.
"""

from collections.abc import Iterable
from functools import reduce
from typing import Any

from accounts.authority.labels import Label, read_label
from accounts.labelling import join_label, join_labels, labels_of
from accounts.tenancy import current_unit
from orchestration.models import Run
from workrooms.models import Workroom

ROOM_DEFAULT = Label("internal")


def room_label(room: Workroom) -> Label:
    """Return the label of a room: what nobody labelled in it has this one."""
    return _stored(room, [name_of(room)]).get(name_of(room), ROOM_DEFAULT)


def label_of_run(run: Run, room: Workroom) -> Label:
    """Return the join of the room's label and of all that the run has read."""
    return own_label(run, room)[0]


def own_label(run: Run, room: Workroom) -> tuple[Label, Label]:
    """Return `label_of_run` and the label of the room, read at once."""
    held = _stored(room, [_run(run), name_of(room)])
    base = held.get(name_of(room), ROOM_DEFAULT)
    return reduce(Label.join, held.values(), base), base


def rest_of_run(run: Run, room: Workroom) -> Label:
    """Return what `label_of_run` would be of what is left after redaction."""
    held = _stored(room, [_run(run), _rest(run), name_of(room)])
    base = held.get(name_of(room), ROOM_DEFAULT)
    return base.join(held.get(_rest(run), held.get(_run(run), base)))


def note_read(run: Run, label: Label, rest: Label | None = None) -> None:
    """Add what was read to the label of the whole run; `rest` is what of it stays when it is redacted (None: all)."""
    if label != ROOM_DEFAULT:
        join_labels({_run(run): label, _rest(run): label if rest is None else rest})


def note_written(run: Run, room: Workroom, document: str) -> None:
    """What a run writes inherits its label."""
    label, base = own_label(run, room)
    if label != base:
        join_label(f"document:{document}", label)


def _stored(room: Workroom, names: Iterable[str]) -> dict[str, Label]:
    """The labels that are stored; in a foreseen unit as they were known, which is compared when the unit is written."""
    if not current_unit().foreseen or room.known_labels is None:
        return labels_of(names)
    found = ((name, read_label(room.known_labels.get(name))) for name in names)
    return {name: label for name, label in found if label is not None}


def name_of(room: Workroom) -> str:
    """Return the room's name in the ledger."""
    return f"workroom:{room.id}"


def _run(run: Run) -> str:
    return f"run:{_root(run)}"


def _rest(run: Run) -> str:
    return f"run:{_root(run)}/rest"


def _root(run: Run) -> Any:
    return run.root_id_or_own
