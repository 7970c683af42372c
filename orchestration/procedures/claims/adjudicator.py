"""Adjudicator: the payout with its reasons. It pays or it refers to people; it never denies."""

from typing import Any

from orchestration.brains.assignment import Assignment, Tools
from orchestration.procedures.claims.fields import PARTS
from orchestration.procedures.claims.fraud import REVIEW_BAR
from orchestration.procedures.claims.grounds import evidence_that_matters, grounds_against, grounds_for
from orchestration.procedures.claims.money import dollars
from orchestration.procedures.claims.payout import Range, covered_total, payout_range

UNNAMED = "Insured of"


def adjudicator(assignment: Assignment, tools: Tools) -> dict[str, Any]:
    """A proposal: `pay` where every reading of the evidence pays the whole covered claim, otherwise `refer`.

    Evidence that is unknown is named only where it would change the outcome.
    """
    assessment = assignment.input
    claim, coverage = assignment.results.get("intake", {}), assignment.results.get("coverage", {})
    amounts = {part["part"]: part["amount_cents"] for part in assessment["parts"]}
    covered = [part["part"] for part in assessment["parts"] if part["covered"]]
    total = covered_total(amounts, assessment.get("claimed_cents"), covered)
    payable = payout_range(total, {**coverage, "status": assessment["coverage_status"]})
    claimed = claimed_cents(amounts, assessment.get("claimed_cents"))
    deductible = coverage.get("deductible_cents")
    withheld = max(0, (claimed or 0) - (deductible or 0) - payable.low) if payable.is_determined() else 0
    outcome = outcome_of(payable, withheld, bool(covered), assessment["fraud_score_high"])
    policy = f"policy {assessment.get('policy_number') or 'unknown'}"
    source = str(claim.get("source", "the claim"))
    proposal = {
        "claim_number": assessment["claim_number"],
        "policy_number": assessment.get("policy_number"),
        "payee": claim.get("claimant") or claim.get("insured") or f"{UNNAMED} {policy}",
        "currency": "USD",
        "decision": "pay" if outcome == "pay" else "refer",
        "outcome": outcome,
        "payout_cents": payable.low,
        "payout_high_cents": payable.high,
        "claimed_cents": claimed,
        "withheld_cents": withheld,
        "deductible_cents": deductible,
        "fraud_score": assessment["fraud_score"],
        "fraud_score_high": assessment["fraud_score_high"],
        "lines": lines_of(amounts, covered, total, deductible, payable, (source, policy)),
        "for": grounds_for(assessment, coverage, source),
        "against": grounds_against(outcome, payable, withheld, assessment, coverage, source),
        "unknown": evidence_that_matters(outcome, assessment, coverage),
    }
    return proposal | {"summary": _summary(proposal)}


def claimed_cents(amounts: dict[str, int | None], total: int | None) -> int | None:
    """What the claim asks for: the stated total, or the sum of its parts where no total is stated."""
    if total is not None:
        return total
    known = [amount for amount in amounts.values() if amount is not None]
    return sum(known) if len(known) == len(PARTS) else None


def outcome_of(payable: Range, withheld: int, is_covered: bool, fraud_score_high: int) -> str:
    """Which of the named outcomes the evidence supports; only `pay` needs no person."""
    if not is_covered:
        return "not_covered"
    if not payable.is_determined():
        return "undetermined"
    if payable.low == 0:
        return "nothing_due"
    if withheld > 0:
        return "part_denial"
    return "fraud_review" if fraud_score_high >= REVIEW_BAR else "pay"


def lines_of(
    amounts: dict[str, int | None],
    covered: list[str],
    total: Range,
    deductible: int | None,
    payable: Range,
    sources: tuple[str, str],
) -> list[dict[str, Any]]:
    """The way from the covered parts to the payout; the amounts add up to the payout."""
    claim, policy = sources
    parts = [(f"{part.capitalize()} claim", amounts[part] or 0, claim) for part in covered]
    if sum(amount for _, amount, _ in parts) != total.low:
        parts = [("Claim in total, as far as proven", total.low, claim)]
    lines = [*parts, ("Deductible", -min(deductible or 0, total.low), policy)]
    rest = payable.low - sum(amount for _, amount, _ in lines)
    if rest:
        label = "Above the limit per accident and umbrella" if payable.is_determined() else "Not proven by the evidence"
        lines.append((label, rest, policy))
    return [{"label": label, "amount_cents": amount, "source": source} for label, amount, source in lines if amount]


def _summary(proposal: dict[str, Any]) -> str:
    amount = dollars(proposal["payout_cents"])
    verb = (
        f"Pay **{amount}** to {proposal['payee']}"
        if proposal["decision"] == "pay"
        else (f"Refer to a person ({proposal['outcome'].replace('_', ' ')}); proposed payout **{amount}**")
    )
    parts = [f"{verb} for {proposal['claim_number']}."]
    parts += [
        f"{title.capitalize()}:\n\n" + "\n".join(f"- {one}" for one in proposal[title])
        for title in ("for", "against", "unknown")
        if proposal[title]
    ]
    return "\n\n".join(parts)
