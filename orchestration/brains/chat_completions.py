"""One streamed request to an OpenAI-compatible server: the only module that touches the language-model library.

The library takes seconds to load, so it is imported when a request is made, which happens in workers only.
"""

import asyncio
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.brains.conversation import FINAL_ANSWER, Message, Offered, clean, wire_name
from orchestration.brains.endpoint import EndpointConfig
from orchestration.brains.streaming import OnDelta
from orchestration.limits.buckets import Place
from orchestration.tools.outbound import guarded_async_client

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.messages import ModelResponseStreamEvent
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.models.openai import OpenAIChatModel

_CONNECT_SECONDS = 10.0
_OPENAI = "https://api.openai.com"
_PATH = "/chat/completions"
_loading = threading.Lock()


@dataclass(slots=True)
class Received:
    """What has arrived of a response: the text shown to people, and the size of everything in bytes of UTF-8.

    `answer` are the arguments of the final answer, which is part `answer_at`, and `summary` what they say so far.
    """

    text: str = ""
    size: int = 0
    answer: str = ""
    answer_at: int | None = None
    summary: str = ""


async def stream_response(
    endpoint: EndpointConfig,
    history: Sequence[Message],
    tools: Sequence[Offered],
    max_tokens: int,
    received: Received,
    emit: OnDelta,
    place: Place | None = None,
) -> Message:
    """The model's response as a message; `received` is kept up to date and visible text goes to `emit`.

    Raises what the libraries raise: the connection is closed by then, and on cancellation too.
    """
    load_libraries()
    import httpx2
    from pydantic_ai.direct import model_request_stream
    from pydantic_ai.messages import ModelMessagesTypeAdapter
    from pydantic_ai.settings import ModelSettings

    waits = httpx2.Timeout(endpoint.stall_seconds, connect=min(_CONNECT_SECONDS, endpoint.stall_seconds))
    messages = ModelMessagesTypeAdapter.validate_python(list(history))

    async def in_its_moment() -> None:
        while place is not None and (seconds := place.wait()) > 0:
            await asyncio.sleep(seconds)

    opened_client = guarded_async_client(endpoint.trusted, waits, in_its_moment)
    async with asyncio.timeout(endpoint.timeout_seconds), opened_client as client:
        opened = model_request_stream(
            _model(endpoint, client),
            messages,
            model_settings=ModelSettings(max_tokens=max_tokens),
            model_request_parameters=_parameters(tools),
        )
        async with opened as stream:
            async for event in stream:
                _take(event, received, emit)
            response = stream.get()
    message: Message = clean(ModelMessagesTypeAdapter.dump_python([response], mode="json")[0])
    return {**message, "provider_url": endpoint.place}


def load_libraries() -> None:
    """Import the language-model libraries, one thread at a time: their modules import each other in circles."""
    with _loading:
        import pydantic_ai.direct
        import pydantic_ai.models.openai
        import pydantic_ai.providers.openai
        import pydantic_ai.providers.openai_compatible  # noqa: F401


def _model(endpoint: EndpointConfig, client: "httpx2.AsyncClient") -> "OpenAIChatModel":
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    url = endpoint.url.rstrip("/").removesuffix(_PATH)
    # The SDK would take a key of the environment's for any server when it is given none.
    openai = AsyncOpenAI(base_url=url, api_key=endpoint.key or "none", max_retries=0, http_client=client)
    if endpoint.place == _OPENAI:
        return OpenAIChatModel(endpoint.model, provider=OpenAIProvider(openai_client=openai))
    # `max_completion_tokens` is OpenAI's own; other servers ignore or refuse it.
    profile = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False)
    provider = OpenAICompatibleProvider(endpoint.slug, openai_client=openai, profile=profile)
    return OpenAIChatModel(endpoint.model, provider=provider)


def _parameters(tools: Sequence[Offered]) -> "ModelRequestParameters":
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.tools import ToolDefinition

    return ModelRequestParameters(
        function_tools=[
            ToolDefinition(
                name=wire_name(tool.name),
                description=tool.description,
                parameters_json_schema=tool.parameters,
                strict=False,
            )
            for tool in tools
        ],
        allow_text_output=True,
    )


def _take(event: "ModelResponseStreamEvent", received: Received, emit: OnDelta) -> None:
    from pydantic_ai import messages as known

    match event:
        case known.PartStartEvent(part=known.TextPart(content=text)):
            _show(text, received, emit)
        case known.PartDeltaEvent(delta=known.TextPartDelta(content_delta=text)):
            _show(text, received, emit)
        case known.PartStartEvent(index=index, part=known.ToolCallPart(tool_name=name, args=args)):
            if name == FINAL_ANSWER and received.answer_at is None:
                received.answer_at = index
            _take_arguments(index, args, received, emit)
        case known.PartDeltaEvent(index=index, delta=known.ToolCallPartDelta(args_delta=args)):
            _take_arguments(index, args, received, emit)
        case known.PartStartEvent(part=known.ThinkingPart(content=thought)):
            received.size += _size(thought)
        case known.PartDeltaEvent(delta=known.ThinkingPartDelta(content_delta=thought)):
            received.size += _size(thought or "")


def _take_arguments(index: int, arguments: str | Mapping[str, Any] | None, received: Received, emit: OnDelta) -> None:
    """Count a piece of a call's arguments; of the final answer's, show what its `summary` has grown by."""
    from pydantic_core import from_json

    piece = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    received.size += _size(piece)
    if index != received.answer_at:
        return
    received.answer += piece
    try:
        answer = from_json(received.answer, allow_partial="trailing-strings")
    except ValueError:
        return
    summary = answer.get("summary") if isinstance(answer, dict) else None
    if isinstance(summary, str) and len(summary) > len(received.summary):
        grown, received.summary = summary[len(received.summary) :], summary
        received.text += grown
        emit(grown)


def _show(text: str, received: Received, emit: OnDelta) -> None:
    if text:
        received.text += text
        received.size += _size(text)
        emit(text)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
