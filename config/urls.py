"""Where everything is mounted."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from config.api import api
from config.demo.entrance import enter
from config.health import livez, readyz
from config.metrics import metrics


def closed(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """A door of allauth's that is shut here: owners give addresses, whoever is signed in does not change them."""
    raise Http404


urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", livez),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/v1/", api.urls),
    path("account/login/code/confirm/", closed),
    path("account/email/", closed),
    path("account/confirm-email/", closed),
    path("account/confirm-email/<str:key>/", closed),
    path("account/", include("allauth.account.urls")),
    path("demo/", enter, name="demo"),
    path("", include("accounts.urls")),
    path("", include("workrooms.urls")),
    path("", include("orchestration.urls")),
]
