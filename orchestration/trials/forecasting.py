"""What a trial that really asks models can come to, before it begins."""

from dataclasses import dataclass
from typing import Any

from orchestration.inference.prices import MICROCENTS_PER_CENT
from orchestration.teams.forecast import worst_case
from orchestration.teams.plan import plan


@dataclass(frozen=True, slots=True)
class Worst:
    """The most that a trial may use: tokens, and micro-cents."""

    tokens: int
    microcents: int

    @property
    def cents(self) -> int:
        """The cost in whole cents, rounded up."""
        return -(-self.microcents // MICROCENTS_PER_CENT)


def worst_of(definition: dict[str, Any], runs: int, budget_cents: int | None = None) -> Worst:
    """Return the worst that `runs` tries of a definition can come to, at most `budget_cents`.

    Where an agent has no limit of its own, it is the limit of a whole run, as the team has it.
    """
    worst, limits = worst_case(definition), plan(definition).limits
    tokens = limits.tokens if worst.tokens is None else min(worst.tokens, limits.tokens)
    cents = limits.cost_cents if worst.cost_cents is None else min(worst.cost_cents, limits.cost_cents)
    whole = runs * cents if budget_cents is None else min(budget_cents, runs * cents)
    return Worst(runs * tokens, whole * MICROCENTS_PER_CENT)


def asks_models(definition: dict[str, Any]) -> bool:
    """Whether any agent of a definition asks a model."""
    return any("model" in entry["brain"] for entry in definition["agents"].values())
