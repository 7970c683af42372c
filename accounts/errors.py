"""Refusals that people and programs read: RFC 9457 problems."""

from collections.abc import Callable, Sequence
from typing import Any


class Problem(Exception):
    """A refusal with an HTTP status, a title, a sentence of detail and located errors `(path, message)`;
    `extra` are further members of the problem document. Of the refused request nothing is kept; `afterwards` is then
    done in a unit of work of its own. `boundary` is what was in the way: the ledger keeps it, nobody is told."""

    status = 400
    title = "Bad request"

    def __init__(self, detail: str = "", errors: Sequence[tuple[str, str]] = (), **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.extra = extra
        self.afterwards: Callable[[], None] | None = None
        self.boundary = ""


class NotFound(Problem):
    """It does not exist, or the caller may not know that it does: the two look the same."""

    status = 404
    title = "Not found"


class Forbidden(Problem):
    """The caller may see it but not change it."""

    status = 403
    title = "Not permitted"


class Conflict(Problem):
    """It changed meanwhile, or was decided already."""

    status = 409
    title = "Conflict"


class Invalid(Problem):
    """The input cannot be used; `errors` says where and what was expected."""

    status = 422
    title = "Invalid input"


class TooLarge(Problem):
    """The upload is over the limit."""

    status = 413
    title = "Too large"


class TooMany(Problem):
    """Asked too often; `detail` says when it can be asked again."""

    status = 429
    title = "Too many requests"
