"""Not now: something shared is busy or rests. What could not be done is done later; nothing has failed."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE_SECONDS = 3.0


class Later(Exception):
    """Try again in `seconds`; the text says what is waited for."""

    def __init__(self, text: str, seconds: float) -> None:
        super().__init__(text)
        self.seconds = seconds


def patiently(do: Callable[[], T], patience: float = PATIENCE_SECONDS) -> T:
    """Return what `do` gives; where it raises Later, try again as long as that is within `patience` seconds in all."""
    until = time.monotonic() + patience
    while True:
        try:
            return do()
        except Later as later:
            if time.monotonic() + later.seconds > until:
                raise
            time.sleep(max(later.seconds, 0.01))
