"""Relations of an actor to a room: guardian holds the grants, a snapshot with an epoch answers on the hot path."""

from typing import Any, Protocol
from uuid import UUID

import uuid_utils.compat as uuids
from guardian.shortcuts import assign_perm, remove_perm
from guardian.utils import get_user_obj_perms_model

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


_snapshots: dict[UUID, tuple[UUID, dict[UUID, frozenset[str]]]] = {}


def grant(actor: User | None, user: User, relation: str, room: Any) -> None:
    """Give `user` exactly the permissions of `relation` to `room` and log it."""
    wanted, present = PERMISSIONS[relation], permissions_of(user, room)
    for codename in wanted - present:
        assign_perm(codename, user, room)
    for codename in present - wanted:
        remove_perm(codename, user, room)
    _change_epoch(room)
    payload = {"user": str(user.id), "relation": relation}
    record("relation.granted", actor=actor, ledger=room.id, object=user.ledger_name, payload=payload)


def revoke(actor: User | None, user: User, room: Any) -> None:
    """Take all permissions to `room` from `user` and log it."""
    for codename in permissions_of(user, room):
        remove_perm(codename, user, room)
    _change_epoch(room)
    record("relation.revoked", actor=actor, ledger=room.id, object=user.ledger_name, payload={"user": str(user.id)})


def permissions_of(user: User, room: Related) -> frozenset[str]:
    """Return what `user` may do in `room`: microseconds while the room's epoch stands, one query after a change."""
    kept = _snapshots.get(room.id)
    if kept is None or kept[0] != room.epoch:
        kept = _snapshots[room.id] = (room.epoch, _load(room))
    return kept[1].get(user.pk, frozenset()) if user.is_active else frozenset()


def _load(room: Any) -> dict[UUID, frozenset[str]]:
    grants: Any = get_user_obj_perms_model(room)._default_manager.filter(content_object_id=room.id)
    found: dict[UUID, set[str]] = {}
    for user_id, codename in grants.values_list("user_id", "permission__codename"):
        found.setdefault(user_id, set()).add(codename)
    return {user_id: frozenset(codenames) for user_id, codenames in found.items()}


def _change_epoch(room: Related) -> None:
    room.epoch = uuids.uuid7()
    room.save(update_fields=["epoch"])
