"""Answers of models that a trial waits for: within its transaction no model is asked.

What is missing ends the transaction, which is undone; it is asked for outside, and the try begins anew.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

Message = dict[str, Any]


class Missing(BaseException):
    """A trial needs the next response of a conversation. `talk` is all of the request, `read` what its run has read.

    No `Exception`, so that nothing on the way takes it for a failure of an agent.
    """

    def __init__(self, talk: Any, read: list[str]) -> None:
        super().__init__()
        self.talk, self.read = talk, read


answers: ContextVar[Callable[[Any], Message] | None] = ContextVar("answers_of_a_trial", default=None)
