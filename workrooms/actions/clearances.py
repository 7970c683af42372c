"""What people are cleared to see, said by owners of the organization. It counts at once, on open sockets too."""

from collections.abc import Iterable
from functools import partial

import uuid_utils.compat as uuids
from django.db.transaction import on_commit

from accounts.authority.labels import NEED
from accounts.clearances import PERSON
from accounts.errors import Invalid, NotFound
from accounts.labelling import set_clearance
from accounts.ledger.record import record
from accounts.models import Membership, ObjectClearance, User
from workrooms.broadcasts import broadcast_control
from workrooms.models import Workroom


def clear_person(user: User, *, actor: User, level: str | None, compartments: Iterable[str] = ()) -> None:
    """Limit what a person sees to a level and to compartments (tags that begin with `need:`); None lifts the limit.

    Raises NotFound for somebody of another organization, Invalid for what is no level or compartment. Logged.
    """
    if not Membership.objects.filter(user=user).exists():
        raise NotFound("There is no such person in this organization.")
    named = sorted(set(compartments))
    if strange := [name for name in named if not name.startswith(NEED) or len(name) > 60]:
        raise Invalid("This clearance cannot be used.", [("eligible", f"{strange[0][:40]}: expected {NEED}…")])
    object = f"{PERSON}{user.pk}"
    if level is None:
        ObjectClearance.objects.filter(object=object).delete()
        record("clearance.set", actor=actor, object=object, payload={"level": None})
    else:
        set_clearance(object, actor=actor, level=level, eligible=named)
    for room in Workroom.objects.select_for_update(no_key=True).order_by("id"):
        room.epoch = uuids.uuid7()
        room.save(update_fields=["epoch"])
        on_commit(partial(broadcast_control, room.id, relations=True))
