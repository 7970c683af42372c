"""What stands around every page of an organization."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from workrooms.shell import shell_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """`shell`, read only where a template asks; empty where there is no organization."""
    if not isinstance(getattr(request, "user", None), User) or getattr(request, "organization", None) is None:
        return {"shell": {}}
    return {"shell": SimpleLazyObject(lambda: shell_of(request))}
