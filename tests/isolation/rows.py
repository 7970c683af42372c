"""What a row of the table says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.isolation.world import World

# Who is refused, and how: nobody outside a room can tell that it is there.
Refusals = Mapping[str, tuple[int, ...]]
OF_ROOM: Refusals = {"charlie": (404,), "rae": (404,), "mallory": (404,)}
OF_ORGANIZATION: Refusals = {"mallory": (404,)}
OF_OWNERS: Refusals = {"bob": (403,), "mallory": (404,)}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `path`, and how it is sent."""

    path: str
    data: Any = None
    json: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """`who` may, with a status below 400; `refused` may not. `hidden`: where everybody sees their own only."""

    method: str
    make: Callable[[World], Asked | str] | Asked | str
    refused: Refusals = field(default_factory=lambda: OF_ROOM)
    who: str = "alice"
    hidden: bool = False


def room(tail: str = "") -> str:
    """A path in the room."""
    return f"/o/harbor/r/auto-claims/{tail}"


def api(tail: str = "") -> str:
    """A path of the API in the room."""
    return f"/api/v1/workrooms/auto-claims{tail}"


def asked(row: Row, world: World) -> Asked:
    """What the row asks for in this world."""
    made = row.make(world) if callable(row.make) else row.make
    return Asked(made) if isinstance(made, str) else made
