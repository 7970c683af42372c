"""What a task may touch: ledger names of objects; `kind:*` stands for all of that kind in the room."""

from collections.abc import Iterable


def covers(scope: Iterable[str], object: str) -> bool:
    """True when `object` belongs to `scope`."""
    held = frozenset(scope)
    return object in held or _all_of(object) in held


def narrowed(parent: Iterable[str], child: Iterable[str]) -> list[str]:
    """Return what is in both scopes: a task handed on never reaches further than the task it came from."""
    above, below = frozenset(parent), frozenset(child)
    return sorted({one for one in below if covers(above, one)} | {one for one in above if covers(below, one)})


def _all_of(object: str) -> str:
    return f"{object.partition(':')[0]}:*"
