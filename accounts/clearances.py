"""What people may see. Who was not given a clearance sees all that the rooms hold that they are in."""

from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.authority.labels import NEED, Clearance, Label, read_label
from accounts.bounds import current_bound
from accounts.ledger.reading import Wanted
from accounts.models import Admission, ObjectClearance, ObjectLabel, User
from accounts.relations import Related

PERSON = "person:"
MOST_KEPT = 500
_known: dict[UUID, tuple[UUID, dict[UUID, Clearance]]] = {}


class Unseen(NamedTuple):
    """What a person of limited clearance may not see, by ledger name; `level` is what they are cleared for."""

    objects: frozenset[str]
    level: str

    def ids(self, kind: str) -> list[UUID]:
        """Return the ids of what is hidden of one kind: message, document, run."""
        names = (name.partition(":") for name in self.objects)
        return [UUID(identity) for named, _, identity in names if named == kind and len(identity) == 36]


NOTHING = Unseen(frozenset(), "")


def limited_people(room: Related) -> dict[UUID, Clearance]:
    """Return the clearances of the people of the organization who were given one; kept while the epoch stands.

    Through a service a person sees no more than what may flow to it.
    """
    kept = _known.get(room.id)
    if kept is None or kept[0] != room.epoch:
        if len(_known) >= MOST_KEPT:
            _known.clear()
        rows = ObjectClearance.objects.filter(object__startswith=PERSON)
        kept = _known[room.id] = (room.epoch, {UUID(row.object[len(PERSON) :]): _clearance(row) for row in rows})
    bound, known = current_bound(), kept[1]
    if bound is None or (lower := bound.lower(known.get(bound.person.pk))) is None:
        return known
    return known | {bound.person.pk: lower}


def clearance_of_person(user: User) -> Clearance | None:
    """Return the clearance that a person was given, if any; through a service, no more than what may flow to it."""
    row = ObjectClearance.objects.filter(object=f"{PERSON}{user.pk}").first()
    own = _clearance(row) if row else None
    bound = current_bound()
    return bound.lower(own) if bound is not None and bound.person == user else own


def covers(clearance: Clearance | None, label: Label) -> bool:
    """True when somebody with `clearance` (None: not limited) may see what has `label`."""
    if clearance is None:
        return True
    places, residency = clearance.places, label.residency
    stays = places is None or residency is None or (places != frozenset() and places <= residency)
    return stays and label.rank <= clearance.rank and label.compartments <= clearance.compartments


def may_see(user: User, room: Related, label: Label) -> bool:
    """True when `user`, who is in `room`, may see what has `label` there."""
    return covers(limited_people(room).get(user.pk), label)


def unseen_by(user: User, room: Related | None = None) -> Unseen:
    """Return everything with a label of its own that `user` may not see; nothing, without a query, for most people."""
    clearance = limited_people(room).get(user.pk) if room is not None else clearance_of_person(user)
    if clearance is None:
        return NOTHING
    rows = ObjectLabel.objects.exclude(object__contains="/").values_list("object", "label")
    labels = ((name, read_label(stored)) for name, stored in rows)
    hidden = frozenset(name for name, label in labels if label is not None and not covers(clearance, label))
    return Unseen(hidden - {row.object for row in admissions_of(user)}, clearance.level)


def admissions_of(user: User) -> list[Admission]:
    """Return what `user` was admitted to by itself, now; nobody is through a service."""
    if (bound := current_bound()) and bound.service:
        return []
    rows = Admission.objects.filter(user=user, revoked_at=None).select_related("admitted_by")
    return list(rows.filter(Q(until=None) | Q(until__gt=timezone.now())).order_by("-created_at"))


def is_admitted(user: User, object: str) -> bool:
    """True when `user` was admitted to `object` (a ledger name) by itself, now."""
    return any(row.object == object for row in admissions_of(user))


def as_seen_by(user: User, wanted: Wanted) -> Wanted:
    """Narrow a filter of a ledger to the events that `user` may see; a manifest says so."""
    unseen = unseen_by(user)
    if unseen == NOTHING:
        return wanted
    about = Q(object__in=unseen.objects) | Q(run__in=unseen.ids("run"))
    return Wanted({**wanted.given, "clearance": unseen.level}, wanted.condition & ~about)


def _clearance(row: Any) -> Clearance:
    return Clearance(row.level, frozenset(name for name in row.eligible if name.startswith(NEED)))
