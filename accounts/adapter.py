"""How allauth behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People come by invitation or from the operator's first-owner link, never by open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
