"""Labels of data, and the clearance of whoever would get it. Labels only ever get stricter: a join is what both ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LEVELS = ("public", "internal", "confidential", "restricted")
NEED = "need:"


@dataclass(frozen=True, slots=True)
class Label:
    """Level, tags, residency (the jurisdictions the data may be in; None: any; none left: it stays in the room), and
    the purposes it may be used for (None: any)."""

    level: str = "internal"
    tags: frozenset[str] = frozenset()
    residency: frozenset[str] | None = None
    purposes: frozenset[str] | None = None

    def join(self, other: "Label") -> "Label":
        """Return what holds for both together: the highest level, all tags, what both allow."""
        level = max(self.level, other.level, key=LEVELS.index)
        return Label(
            level,
            self.tags | other.tags,
            _both(self.residency, other.residency),
            _both(self.purposes, other.purposes),
        )

    @property
    def rank(self) -> int:
        """0 public to 3 restricted."""
        return LEVELS.index(self.level)

    @property
    def compartments(self) -> frozenset[str]:
        return frozenset(tag for tag in self.tags if tag.startswith(NEED))

    def as_json(self) -> dict[str, Any]:
        """Return the label as it is stored."""
        stored: dict[str, Any] = {"level": self.level, "tags": sorted(self.tags)}
        for name in ("residency", "purposes"):
            if (limited := getattr(self, name)) is not None:
                stored[name] = sorted(limited)
        return stored


@dataclass(frozen=True, slots=True)
class Destination:
    """Where data would flow. `kind`: endpoint, peer, outside, room, export; `eligible` names its agreements."""

    kind: str
    name: str
    level: str = "internal"
    places: frozenset[str] = frozenset()
    eligible: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Clearance:
    """What an agent, person or service may see: up to a level, and these compartments.

    `places` are those where a service keeps data; None where nothing leaves the house.
    """

    level: str = "confidential"
    compartments: frozenset[str] = frozenset()
    places: frozenset[str] | None = None

    @property
    def rank(self) -> int:
        """0 public to 3 restricted."""
        return LEVELS.index(self.level)


def joined(labels: Iterable[Label]) -> Label:
    """Return the join of `labels`; of none it is public."""
    whole = Label("public")
    for label in labels:
        whole = whole.join(label)
    return whole


def read_label(stored: Mapping[str, Any] | None) -> Label | None:
    """Return a stored label; None where there is none. Raises ValueError, which names the field."""
    if stored is None:
        return None
    if unknown := sorted(set(stored) - {"level", "tags", "residency", "purposes"}):
        raise ValueError(f"{unknown[0]}: a label has level, tags, residency and purposes")
    if stored.get("level", "internal") not in LEVELS:
        raise ValueError(f"level: expected one of {', '.join(LEVELS)}")
    for name in ("tags", "residency", "purposes"):
        if not all(isinstance(one, str) and one for one in stored.get(name) or ()):
            raise ValueError(f"{name}: expected a list of texts")
    residency, purposes = stored.get("residency"), stored.get("purposes")
    return Label(
        stored.get("level", "internal"),
        frozenset(stored.get("tags") or ()),
        None if residency is None else frozenset(residency),
        None if purposes is None else frozenset(purposes),
    )


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
