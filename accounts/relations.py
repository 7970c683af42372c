"""Relations of an actor to a room: guardian holds the grants, a snapshot with an epoch answers on the hot path."""

from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import uuid_utils.compat as uuids
from django.db.models import Q
from django.utils import timezone
from guardian.shortcuts import assign_perm
from guardian.utils import get_user_obj_perms_model

from accounts.bounds import current_bound
from accounts.ledger.record import record
from accounts.models import User

EDITOR = ("view", "post_message", "edit_document", "start_run", "edit_team", "read_ledger", "export_ledger")
PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": frozenset({*EDITOR, "decide_approval", "manage_room"}),
    "editor": frozenset(EDITOR),
    "approver": frozenset({*EDITOR, "decide_approval"}),
    "auditor": frozenset({"view", "read_ledger", "export_ledger"}),
    "viewer": frozenset({"view"}),
    "agent": frozenset({"view", "post_message", "edit_document"}),
}
PEOPLE_RELATIONS = tuple(name for name in PERMISSIONS if name != "agent")


class Related(Protocol):
    """A room as relations see it: an id and an epoch that changes with every grant and revoke."""

    id: UUID
    epoch: UUID

    def save(self, *args: Any, **kwargs: Any) -> None: ...


class Snapshot(NamedTuple):
    """What everybody may do in a room; good while its epoch stands, and until `ends`, when a grant runs out."""

    epoch: UUID
    ends: datetime | None
    held: dict[UUID, frozenset[str]]


_snapshots: dict[UUID, Snapshot] = {}


def grant(actor: User | None, user: User, relation: str, room: Any, until: datetime | None = None) -> None:
    """Give `user` the permissions of `relation` to `room` and log it: exactly these, for good; or with `until` those
    that are not held for good, which end at that time by themselves."""
    wanted, rows = PERMISSIONS[relation], _rows(room).filter(user=user)
    if until is None:
        rows.exclude(permission__codename__in=wanted).delete()
    else:
        rows.exclude(until=None).delete()
    lacking = wanted - set(rows.filter(until=None).values_list("permission__codename", flat=True))
    for codename in lacking:
        assign_perm(codename, user, room)
    rows.filter(permission__codename__in=lacking).update(until=until)
    _change_epoch(room)
    payload = {"user": str(user.id), "relation": relation} | ({"until": until.isoformat()} if until else {})
    record("relation.granted", actor=actor, ledger=room.id, object=user.ledger_name, payload=payload)


def revoke(actor: User | None, user: User, room: Any) -> None:
    """Take all permissions to `room` from `user` and log it."""
    _rows(room).filter(user=user).delete()
    _change_epoch(room)
    record("relation.revoked", actor=actor, ledger=room.id, object=user.ledger_name, payload={"user": str(user.id)})


def permissions_of(user: User, room: Related) -> frozenset[str]:
    """Return what `user` may do in `room` now: what they hold, in a call by a narrowed token what it leaves of it."""
    held = held_in(room, user)
    return held if (bound := current_bound()) is None else bound.narrow(user, room.id, held)


def held_in(room: Related, user: User) -> frozenset[str]:
    """Return what `user` holds in `room` now: microseconds while nothing changed or ran out, else one query."""
    kept = _snapshots.get(room.id)
    if kept is None or kept.epoch != room.epoch or (kept.ends is not None and kept.ends <= timezone.now()):
        kept = _snapshots[room.id] = _load(room)
    return kept.held.get(user.pk, frozenset()) if user.is_active else frozenset()


def _load(room: Any) -> Snapshot:
    now = timezone.now()
    found: dict[UUID, set[str]] = {}
    ends: datetime | None = None
    standing = _rows(room).filter(Q(until=None) | Q(until__gt=now))
    for user_id, codename, until in standing.values_list("user_id", "permission__codename", "until"):
        found.setdefault(user_id, set()).add(codename)
        ends = min(ends or until, until) if until else ends
    return Snapshot(room.epoch, ends, {user_id: frozenset(codenames) for user_id, codenames in found.items()})


def _rows(room: Any) -> Any:
    return get_user_obj_perms_model(room)._default_manager.filter(content_object_id=room.id)


def _change_epoch(room: Related) -> None:
    room.epoch = uuids.uuid7()
    room.save(update_fields=["epoch"])
