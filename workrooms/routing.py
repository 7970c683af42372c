"""Socket addresses."""

from channels.routing import URLRouter
from django.urls import path

from workrooms.consumers import RoomConsumer

patterns = [path("ws/workrooms/<str:room>", RoomConsumer.as_asgi())]
websocket = URLRouter(patterns)
