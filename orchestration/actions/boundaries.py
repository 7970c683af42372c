"""Boundaries of a room, set by its managers: what is taken out of text, and where its agents may reach outside."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.authority.labels import LEVELS
from accounts.authority.patterns import KINDS, ShapeProblem, check_shapes
from accounts.errors import Invalid
from accounts.ledger.record import record
from accounts.models import Boundary, User
from workrooms.models import Workroom

HOST = re.compile(r"(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)*[a-z0-9_](?:[a-z0-9_-]{0,62})|\[[0-9a-f:.]+\]")
MOST_HOSTS = 100
MOST_TAGS = 50


def set_redaction(
    room: Workroom,
    *,
    actor: User,
    kinds: Iterable[str] = (),
    shapes: Mapping[str, str] | None = None,
    up_to: str = "",
    level: str = "internal",
    tags: Iterable[str] = (),
) -> Boundary:
    """Say what is taken out of text before an endpoint that is not cleared for it, and what the text then counts as.

    Text labelled up to `up_to` ("": none) counts as `level`, without `tags`. Raises Invalid. Logged.
    """
    wanted, named, gone = list(dict.fromkeys(kinds)), dict(shapes or {}), sorted(set(tags))
    errors = [("kinds", f"{kind[:40]}: expected {', '.join(KINDS)}") for kind in wanted if kind not in KINDS]
    try:
        check_shapes(named)
    except ShapeProblem as problem:
        errors.append(("shapes", str(problem)))
    errors += [
        (name, f"expected one of {', '.join(LEVELS)}")
        for name, given in (("up_to", up_to), ("level", level))
        if given not in LEVELS and not (name == "up_to" and not given)
    ]
    if len(gone) > MOST_TAGS or any(not tag or len(tag) > 60 for tag in gone):
        errors.append(("tags", f"expected at most {MOST_TAGS} short words"))
    if up_to and not (wanted or named):
        errors.append(("up_to", "nothing is taken out, so no label can become less"))
    if errors:
        raise Invalid("This redaction cannot be used.", errors)
    given = {"kinds": wanted, "shapes": named, "up_to": up_to, "level": level, "tags": gone}
    return _kept(room, actor, "redaction.set", given)


def set_egress(room: Workroom, *, actor: User, hosts: Iterable[str] | None) -> Boundary:
    """Say which hosts ("pay.example", "pay.example:8443", "*.example") the room's agents may reach outside at all.

    None lifts the list: every target of the room may be reached. Raises Invalid. Logged.
    """
    named = None if hosts is None else sorted({host.strip().lower() for host in hosts if host.strip()})
    if named is not None:
        errors = [("hosts", f"{host[:80]}: expected host, host:port or *.host") for host in named if not _is_host(host)]
        if len(named) > MOST_HOSTS:
            errors.append(("hosts", f"expected at most {MOST_HOSTS}"))
        if errors:
            raise Invalid("These places cannot be used.", errors)
    return _kept(room, actor, "egress.set", {"hosts": named})


def boundary_of(room: Workroom) -> Boundary:
    """Return the boundaries of a room; where nobody set any, as they then are."""
    found = Boundary.objects.filter(room=room.id).first()
    return found or Boundary(organization_id=room.organization_id, room=room.id)


def _kept(room: Workroom, actor: User, event: str, given: dict[str, Any]) -> Boundary:
    row: Boundary = Boundary.objects.update_or_create(
        organization_id=room.organization_id, room=room.id, defaults=given
    )[0]
    record(event, actor=actor, ledger=room.id, object=f"workroom:{room.id}", payload=given)
    return row


def _is_host(text: str) -> bool:
    host, colon, port = text.rpartition(":") if re.search(r":\d+$", text) else (text, "", "")
    return bool(HOST.fullmatch(host)) and (not colon or 0 < int(port) < 65_536)
