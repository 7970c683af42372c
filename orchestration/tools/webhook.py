"""The one outward write: a JSON POST, and what is known of it afterwards.

The outcome is one of three: `Sent` (the receiver took it), `Refused` (certainly not taken) or `Unknown` (it may have
been). Nothing is repeated here: whether an unknown outcome may be tried again is for people to say.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from orchestration.tools.outbound import OutboundRefused, guarded_client, refuse_private

# A request that the receiver gave up reading, and one whose key it is still working on, may yet have had an effect.
_UNCERTAIN = {408, 409}
_CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiver answered with this 2xx status."""

    status: int


class WebhookProblem(Exception):
    """The text is a sentence for people; `status` is the receiver's answer, if there was one."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class Refused(WebhookProblem):
    """Certainly not taken: never connected, or answered 4xx."""


class Unknown(WebhookProblem):
    """It may have been taken: the answer is missing or does not say (5xx, redirect, reset, timeout)."""


def send(
    url: str,
    body: dict[str, Any],
    idempotency_key: str,
    *,
    trusted: Collection[str] = (),
    allowed: Collection[str] | None = None,
    timeout: float = 30.0,
) -> Sent:
    """POST `body` as JSON with an `Idempotency-Key`, once; raises Refused or Unknown.

    `trusted` are "host:port" pairs that may be private, `allowed` the only places that may be called (None: any);
    `timeout` is seconds for each wait on the receiver.
    """
    import httpx2

    try:
        refuse_private(url, trusted, allowed)
        limits = httpx2.Timeout(timeout, connect=min(_CONNECT_SECONDS, timeout))
        with (
            guarded_client(trusted, limits, allowed) as client,
            client.stream("POST", url, json=body, headers={"Idempotency-Key": idempotency_key}) as answer,
        ):
            status = answer.status_code
    except OutboundRefused as refusal:
        raise Refused(str(refusal)) from None
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise Refused(f"Nothing was sent: the receiver could not be reached ({error}).") from None
    except httpx2.TimeoutException:
        raise Unknown(f"The receiver did not answer within {timeout:g} seconds.") from None
    except httpx2.TransportError as error:
        raise Unknown(f"The connection broke before the receiver answered ({error or type(error).__name__}).") from None
    return _outcome(status)


def _outcome(status: int) -> Sent:
    if 200 <= status < 300:
        return Sent(status)
    if 400 <= status < 500 and status not in _UNCERTAIN:
        raise Refused(f"The receiver refused it with status {status}.", status)
    raise Unknown(f"The receiver answered with status {status}, which does not say whether it was taken.", status)
