"""Labels of what a room holds, and clearances of places and people: whatever is named, and what follows from it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from accounts.errors import Invalid, NotFound
from accounts.labelling import set_clearance, set_label
from accounts.models import User
from orchestration.boundaries.naming import object_named
from workrooms.actions.clearances import clear_person
from workrooms.models import Message, Workroom

CLEARED = ("endpoint", "target", "peer", "site", "person")


def label_object(room: Workroom, named: str, label: dict[str, Any] | None, *, actor: User) -> None:
    """Label something of `room` (see `object_named`), or with None leave it to the label of the room.

    A message carries its label where it is shown. Raises NotFound, Invalid.
    """
    object = object_named(actor, room, named)
    set_label(object, label, actor=actor, ledger=room.id)
    kind, _, identity = object.partition(":")
    if kind == "message":
        message = Message.objects.select_for_update(no_key=True).get(pk=identity)
        shown = {"label": {"tags": [], **label}} if label else {}
        message.about = {name: value for name, value in message.about.items() if name != "label"} | shown
        message.save(update_fields=["about"])


def clear(object: str, *, actor: User, level: str | None, places: Iterable[str], eligible: Iterable[str]) -> None:
    """Say what may flow to an endpoint, target, peer or site, or what a person may see. Raises Invalid, NotFound."""
    kind, _, identity = object.partition(":")
    if kind not in CLEARED or not identity:
        expected = ", ".join(f"{name}:…" for name in CLEARED)
        raise Invalid("This has no clearance.", [("object", f"expected one of {expected}")])
    if kind == "person":
        clear_person(_person(identity), actor=actor, level=level, compartments=eligible)
        return
    if level is None:
        raise Invalid("This clearance cannot be used.", [("level", "only a person's can be lifted")])
    set_clearance(object, actor=actor, level=level, places=places, eligible=eligible)


def _person(identity: str) -> User:
    try:
        found = User.objects.filter(pk=UUID(identity), kind=User.Kind.PERSON).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("There is no such person in this organization.")
    return found
