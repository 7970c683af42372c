"""What every page knows."""

from typing import Any

from django.http import HttpRequest


def face(request: HttpRequest) -> dict[str, Any]:
    """The chosen theme (cookie `theme`: light or dark) and the current organization."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in ("light", "dark") else "",
        "organization": getattr(request, "organization", None),
    }
