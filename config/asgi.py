"""ASGI entry point: pages and API over HTTP, rooms over WebSocket."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()

from workrooms.routing import websocket  # noqa: E402  (models must be loaded first)

application = ProtocolTypeRouter({"http": http, "websocket": websocket})
