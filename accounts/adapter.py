"""How allauth behaves here."""

from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.ledger.record import record
from accounts.models import User
from accounts.reach import organizations_of
from accounts.tenancy import unit_of_work

log = structlog.get_logger()


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People come by invitation or from the operator's first-owner link, never by open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the person's password."""
        request = self.request
        found = self.authenticate(request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse when there were too many tries."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            log.warning("sign_in.too_many_tries", ip=self.get_client_ip(request))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Log the try: for somebody known in the ledgers of their organizations, else in the server's log."""
        address = str(credentials.get("email", "")).strip().lower()
        user = User.objects.filter(email=address, kind=User.Kind.PERSON).first()
        ip = self.get_client_ip(request)
        if user is None:
            log.warning("sign_in.unknown_address", ip=ip)
            return
        for organization_id in organizations_of(user):
            with unit_of_work(organization_id):
                record("session.denied", actor=None, object=user.ledger_name, payload={"method": "password", "ip": ip})
