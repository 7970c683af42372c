"""How long people have to decide: `2d` is two working days, `4h` four hours by the clock."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

WITHIN = re.compile(r"([1-9][0-9]{0,2})([dh])")
EXPECTED = "working days or hours, such as 2d or 4h, at most 999"
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Within:
    """An amount of working days (d) or hours (h)."""

    amount: int
    unit: Literal["d", "h"]

    def after(self, start: datetime) -> datetime:
        """The deadline that begins at `start`; days skip Saturdays and Sundays in the time zone of `start`."""
        if self.unit == "h":
            return start + timedelta(hours=self.amount)
        due, left = start, self.amount
        while left:
            due += timedelta(days=1)
            left -= due.weekday() < SATURDAY
        return due


def parse_within(text: str) -> Within:
    """The deadline a `within:` stands for; raises ValueError saying what was expected."""
    match = WITHIN.fullmatch(text)
    if match is None:
        raise ValueError(f"expected {EXPECTED}")
    return Within(int(match[1]), "d" if match[2] == "d" else "h")
