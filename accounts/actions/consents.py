"""What people let services do in their name: given for one room, exact verbs and a time; taken back at once."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.actions.tokens import PREFIX
from accounts.bounds import VERBS, checked_verbs, in_words
from accounts.errors import Conflict, Forbidden, Invalid, NotFound
from accounts.ledger.record import record
from accounts.models import Consent, Membership, Service, Token, User
from accounts.relations import Related, permissions_of
from accounts.signals import consent_ended

LONGEST_DAYS = 365
TOKEN_SECONDS = 600


class NoConsent(Exception):
    """Nobody consented to what a service asks for; the text says it in the same words whatever is missing."""


def checked_days(days: int | None) -> int:
    """Return how many days a consent holds. Raises Invalid."""
    if days is None or not 1 <= days <= LONGEST_DAYS:
        detail = f"A consent holds 1 to {LONGEST_DAYS} days."
        raise Invalid(detail, [("days", f"expected 1 to {LONGEST_DAYS}, found {days}")])
    return days


def check_held(person: User, room: Related, verbs: Iterable[str]) -> None:
    """Raise Forbidden for a verb that rests on what `person` may not do in `room` themselves."""
    held = permissions_of(person, room)
    if beyond := [verb for verb in verbs if VERBS[verb].permission not in held]:
        raise Forbidden(f"You may not {in_words(beyond)} there yourself, so you cannot let a service do it.")


def give_consent(service: Service, room: Related, *, actor: User, verbs: Iterable[str], days: int | None) -> Consent:
    """Let `service` do `verbs` in `room` in the name of `actor`, in place of what it could there before.

    Raises Invalid, Forbidden, Conflict for a service that was revoked.
    """
    exact, until = checked_verbs(verbs), timezone.now() + timedelta(days=checked_days(days))
    check_held(actor, room, exact)
    if service.revoked_at is not None:
        raise Conflict(f"{service} was revoked.")
    Membership.objects.select_for_update(no_key=True).get(user=actor)
    for earlier in standing(actor).filter(service=service, room=room.id):
        revoke_consent(earlier, actor=actor)
    made: Consent = Consent.objects.create(
        organization_id=service.organization_id, service=service, person=actor, room=room.id, verbs=exact, until=until
    )
    payload = {"service": service.user.ledger_name, "name": service.user.name, "verbs": exact,
               "until": until.isoformat()}  # fmt: skip
    record("consent.given", actor=actor, ledger=room.id, object=f"consent:{made.id}", payload=payload)
    return made


def refuse_consent(service: Service, room: Related, *, actor: User, verbs: Iterable[str]) -> None:
    """Log that `actor` did not let `service` do `verbs` in `room`; what was given before stays."""
    payload = {"service": service.user.ledger_name, "name": service.user.name, "verbs": checked_verbs(verbs)}
    record("consent.refused", actor=actor, ledger=room.id, object=service.user.ledger_name, payload=payload)


def revoke_consent(consent: Consent, *, actor: User | None) -> None:
    """Take a consent back (`actor` None: with a relation whose time has come): every token that rests on it ends now.
    Revoking again changes nothing."""
    if consent.revoked_at is None:
        consent.revoked_at = timezone.now()
        consent.save(update_fields=["revoked_at"])
        payload = {"service": consent.service.user.ledger_name, "name": consent.service.user.name}
        record("consent.revoked", actor=actor, ledger=consent.room, object=f"consent:{consent.id}", payload=payload)
        user = consent.service.user
        consent_ended.send(Consent, service=user, person=consent.person_id, room=consent.room)


def end_consents(person: User, *, actor: User | None, room: Related | None = None) -> None:
    """Take back all that `person` lets services do, in one room if said: they leave, and may come back as another."""
    for consent in standing(person).filter(**({"room": room.id} if room else {})):
        revoke_consent(consent, actor=actor)


def standing(person: User) -> Any:
    """What `person` lets services do that was not taken back, the newest first; what has lapsed is still listed."""
    rows = Consent.objects.select_related("service__user").filter(person=person, revoked_at=None)
    return rows.order_by("-created_at")


def lost_consent(service: UUID, person: UUID, room: UUID, verb: str) -> str:
    """Return why a service (its actor's id) may not do `verb` in a room in a person's name any more, as people read it;
    "" while it may."""
    rows = Consent.objects.select_related("service__user", "person").filter(service__user=service, person=person)
    last: Consent | None = rows.filter(room=room).order_by("-created_at").first()
    if last is None:
        return "Nobody let a service do this here"
    if last.service.revoked_at is not None:
        return f"{last.service} was revoked"
    if last.revoked_at is not None or verb not in last.verbs:
        return f"{last.person.name} no longer lets {last.service} {in_words([verb])} here"
    if last.has_lapsed:
        return f"What {last.person.name} let {last.service} do here ended on {last.until:%a %d %b %H:%M} UTC"
    return ""


def acting_in(room: Related) -> Any:
    """What services may do in `room` now, by service and person."""
    rows = Consent.objects.select_related("service__user", "person").filter(room=room.id, revoked_at=None)
    live = rows.filter(until__gt=timezone.now(), service__revoked_at=None)
    return live.order_by("service__user__name", "person__name", "id")


def consent_of(actor: User, consent_id: object) -> Consent:
    """Return a consent of `actor`'s own. Raises NotFound."""
    found: Consent | None = Consent.objects.select_related("service__user").filter(pk=consent_id, person=actor).first()
    if found is None:
        raise NotFound("You gave no such consent.")
    return found


def issue_token(service: Service, *, person: str, room: UUID | None, verbs: Iterable[str]) -> tuple[Token, str]:
    """Give a service that has proved itself a token for `verbs` in the name of whoever has the address `person`.

    Return its row and its secret. Raises Invalid for verbs that are none, NoConsent where no consent that stands
    covers all of it: whether there is such a person or room is not told.
    """
    wanted, now = checked_verbs(verbs), timezone.now()
    proved = Service.objects.select_for_update(no_key=True).filter(key_id=service.key_id, revoked_at=None)
    rows = Consent.objects.select_related("person").filter(
        service=service, person__email=person.strip().lower(), room=room, revoked_at=None, until__gt=now
    )
    consent = next((row for row in rows if set(wanted) <= set(row.verbs)), None)
    if consent is None or not proved.filter(pk=service.pk).exists():
        raise NoConsent("Nobody with this address has consented to this in this room, or no longer does.")
    secret, until = PREFIX + secrets.token_urlsafe(32), min(consent.until, now + timedelta(seconds=TOKEN_SECONDS))
    Token.objects.filter(consent=consent, expires_at__lt=now).delete()
    token: Token = Token.objects.create(
        organization_id=service.organization_id, user=consent.person, consent=consent, verbs=wanted,
        name=service.user.name[:80], digest=hashlib.sha256(secret.encode()).hexdigest(),
        expires_at=until,
    )  # fmt: skip
    payload = {"consent": str(consent.id), "verbs": wanted, "until": until.isoformat(),
               "key": service.key_id}  # fmt: skip
    record("token.issued", actor=service.user, on_behalf_of=consent.person, ledger=consent.room,
           object=f"token:{token.id}", payload=payload)  # fmt: skip
    return token, secret
