"""Where everything is mounted."""

from django.urls import URLPattern, URLResolver, include, path

from config.health import livez, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", livez),
    path("readyz", readyz),
    path("account/", include("allauth.account.urls")),
]
