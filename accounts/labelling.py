"""Stored labels and clearances: read for every act, so that a change counts at once."""

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.authority.labels import LEVELS, Destination, Label, read_label
from accounts.errors import Invalid
from accounts.ledger.record import record
from accounts.models import ObjectClearance, ObjectLabel, User
from accounts.tenancy import current_unit


def labels_of(objects: Iterable[str]) -> dict[str, Label]:
    """Return the labels that are stored for `objects` by ledger name; what has none is left out."""
    rows = ObjectLabel.objects.filter(object__in=list(objects)).values_list("object", "label")
    return {name: label for name, stored in rows if (label := read_label(stored)) is not None}


def labels_within(prefix: str) -> dict[str, Label]:
    """Return the labels of all objects whose name begins with `prefix`, by what follows it."""
    rows = ObjectLabel.objects.filter(object__startswith=prefix).values_list("object", "label")
    return {name.removeprefix(prefix): label for name, stored in rows if (label := read_label(stored)) is not None}


def set_label(object: str, stored: dict[str, Any] | None, *, actor: User, ledger: Any = None) -> None:
    """Label one object, or with None leave it to the label of its room. Raises Invalid. Logged."""
    try:
        label = read_label(stored)
    except ValueError as problem:
        field, _, expected = str(problem).partition(": ")
        raise Invalid("This label cannot be used.", [(field, expected)]) from problem
    if label is None:
        ObjectLabel.objects.filter(object=object).delete()
    else:
        _keep(object, label)
    payload = {"label": label.as_json() if label else None}
    record("label.set", actor=actor, ledger=ledger, object=object, payload=payload)


def join_label(object: str, label: Label) -> None:
    """Make the label of `object` the join of what it is and `label`. Safe against others who do the same."""
    join_labels({object: label})


def join_labels(wanted: Mapping[str, Label]) -> None:
    """`join_label` for several objects at once."""
    held = ObjectLabel.objects.select_for_update(no_key=True).filter(object__in=list(wanted)).order_by("object")
    rows = {row.object: row for row in held}
    if missing := [object for object in wanted if object not in rows]:
        organization_id = current_unit().organization_id
        made = [
            ObjectLabel(organization_id=organization_id, object=object, label=wanted[object].as_json())
            for object in sorted(missing)
        ]
        ObjectLabel.objects.bulk_create(made, ignore_conflicts=True)
        rows |= {row.object: row for row in held.filter(object__in=missing)}
    for object, row in rows.items():
        kept = read_label(row.label) or wanted[object]
        if (whole := kept.join(wanted[object])) != kept:
            row.label = whole.as_json()
            row.save(update_fields=["label"])


def destination(kind: str, object: str, name: str) -> Destination:
    """Return what is known of a place data would flow to; a place nobody cleared gets internal data at most."""
    row = ObjectClearance.objects.filter(object=object).first()
    if row is None:
        return Destination(kind, name)
    return Destination(kind, name, row.level, frozenset(row.places), frozenset(row.eligible))


def set_clearance(
    object: str, *, actor: User, level: str, places: Iterable[str] = (), eligible: Iterable[str] = ()
) -> None:
    """Say what may flow to a place. Raises Invalid. Logged."""
    if level not in LEVELS:
        raise Invalid("This clearance cannot be used.", [("level", f"expected one of {', '.join(LEVELS)}")])
    values = {"level": level, "places": sorted(places), "eligible": sorted(eligible)}
    ObjectClearance.objects.update_or_create(
        object=object, organization_id=current_unit().organization_id, defaults=values
    )
    record("clearance.set", actor=actor, object=object, payload=values)


def _keep(object: str, label: Label) -> None:
    ObjectLabel.objects.update_or_create(
        object=object, organization_id=current_unit().organization_id, defaults={"label": label.as_json()}
    )
