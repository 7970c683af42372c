"""Services of an organization: registered with a public key, given another one, revoked."""

from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_public_key
from django.db import transaction
from django.db.models import Max
from django.db.utils import IntegrityError
from django.utils import timezone

from accounts.actions.naming import checked_name, checked_slug
from accounts.errors import Conflict, Invalid, NotFound
from accounts.ledger.record import record
from accounts.ledger.verify import key_id
from accounts.models import Organization, Service, Token, User
from accounts.signals import consent_ended


def register_service(
    organization: Organization, *, actor: User, name: str, kind: str, pem: str, slug: str = ""
) -> tuple[Service, str]:
    """Make a service known, with its public key as PEM text; without one a pair is made for it.

    Return its row and the private half as PEM text, which is never shown again ("" where a key was given). Raises
    Invalid, Conflict for an address that is taken.
    """
    clean = checked_name(name, "A service")
    wanted = checked_slug(slug, clean)
    if kind not in Service.Kind.values:
        raise Invalid(f"{kind[:40]!r} is no kind of service.", [("kind", f"one of {', '.join(Service.Kind.values)}")])
    public, private = _given_or_made(pem)
    try:
        with transaction.atomic():
            row: Service = Service.objects.create(
                organization=organization, user=User.objects.create_service(clean), slug=wanted, kind=kind,
                key_id=key_id(public), public=public, registered_by=actor,
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(f"A service with the address {wanted!r} is there already.", [("slug", "taken")]) from None
    payload = {"name": clean, "slug": wanted, "kind": kind, **_named(row)}
    record("service.registered", actor=actor, object=row.user.ledger_name, payload=payload)
    return row, private


def replace_key(service: Service, *, actor: User, pem: str) -> str:
    """Give a service another key, as `register_service` does; the old key and every token got with it end now."""
    if service.revoked_at is not None:
        raise Conflict(f"{service} was revoked. Register it anew.")
    public, private = _given_or_made(pem)
    service.key_id, service.public = key_id(public), public
    service.save(update_fields=["key_id", "public"])
    Token.objects.filter(consent__service=service, revoked_at=None).update(revoked_at=timezone.now())
    record("service.key_replaced", actor=actor, object=service.user.ledger_name, payload=_named(service))
    return private


def revoke_service(service: Service, *, actor: User) -> None:
    """End a service: its key, its tokens and what people let it do. Revoking again changes nothing."""
    if service.revoked_at is None:
        service.revoked_at = timezone.now()
        service.save(update_fields=["revoked_at"])
        record("service.revoked", actor=actor, object=service.user.ledger_name, payload={"name": service.user.name})
        consent_ended.send(Service, service=service.user, person=None, room=None)


def service_of(slug: str) -> Service:
    """Return a service of this organization by its address, a revoked one too. Raises NotFound."""
    found: Service | None = Service.objects.select_related("user").filter(slug=slug).first()
    if found is None:
        raise NotFound("There is no such service.")
    return found


def services() -> Any:
    """Every service of this organization by name; `used` is when it acted last."""
    rows = Service.objects.select_related("user", "registered_by").order_by("user__name", "id")
    return rows.annotate(used=Max("consents__last_used_at"))


def service_json(service: Service) -> dict[str, Any]:
    """Return a service as programs see it; `id` is the name under which it signs."""
    return {
        "id": str(service.id),
        "slug": service.slug,
        "name": service.user.name,
        "kind": service.kind,
        "key_id": service.key_id,
        "registered_by": service.registered_by.name,
        "registered_at": service.created_at,
        "last_used_at": getattr(service, "used", None),
        "revoked_at": service.revoked_at,
    }


def _given_or_made(pem: str) -> tuple[bytes, str]:
    if not pem.strip():
        made = Ed25519PrivateKey.generate()
        private = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return made.public_key().public_bytes_raw(), private
    if "PRIVATE" in pem:
        raise Invalid(
            "This is a private key. Keep it to yourself, make another pair, and paste its public half.",
            [("key", "expected a public key")],
        )
    try:
        key = load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        example = "expected PEM text that begins with -----BEGIN PUBLIC KEY-----"
        raise Invalid("This is no Ed25519 public key.", [("key", example)])
    return key.public_bytes_raw(), ""


def _named(service: Service) -> dict[str, str]:
    return {"key": service.key_id, "public": bytes(service.public).hex()}
