"""The only door to an organization's own affairs."""

from typing import Any

from accounts.errors import Forbidden, NotFound
from accounts.models import Membership, Organization, User


def access_organization(actor: User | Any, organization: Organization, *, owner: bool = False) -> Membership:
    """Return the membership of `actor`. Raises NotFound for an outsider, Forbidden without a needed ownership."""
    membership: Membership | None = None
    if isinstance(actor, User):
        membership = Membership.objects.filter(organization=organization, user=actor).first()
    if membership is None:
        raise NotFound("There is no such organization, or you do not belong to it.")
    if owner and membership.role != Membership.Role.OWNER:
        raise Forbidden(f"Only owners of {organization.name} may do this.")
    return membership
