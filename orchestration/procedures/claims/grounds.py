"""The reasons of an adjudication, each citing the document or the policy it rests on."""

from typing import Any

from orchestration.procedures.claims.fraud import REVIEW_BAR
from orchestration.procedures.claims.money import dollars
from orchestration.procedures.claims.payout import Range


def grounds_for(assessment: dict[str, Any], coverage: dict[str, Any], source: str) -> list[str]:
    """What speaks for paying: the covered amounts and the policy that was in force."""
    amounts = [
        f"{part['part'].capitalize()} claim {dollars(part['amount_cents'])} ({source})."
        for part in assessment["parts"]
        if part["covered"] and part["amount_cents"]
    ]
    held = assessment["coverage_status"] in ("in_force", "mismatch")
    facts = [reason for reason in coverage.get("reasons", []) if held and reason not in coverage.get("mismatches", [])]
    return [*amounts, *facts]


def grounds_against(
    outcome: str, payable: Range, withheld: int, assessment: dict[str, Any], coverage: dict[str, Any], source: str
) -> list[str]:
    """Why not, or why not all of it: what a person who decides has to weigh."""
    policy = f"policy {assessment.get('policy_number') or 'unknown'}"
    found: list[str] = []
    if assessment["coverage_status"] == "mismatch":
        found += coverage.get("mismatches", [])
    elif assessment["coverage_status"] != "in_force":
        found += coverage.get("reasons") or ["Coverage is unknown."]
    found += [f"{contradiction} ({source})" for contradiction in assessment["contradictions"]]
    if assessment["fraud_score_high"] >= REVIEW_BAR:
        found.append(
            f"Fraud score {assessment['fraud_score']}, at worst {assessment['fraud_score_high']}: "
            f"from {REVIEW_BAR} a person looks."
        )
    if outcome == "nothing_due":
        found.append(f"The deductible of {policy} is not exceeded.")
    if outcome == "part_denial":
        found.append(f"{dollars(withheld)} of the claim would not be paid under {policy}.")
    if outcome == "undetermined":
        high = "without a known bound" if payable.high is None else dollars(payable.high)
        found.append(f"The payout lies between {dollars(payable.low)} and {high}, depending on what is unknown.")
    return found


def evidence_that_matters(outcome: str, assessment: dict[str, Any], coverage: dict[str, Any]) -> list[str]:
    """Only the unknown whose value would change the outcome."""
    matters: list[str] = []
    if outcome == "undetermined":
        amounts = [f"{part['part']} claim" for part in assessment["parts"] if part["amount_cents"] is None]
        names = [*amounts, *coverage.get("unknown", ["coverage"])]
        matters += [name.removesuffix("_cents").replace("_", " ") for name in names]
    if assessment["fraud_score"] < REVIEW_BAR <= assessment["fraud_score_high"]:
        matters += [one for one in assessment["unknown"] if "up to +" in one or one == "fraud gave no answer"]
    return matters
