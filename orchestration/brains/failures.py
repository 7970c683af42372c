"""How a model request can fail: a small family of errors whose texts are sentences for people.

No text ever holds a key. `tokens_in` and `tokens_out` are what the failed call may have cost, so that a budget is
settled for it too: 0 where the provider certainly charges nothing, an estimate otherwise.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestration.limits.later import Later

if TYPE_CHECKING:
    from orchestration.brains.endpoint import EndpointConfig

_SERVER_ERRORS = range(500, 600)


class ModelProblem(Exception):
    """A model request that gave no usable response.

    `retryable`: the same request may succeed later, after `retry_after` seconds where the server said so.
    `text` is what had been streamed until then.
    """

    def __init__(self, reason: str, retryable: bool = False, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable
        self.retry_after = retry_after
        self.text = ""
        self.tokens_in = 0
        self.tokens_out = 0


class ModelUnavailable(ModelProblem):
    """The endpoint was not reached, refused the request, or failed."""


class Busy(ModelUnavailable):
    """The endpoint asks to be called later: it works, and whoever shares it waits."""


class Stalled(ModelProblem):
    """Nothing arrived for too long, or the whole answer took too long; the connection is closed."""


class Stopped(ModelProblem):
    """`should_stop` said yes; the connection is closed."""


class BadResponse(ModelProblem):
    """The endpoint answered, and the answer cannot be used."""


def put_off(error: Exception) -> tuple[ModelProblem, bool] | None:
    """The same of a request that was not sent, because its moment went by; None for any other error."""
    later = next((cause for cause in _causes(error) if isinstance(cause, Later)), None)
    return None if later is None else (Busy(str(later), True, later.seconds), False)


def understood(error: Exception, endpoint: "EndpointConfig") -> tuple[ModelProblem, bool]:
    """The error of a request as one of the family, and whether the provider may charge for the call."""
    import httpx2
    from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError, UnexpectedModelBehavior

    from orchestration.tools.outbound import OutboundRefused

    who = f"The model {endpoint.model} (endpoint {endpoint.slug})"
    chain = list(_causes(error))
    for cause in chain:
        match cause:
            case OutboundRefused():
                return ModelUnavailable(f"{who} was not called. {cause}"), False
            case httpx2.ConnectError() | httpx2.ConnectTimeout():
                return ModelUnavailable(f"{who} cannot be reached at {endpoint.place}.", retryable=True), False
            case httpx2.TimeoutException():
                waited = f"{endpoint.stall_seconds:g} seconds"
                return Stalled(f"{who} sent nothing for {waited}; the connection was closed.", retryable=True), True
            case httpx2.TransportError():
                broke = f"{who} broke the connection in the middle of its answer."
                return ModelUnavailable(broke, retryable=True), True
    if isinstance(error, TimeoutError):
        late = f"{who} did not finish within {endpoint.timeout_seconds:g} seconds; the connection was closed."
        return Stalled(late, retryable=True), True
    if isinstance(error, ModelHTTPError) and not error.in_stream:
        return _status(error, who, endpoint), False
    if isinstance(error, ModelAPIError) and error.in_stream:
        detail = _redacted(error.message, endpoint)
        return ModelUnavailable(f"{who} reported an error in the middle of its answer: {detail}", retryable=True), True
    if isinstance(error, ModelAPIError | UnexpectedModelBehavior):
        return BadResponse(f"{who} did not answer with a chat completion: {_redacted(error.message, endpoint)}"), True
    return BadResponse(f"{who} answered in a form that cannot be read ({type(error).__name__})."), True


def _status(error: "Exception", who: str, endpoint: "EndpointConfig") -> ModelUnavailable:
    from pydantic_ai import exceptions as known

    assert isinstance(error, known.ModelHTTPError)
    status, after = error.status_code, error.retry_after
    match error:
        case known.ModelAuthenticationError():
            return ModelUnavailable(f"{who} refused the key (status {status}). Check it under Settings → Endpoints.")
        case known.ModelNotFoundError():
            return ModelUnavailable(f"{who} is not there (status {status}). Check the endpoint's URL and model name.")
        case known.ModelQuotaExceededError():
            return ModelUnavailable(f"{who} says that the account's quota or credit is used up (status {status}).")
        case known.ModelRateLimitError():
            return Busy(f"{who} asks to be called later (status {status}).", True, after)
        case known.ModelContextWindowExceededError():
            return ModelUnavailable(f"The conversation is longer than {who[0].lower()}{who[1:]} can take.")
    detail = _redacted(_server_message(error.body), endpoint)
    said = f", and says: {detail}" if detail else "."
    if status == 503 and after is not None:
        return Busy(f"{who} asks to be called later (status {status}){said}", True, after)
    if status in _SERVER_ERRORS or status == 408:
        return ModelUnavailable(f"{who} failed with status {status}{said}", True, after)
    return ModelUnavailable(f"{who} refused the request with status {status}{said}")


def _server_message(body: object) -> str:
    if isinstance(body, dict):
        inner = body.get("error", body)
        message = inner.get("message") if isinstance(inner, dict) else inner
        return str(message or "")
    return str(body or "")


def _redacted(text: str, endpoint: "EndpointConfig") -> str:
    shown = " ".join(text.split())
    if endpoint.key:
        shown = shown.replace(endpoint.key, "[key]")
    return shown[:300]


def _causes(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__
