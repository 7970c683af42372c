"""Search, as a page and for the palette."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from workrooms.search import question, search
from workrooms.shell import actor_of, page


@require_GET
def find(request: HttpRequest, organization: str) -> HttpResponse:
    """Show what `?q=` finds; the palette gets the list alone."""
    asked = request.GET.get("q", "")
    hits = search(question(asked), actor_of(request)) if asked.strip() else []
    if request.headers.get("HX-Request"):
        return render(request, "workrooms/search/_hits.html", {"hits": hits, "q": asked})
    return render(request, "workrooms/search/index.html", page(request, "search", hits=hits, q=asked))
