"""Bearer tokens: shown once, kept as a digest."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from django.db.transaction import on_commit
from django.utils import timezone

from accounts.bounds import checked_verbs
from accounts.errors import Invalid, NotFound
from accounts.ledger.record import record
from accounts.models import Organization, Token, User
from accounts.signals import token_ended

LONGEST_DAYS = 3650
PREFIX = "wr_"


def create_token(
    organization: Organization, *, actor: User, name: str, days: int | None = None, verbs: Iterable[str] = ()
) -> tuple[Token, str]:
    """Make a token for `actor` in the organization; return its row and its secret, which is never shown again.

    It ends after `days`, or never when None, and is narrowed to `verbs` (`accounts.bounds.VERBS`) if there are any.
    Raises Invalid.
    """
    narrowed = checked_verbs(verbs) if (verbs := tuple(verbs)) else None
    clean = " ".join(name.split())
    if not clean or len(clean) > 80:
        raise Invalid("A token needs a name.", [("name", "expected 1 to 80 characters")])
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Invalid("A token lasts 1 to 3650 days.", [("days", f"expected 1 to {LONGEST_DAYS}, found {days}")])
    secret = PREFIX + secrets.token_urlsafe(32)
    row = Token.objects.create(
        organization=organization,
        user=actor,
        name=clean,
        digest=hashlib.sha256(secret.encode()).hexdigest(),
        verbs=narrowed,
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    token: Token = row
    payload = {"name": clean, "days": days, **({"verbs": narrowed} if narrowed else {})}
    record("token.created", actor=actor, object=f"token:{token.id}", payload=payload)
    return token, secret


def revoke_token(token: Token, *, actor: User) -> None:
    """End a token now. Revoking again changes nothing."""
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        on_commit(partial(token_ended.send, sender=Token, digest=token.digest))
        record("token.revoked", actor=actor, object=f"token:{token.id}", payload={"name": token.name})


def token_of(actor: User, token_id: object) -> Token:
    """Return a token of `actor`'s own. Raises NotFound."""
    found: Token | None = Token.objects.filter(pk=token_id, user=actor, consent=None).first()
    if found is None:
        raise NotFound("You have no such token.")
    return found
