"""Who may listen to a room: by browser session or bearer token, checked at the door and whenever relations change."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import groupby
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie

from accounts.errors import Problem
from accounts.models import User
from accounts.reach import bearer_of, organizations_of
from accounts.sessions import outlived
from accounts.tenancy import unit_of_work
from workrooms.models import Workroom
from workrooms.policies import access_workroom


@dataclass(frozen=True, slots=True)
class Credential:
    """By what a socket is here: exactly one of session key and token digest."""

    session_key: str = ""
    token_digest: str = ""

    @property
    def session_digest(self) -> str:
        return session_digest(self.session_key) if self.session_key else ""


@dataclass(frozen=True, slots=True)
class Place:
    """A room and its organization."""

    organization_id: UUID
    room_id: UUID


def session_digest(session_key: str) -> str:
    """Return the name under which the end of a browser session is announced."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def credential_in(headers: Mapping[bytes, bytes]) -> Credential | None:
    """Return what the handshake carries: a bearer token, or a session cookie that came from our own pages."""
    scheme, _, secret = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return Credential(token_digest=hashlib.sha256(secret.strip().encode()).hexdigest())
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    key = cookies.get(settings.SESSION_COOKIE_NAME, "")
    return Credential(session_key=key) if key and same_origin(headers) else None


def same_origin(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a page of ours made the handshake: a cookie alone proves nothing, any page can have it sent."""
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    return bool(origin) and (urlsplit(origin).netloc == host or origin in settings.CSRF_TRUSTED_ORIGINS)


def person_behind(credential: Credential) -> tuple[User, list[UUID]] | None:
    """Return the user and the organizations the credential opens, or None when it is no longer good.

    A narrowed token opens no socket: everything that happens in a room is more than it names.
    """
    if credential.token_digest:
        bearer = bearer_of(credential.token_digest)
        if bearer is None or bearer.narrowed:
            return None
        return User.objects.get(pk=bearer.user_id), [bearer.organization_id]
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(credential.session_key)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active or outlived(request.session):
        return None
    chosen = request.session.get("organization")
    return user, sorted(organizations_of(user), key=lambda one: str(one) != chosen)


def place_of(credential: Credential, room: str) -> Place | None:
    """Return where `room` (id or slug) is for this credential, or None when it may not listen there.

    A slug is looked up in the session's current organization first. Raises PermissionError when the credential is no
    longer good.
    """
    found = person_behind(credential)
    if found is None:
        raise PermissionError("signed out")
    user, organizations = found
    for organization_id in organizations:
        try:
            with unit_of_work(organization_id):
                return Place(organization_id, access_workroom(user, room).id)
        except Problem:
            continue
    return None


def epochs(places: Iterable[Place]) -> dict[UUID, UUID]:
    """Return the epoch of each room: it changes with every grant and revoke."""
    found: dict[UUID, UUID] = {}
    ordered = sorted(places, key=lambda place: str(place.organization_id))
    for organization_id, group in groupby(ordered, key=lambda place: place.organization_id):
        with unit_of_work(organization_id):
            rooms = Workroom.objects.filter(pk__in=[place.room_id for place in group])
            found.update(rooms.values_list("id", "epoch"))
    return found
