"""Ask a scripted server as an agent would, with what most tests need given."""

from collections.abc import Callable, Sequence
from typing import Any

from orchestration.brains.conversation import Asked, Message, Offered, Schema
from orchestration.brains.endpoint import EndpointConfig
from orchestration.brains.model import request
from tests.live.scripted_openai import ScriptedOpenAI

KEY = "sk-very-secret-key"
HISTORY: list[Message] = [
    {
        "kind": "request",
        "parts": [
            {"part_kind": "system-prompt", "content": "You are ada."},
            {"part_kind": "user-prompt", "content": "Read the claim."},
        ],
    }
]
READ = Offered(
    "documents.read",
    "Read one document",
    {"type": "object", "properties": {"document": {"type": "string"}}, "required": ["document"]},
)
SCHEMA: Schema = {"type": "object", "properties": {"summary": {"type": "string"}, "total_cents": {"type": "integer"}}}


def endpoint(server: ScriptedOpenAI, **changes: Any) -> EndpointConfig:
    """The scripted server as a trusted endpoint with a key."""
    given: dict[str, Any] = {"slug": "local", "url": server.url, "model": "scripted", "key": KEY}
    return EndpointConfig(**{**given, "trusted": {server.place}, **changes})


def ask(
    server: ScriptedOpenAI,
    history: Sequence[Message] = tuple(HISTORY),
    *,
    offered: Sequence[Offered] = (READ,),
    schema: Schema | None = None,
    on_delta: Callable[[str], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    max_tokens: int = 500,
    **changes: Any,
) -> Asked:
    """One request; `changes` are fields of the endpoint."""
    return request(
        endpoint(server, **changes),
        history,
        offered,
        schema,
        on_delta=on_delta,
        should_stop=should_stop,
        max_tokens=max_tokens,
    )
