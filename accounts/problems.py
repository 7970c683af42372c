"""How a refusal is answered: a page for people, `application/problem+json` for programs."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from accounts.errors import Problem


def problem_document(problem: Problem) -> dict[str, Any]:
    """Return the RFC 9457 document of `problem`."""
    errors = [{"path": path, "message": message} for path, message in problem.errors]
    return {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "errors": errors,
        **problem.extra,
    }


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Answer `request` with `problem` in the form its caller reads."""
    response = _document(problem) if _is_program(request) else _page(request, problem)
    response.afterwards = problem.afterwards  # type: ignore[attr-defined]
    response.boundary = problem.boundary  # type: ignore[attr-defined]
    return response


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or "application/problem+json" in request.headers.get("Accept", "")


def _document(problem: Problem) -> HttpResponse:
    return JsonResponse(problem_document(problem), status=problem.status, content_type="application/problem+json")


def _page(request: HttpRequest, problem: Problem) -> HttpResponse:
    template = "_problem.html" if request.headers.get("HX-Request") else "problem.html"
    return render(request, template, {"problem": problem}, status=problem.status)
