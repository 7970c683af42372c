"""What people read of an output they decide about.

An output may carry, by convention: `payee`, `claim_number`, `currency`, `payout_cents`, `lines` (label, amount_cents,
source), `for` and `against` (sentences). Without them the question is asked in plainer words.
"""

from dataclasses import dataclass, field
from typing import Any

from orchestration.models import Turn


@dataclass(frozen=True, slots=True)
class Proposal:
    """An output as a person decides it. `amount_cents` None: it is not about money."""

    title: str
    subject: str = ""
    payee: str = ""
    amount_cents: int | None = None
    currency: str = "USD"
    lines: list[dict[str, Any]] = field(default_factory=list)
    support: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)


def proposal_of(turn: Turn) -> Proposal:
    """Return the proposal in a turn's output."""
    return read_proposal(turn.output or {}, f"Accept what {turn.agent} answered")


def read_proposal(output: dict[str, Any], otherwise: str = "") -> Proposal:
    """Return the proposal in `output`; `otherwise` is its title when it names no amount."""
    cents = output.get("payout_cents")
    amount = cents if isinstance(cents, int) and not isinstance(cents, bool) else None
    subject, payee = str(output.get("claim_number") or ""), str(output.get("payee") or "")
    return Proposal(
        title=_title(amount, payee, subject, otherwise),
        subject=subject,
        payee=payee,
        amount_cents=amount,
        currency=str(output.get("currency") or "USD"),
        lines=[line for line in _list(output, "lines") if isinstance(line, dict)],
        support=[str(one) for one in _list(output, "for")],
        against=[str(one) for one in _list(output, "against")],
    )


def _title(amount: int | None, payee: str, subject: str, otherwise: str) -> str:
    about = f" for {subject}" if subject else ""
    if amount:
        return f"Pay ${amount / 100:,.2f} to {payee or 'the insured'}{about}"
    return f"Decide what is paid{about}" if amount == 0 else f"{otherwise}{about}"


def _list(output: dict[str, Any], name: str) -> list[Any]:
    found = output.get(name)
    return found if isinstance(found, list) else []
