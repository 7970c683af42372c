"""Organizations and who belongs to them."""

import uuid_utils.compat as uuids
from django.db import IntegrityError

from accounts.actions.naming import checked_name, checked_slug
from accounts.errors import Conflict
from accounts.ledger.record import record
from accounts.ledger.signing import new_key_pair
from accounts.models import Ledger, Membership, Organization, SigningKey, User
from accounts.secrets import seal_secret
from accounts.tenancy import unit_of_work


def create_organization(*, owner: User, name: str, slug: str = "") -> Organization:
    """Found an organization with its first owner, its ledger and its signing key, in a unit of work of its own.

    Raises Invalid for a name or slug that cannot be used, Conflict for a slug that is taken.
    """
    name = checked_name(name, "An organization")
    wanted = checked_slug(slug, name)
    identity = uuids.uuid7()
    try:
        with unit_of_work(identity):
            organization = Organization.objects.create(id=identity, name=name, slug=wanted)
            Ledger.objects.create(id=identity, organization=organization)
            payload = {"name": name, "slug": wanted}
            record("organization.created", actor=owner, object=f"organization:{identity}", payload=payload)
            _make_key(organization)
            add_member(organization, actor=owner, user=owner, role=Membership.Role.OWNER)
    except IntegrityError:
        raise Conflict(f"The address {wanted!r} is taken.", [("slug", "taken")]) from None
    return organization


def _make_key(organization: Organization) -> None:
    pair = new_key_pair()
    SigningKey.objects.create(
        organization=organization, key_id=pair.key_id, public=pair.public, private_sealed=seal_secret(pair.private)
    )
    record("key.created", actor=None, object=f"key:{pair.key_id}", payload={"public": pair.public.hex()})


def rename_organization(organization: Organization, *, actor: User, name: str) -> None:
    """Change the name; the address stays. Raises Invalid."""
    organization.name = checked_name(name, "An organization")
    organization.save(update_fields=["name"])
    named = f"organization:{organization.id}"
    record("organization.renamed", actor=actor, object=named, payload={"name": organization.name})


def add_member(
    organization: Organization, *, actor: User, user: User, role: str = Membership.Role.MEMBER
) -> Membership:
    """Let a person belong to the organization. Raises Conflict when they already do."""
    membership, created = Membership.objects.get_or_create(
        organization=organization, user=user, defaults={"role": role}
    )
    if not created:
        raise Conflict(f"{user.name} belongs to {organization.name} already.", [("email", "already a member")])
    payload = {"user": str(user.id), "name": user.name, "role": str(role)}
    record("membership.added", actor=actor, object=user.ledger_name, payload=payload)
    found: Membership = membership
    return found
