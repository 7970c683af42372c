"""People of an organization: brought in, given a role, taken out."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.actions.consents import end_consents
from accounts.actions.organizations import add_member
from accounts.errors import Conflict, Invalid, NotFound
from accounts.ledger.record import record
from accounts.models import Membership, Organization, User
from accounts.signals import membership_ended


def create_person(*, email: str, name: str, password: str | None = None) -> User:
    """Make a person who can sign in. Raises Invalid with every mistake named, Conflict for a known address."""
    errors: list[tuple[str, str]] = []
    email, name = email.strip().lower(), " ".join(name.split())
    try:
        validate_email(email)
    except ValidationError:
        errors.append(("email", f"expected an e-mail address, found {email[:80]!r}"))
    if not name or len(name) > 120 or not name.isprintable():
        errors.append(("name", "expected 1 to 120 printable characters"))
    try:
        if password is not None:
            validate_password(password, User(email=email, name=name))
    except ValidationError as problem:
        errors += [("password", message) for message in problem.messages]
    if errors:
        raise Invalid("This person cannot be added.", errors)
    if User.objects.filter(email=email).exists():
        raise Conflict(f"{email} is known already.", [("email", "taken")])
    return User.objects.create_user(email, password, name=name)


def bring_in(organization: Organization, *, actor: User, email: str, name: str, role: str) -> Membership:
    """Make a person a member: one who is known by the address, or a new one, who chooses a password by its reset.

    Raises Invalid, Conflict.
    """
    if role not in Membership.Role.values:
        raise Invalid(f"{role!r} is no role.", [("role", f"expected {', '.join(Membership.Role.values)}")])
    user = User.objects.filter(email=email.strip().lower(), kind=User.Kind.PERSON).first()
    return add_member(organization, actor=actor, user=user or create_person(email=email, name=name), role=role)


def member_of(organization: Organization, user_id: object) -> User:
    """Return somebody who belongs to the organization. Raises NotFound."""
    found = Membership.objects.select_related("user").filter(organization=organization, user_id=user_id).first()
    if found is None:
        raise NotFound("That person does not belong to this organization.")
    user: User = found.user
    return user


def take_out(organization: Organization, *, actor: User, user_id: object) -> User:
    """End a membership; what it opened in rooms ends with it. Raises NotFound, Conflict for the last owner."""
    rows = Membership.objects.select_for_update(of=("self",), no_key=True).select_related("user").order_by("created_at")
    members = list(rows.filter(organization=organization))
    found = next((each for each in members if str(each.user_id) == str(user_id)), None)
    if found is None:
        raise NotFound("That person does not belong to this organization.")
    owners = [each for each in members if each.role == Membership.Role.OWNER]
    if owners == [found]:
        raise Conflict(f"{found.user.name} is the last owner of {organization.name}.", [("user", "the last owner")])
    user: User = found.user
    found.delete()
    payload = {"user": str(user.id), "name": user.name}
    end_consents(user, actor=actor)
    record("membership.removed", actor=actor, object=user.ledger_name, payload=payload)
    membership_ended.send(sender=Membership, user=user, actor=actor)
    return user
