"""What everybody shares: budgets of a month, and what is out of use after failures or because people said so."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import TenantModel
from workrooms.models import Workroom


def within(name: str, amount: str) -> models.CheckConstraint:
    """The rule that spent and reserved never pass the cap by more than what is excused."""
    used = Q(**{f"{amount}_cap__gte": F(amount) + F(f"{amount}_reserved") - F(f"{amount}_excused")})
    return models.CheckConstraint(condition=Q(**{f"{amount}_cap": None}) | used, name=f"{name}_{amount}_within_cap")


class Allowance(TenantModel):
    """What the organization (`workroom` null), or one room, may spend in a month, has reserved and has spent.

    A null cap is none. `month` is its first day (UTC); a turn counts to the month in which it began. Excused is what
    stood beyond the cap when people lowered it, and what a server reported beyond the worst case that was reserved.
    """

    workroom = models.ForeignKey(Workroom, on_delete=models.CASCADE, null=True, related_name="allowances")
    month = models.DateField()
    tokens_cap = models.PositiveBigIntegerField(null=True)
    microcents_cap = models.PositiveBigIntegerField(null=True)
    tokens = models.PositiveBigIntegerField(default=0)
    microcents = models.PositiveBigIntegerField(default=0)
    unpriced_tokens = models.PositiveBigIntegerField(default=0)
    tokens_reserved = models.PositiveBigIntegerField(default=0)
    microcents_reserved = models.PositiveBigIntegerField(default=0)
    tokens_excused = models.PositiveBigIntegerField(default=0)
    microcents_excused = models.PositiveBigIntegerField(default=0)

    @property
    def used(self) -> int:
        """Micro-cents spent and reserved."""
        return int(self.microcents + self.microcents_reserved)

    @property
    def warn_at(self) -> int:
        """Micro-cents from which the cap is near: 70 of 100."""
        return int((self.microcents_cap or 0) * 7 // 10)

    @property
    def ask_at(self) -> int:
        """Micro-cents from which little is left: 90 of 100."""
        return int((self.microcents_cap or 0) * 9 // 10)

    @property
    def dollars(self) -> str:
        """The cap as a form shows it; "" is none."""
        return "" if self.microcents_cap is None else f"{self.microcents_cap / 10**8:.2f}"

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["organization", "workroom", "month"], name="one_allowance_a_month", nulls_distinct=False
            ),
            within("allowance", "tokens"),
            within("allowance", "microcents"),
        ]


class Breaker(TenantModel):
    """How something that others rely on has fared: `object` is its ledger name (`endpoint:SLUG`, `target:ID`, …).

    Open: it failed too often in a row and is left alone until `retry_at`. Quarantined: people took it out of use.
    """

    class State(models.TextChoices):
        CLOSED = "closed"
        OPEN = "open"
        QUARANTINED = "quarantined"

    object = models.CharField(max_length=200)
    workroom = models.ForeignKey(Workroom, on_delete=models.CASCADE, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=State, default=State.CLOSED)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organization", "object"], name="one_breaker_per_object")
        ]
