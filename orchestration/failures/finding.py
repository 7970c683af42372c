"""What a detector found: one failure, as a sentence, with the events that show it."""

from collections.abc import Iterable
from dataclasses import dataclass

from orchestration.failures.trace import Go, Said


@dataclass(frozen=True, slots=True)
class Finding:
    """`mode` is a key of `modes.MODES`, `evidence` the numbers of ledger events, `turns` the ids of the turns."""

    mode: str
    sentence: str
    evidence: tuple[int, ...]
    turns: tuple[str, ...] = ()


def found(mode: str, sentence: str, evidence: Iterable[int], turns: Iterable[Go] = ()) -> Finding:
    """Return a finding whose evidence and turns each stand once, in order."""
    return Finding(mode, sentence, tuple(sorted(set(evidence))), tuple(dict.fromkeys(turn.id for turn in turns)))


def found_in(mode: str, sentence: str, said: Iterable[Said]) -> Finding:
    """Return a finding that what was said is the evidence of."""
    listed = list(said)
    return found(mode, sentence, (one.seq for one in listed), (one.go for one in listed))
