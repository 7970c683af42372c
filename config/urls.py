"""Where everything is mounted."""

from django.urls import URLPattern, URLResolver, include, path

from config.api import api
from config.demo.entrance import enter
from config.health import livez, readyz
from config.metrics import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", livez),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/v1/", api.urls),
    path("account/", include("allauth.account.urls")),
    path("demo/", enter, name="demo"),
    path("", include("accounts.urls")),
    path("", include("workrooms.urls")),
    path("", include("orchestration.urls")),
]
