"""Where a model is asked, what a request there may cost at most, and what to say when there is nowhere to ask."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from orchestration.brains.conversation import Message, Offered, Schema, final_answer
from orchestration.inference.prices import Price
from orchestration.limits.buckets import Bucket

_BYTES_PER_TOKEN = 3
_FRAME_TOKENS = 64


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """An OpenAI-compatible endpoint. `url` is its base URL, such as "https://api.openai.com/v1".

    `timeout_seconds` bounds a whole answer, `stall_seconds` each wait for the next bytes, the first included.
    `trusted` are the "host:port" pairs that may be private addresses. `price` None means unknown, not free.
    `bucket` is what all who call it share: its rate, and when it asked for a pause.
    """

    slug: str
    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    price: Price | None = None
    timeout_seconds: float = 300.0
    stall_seconds: float = 60.0
    trusted: Collection[str] = frozenset()
    bucket: Bucket | None = None

    @property
    def place(self) -> str:
        """Scheme, host and port: what may be shown of the address."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one request may take at most: tokens, and micro-cents (None where the price is unknown)."""

    tokens_in: int
    tokens_out: int
    microcents: int | None

    @property
    def tokens(self) -> int:
        """Input and output tokens together."""
        return self.tokens_in + self.tokens_out


def worst_case(
    endpoint: EndpointConfig,
    history: Sequence[Message],
    offered: Sequence[Offered],
    max_tokens: int,
    output_schema: Schema | None = None,
) -> Estimate:
    """An upper estimate to reserve before a request: input is its JSON in UTF-8 bytes / 3, output is `max_tokens`.

    English takes about four bytes a token and Chinese three, and the JSON's own keys and quotes are counted too, so
    real requests seldom reach it; what the server reports afterwards is what is charged.
    """
    tools = [[tool.name, tool.description, tool.parameters] for tool in [*offered, *final_answer(output_schema)]]
    size = len(json.dumps([list(history), tools], ensure_ascii=False).encode("utf-8", "replace"))
    tokens_in = estimated_tokens(size) + _FRAME_TOKENS
    microcents = None if endpoint.price is None else endpoint.price.cost(tokens_in, max_tokens)
    return Estimate(tokens_in, max_tokens, microcents)


def estimated_tokens(size: int) -> int:
    """Tokens of `size` bytes of UTF-8, rather too many than too few."""
    return -(-size // _BYTES_PER_TOKEN)


def missing_endpoint_message(agent: str, endpoint: str = "") -> str:
    """What to tell people when `agent` runs on a model and there is no endpoint (of that name) to ask."""
    missing = f"the endpoint {endpoint!r}, which does not exist" if endpoint else "a language model, and none is set up"
    return (
        f"{agent} runs on {missing}. An owner of the organization can add an endpoint under Settings → Endpoints; the "
        "operator can start Workroom with WORKROOM_MODEL_URL and WORKROOM_MODEL_NAME (and WORKROOM_MODEL_KEY where the "
        "server wants a key). Agents that run on procedures are not affected."
    )
