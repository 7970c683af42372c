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
    if request.path.startswith("/api/") or "application/problem+json" in request.headers.get("Accept", ""):
        return JsonResponse(problem_document(problem), status=problem.status, content_type="application/problem+json")
    template = "_problem.html" if request.headers.get("HX-Request") else "problem.html"
    return render(request, template, {"problem": problem}, status=problem.status)
