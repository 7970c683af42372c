"""Who may sign in when the product stands, and that nobody from outside can with a password everybody knows."""

import os

import psycopg
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core import signing

from accounts.actions.first_owner import SALT
from config.child import Unusable
from config.demo.people import OUTSIDER, PEOPLE, PUBLIC_PASSWORD

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def refuse_public_passwords(host: str) -> None:
    """Raise Unusable where other machines could sign in with the demo's public password."""
    if host not in LOOPBACK:
        reason = f"other machines can reach {host}, and the password of the demo's people is public"
        raise Unusable(
            f"HOST: {reason}; use --no-demo on an empty database, or set WORKROOM_DEMO_PASSWORD before seeding"
        )


def public_passwords(owner_url: str) -> bool:
    """Whether somebody of the demo has the public password."""
    return any(check_password(PUBLIC_PASSWORD, stored) for stored in _demo_people(owner_url).values())


def after_ready(owner_url: str, url: str) -> str:
    """Return what to say when ready: the demo's sign-ins, or a one-time link where there is nobody yet."""
    there = _demo_people(owner_url)
    with psycopg.connect(owner_url) as connection:
        anybody = connection.execute("SELECT EXISTS (SELECT 1 FROM accounts_user)").fetchone()
    if anybody == (False,):
        return f"First owner, once, within seven days: {url}first-owner/{signing.dumps('first owner', salt=SALT)}/"
    mail = (
        [] if "EMAIL_URL" in os.environ else [f"Mail, as long as EMAIL_URL is not set: {settings.WORKROOM_HOME}/logs"]
    )
    if not there:
        return "\n".join(["Sign in with your own account.", *mail])
    password = "that in WORKROOM_DEMO_PASSWORD" if settings.WORKROOM_DEMO_PASSWORD else PUBLIC_PASSWORD
    people = [person for person in (*PEOPLE, OUTSIDER) if person.email in there]
    lines = [f"  {person.email:<28}{person.name}, {person.position}: {person.does}" for person in people]
    return "\n".join([f"Demo sign-ins, all with the password {password}:", *lines, *mail])


def _demo_people(owner_url: str) -> dict[str, str]:
    """Return the stored password of each of the demo's people, by e-mail address."""
    addresses = [person.email for person in (*PEOPLE, OUTSIDER)]
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute("SELECT email, password FROM accounts_user WHERE email = ANY(%s)", [addresses])
        return dict(rows.fetchall())
