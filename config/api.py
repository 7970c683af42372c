"""API v1: the apps' routers under one address, one way in, one shape of errors."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from accounts.api import router as accounts_router
from accounts.errors import Forbidden, Invalid, NotFound, Problem
from accounts.keeping_calls import router as keeping_router
from accounts.models import User
from accounts.problems import problem_response
from accounts.service_calls import router as services_router
from orchestration.api import router as orchestration_router
from workrooms.api import router as workrooms_router
from workrooms.api.narrowed import check_call

DESCRIPTION = """
`Authorization: Bearer <token>` (a token belongs to one organization; make one under Settings, or get one as a service
by `POST /token`; narrowed to verbs, it makes only the calls that they name), or the browser's session with its CSRF
token. JSON; UTC ISO 8601; UUIDv7 ids; money as integer cents with a currency. Lists are
`{"items": […], "next": cursor|null}`: send `next` back as `after`. Errors are RFC 9457 `application/problem+json`.
Missing and forbidden are both 404; a write to what you may see but not change is 403. `Idempotency-Key` is honoured on
every POST; an answer that holds a secret is not given again (409).
"""


class SignedOut(Problem):
    """Nobody is signed in, or the token does not hold."""

    status = 401
    title = "Signed out"


class TokenOrSession(AuthBase):
    """Who calls: the middleware has read a token or session already. A session writes only with its CSRF token, a
    narrowed token calls only what it names."""

    openapi_type: str = "http"
    openapi_scheme: str = "bearer"

    def __call__(self, request: HttpRequest) -> User | None:
        """Return the caller, or None (401). Raises Forbidden for a missing CSRF token or organization, and as
        `check_call` does."""
        by_token = getattr(request, "token_organization_id", None) is not None
        asked_by_token = request.headers.get("Authorization", "").lower().startswith("bearer ")
        if not isinstance(request.user, User) or (asked_by_token and not by_token):
            return None
        if not by_token and check_csrf(request) is not None:
            raise Forbidden("The CSRF token is missing or wrong.", [("X-CSRFToken", "expected this session's token")])
        if getattr(request, "organization", None) is None:
            raise NotFound("You belong to no organization.")
        check_call(request)
        return request.user


api = NinjaAPI(
    title="Workroom",
    version="1",
    description=DESCRIPTION,
    auth=TokenOrSession(),
    openapi_url="/openapi.json",
    docs_url="/docs",
    urls_namespace="api",
)
api.add_router("", accounts_router)
api.add_router("", keeping_router)
api.add_router("", services_router)
api.add_router("", workrooms_router)
api.add_router("", orchestration_router)


@api.exception_handler(Problem)
def on_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Answer with the problem."""
    return problem_response(request, problem)


@api.exception_handler(AuthenticationError)
def on_signed_out(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Answer 401."""
    response = problem_response(request, SignedOut("Send a token that holds, or sign in."))
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Http404)
def on_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    """Answer 404."""
    return problem_response(request, NotFound("There is nothing here, or it is not yours to see."))


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer with the error's status: JSON that cannot be read, for one."""
    problem = Problem(error.message)
    problem.status, problem.title = error.status_code, "Bad request"
    return problem_response(request, problem)


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer 422 with the place of every mistake."""
    errors = [(_path(mistake["loc"]), str(mistake["msg"])) for mistake in error.errors]
    return problem_response(request, Invalid("The request cannot be read as this call expects.", errors))


def _path(place: Any) -> str:
    return ".".join(str(part) for part in place if part not in ("body", "query", "path", "payload")) or "body"
