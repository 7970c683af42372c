"""Not now: something shared is busy or rests. What could not be done is done later; nothing has failed."""


class Later(Exception):
    """Try again in `seconds`; the text says what is waited for."""

    def __init__(self, text: str, seconds: float) -> None:
        super().__init__(text)
        self.seconds = seconds
