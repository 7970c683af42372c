"""The first owner of an installation without anybody: a one-time link, printed by `manage.py up --no-demo`."""

from django.core import signing
from django.db import transaction

from accounts.actions.members import create_person
from accounts.actions.organizations import create_organization
from accounts.errors import NotFound
from accounts.models import Organization, User

SALT = "accounts.first-owner"
VALID_SECONDS = 7 * 24 * 3600


def claim_installation(token: str, *, email: str, name: str, password: str, organization: str) -> Organization:
    """Make the first person and their organization. Raises NotFound when the link is used or too old, Invalid."""
    check_token(token)
    with transaction.atomic():
        owner = create_person(email=email, name=name, password=password)
        return create_organization(owner=owner, name=organization)


def check_token(token: str) -> None:
    """Raise NotFound unless the link may still be used: once, within seven days."""
    try:
        signing.loads(token, salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature:
        raise NotFound("This link does not hold any more.") from None
    if User.objects.exists():
        raise NotFound("This installation has its owner already. Sign in instead.")
