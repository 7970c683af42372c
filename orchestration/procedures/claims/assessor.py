"""Assessor: joins coverage and fraud, keeps both sides of what contradicts, totals the covered parts."""

from typing import Any

from orchestration.brains.assignment import Assignment, Tools
from orchestration.contracts import contradictions
from orchestration.procedures.claims.fields import PARTS
from orchestration.procedures.claims.money import dollars

MISSING_COVERAGE: dict[str, Any] = {
    "status": "unknown",
    "covered": list(PARTS),
    "reasons": [],
    "unknown": ["coverage gave no answer"],
}
MISSING_FRAUD: dict[str, Any] = {
    "score": 0,
    "score_high": 100,
    "reasons": [],
    "contradictions": [],
    "unknown": ["fraud gave no answer"],
}


def assessor(assignment: Assignment, tools: Tools) -> dict[str, Any]:
    """One assessment from the two inputs; a missing one counts as unknown, never as good or bad news."""
    claim = assignment.results.get("intake", {})
    coverage = assignment.input.get("coverage") or MISSING_COVERAGE
    fraud = assignment.input.get("fraud") or MISSING_FRAUD
    parts = [
        {"part": part, "amount_cents": claim.get(f"{part}_cents"), "covered": part in coverage["covered"]}
        for part in PARTS
    ]
    amounts = [claim.get(f"{part}_cents") for part in PARTS if part in coverage["covered"]]
    known = [amount for amount in amounts if amount is not None]
    conflicts = contradictions({"coverage": coverage, "fraud": fraud})
    assessment = {
        "claim_number": claim.get("claim_number", "unknown"),
        "policy_number": claim.get("policy_number"),
        "claimed_cents": claim.get("total_cents"),
        "covered_cents": sum(known) if len(known) == len(amounts) else None,
        "parts": parts,
        "fraud_score": fraud["score"],
        "fraud_score_high": fraud["score_high"],
        "coverage_status": coverage["status"],
        "conflicts": conflicts,
        "contradictions": [*fraud["contradictions"], *(_as_text(conflict) for conflict in conflicts)],
        "reasons": [*coverage["reasons"], *fraud["reasons"]],
        "unknown": [*claim.get("unknown", []), *coverage["unknown"], *fraud["unknown"]],
    }
    return assessment | {"summary": _summary(assessment)}


def _as_text(conflict: dict[str, Any]) -> str:
    """Coverage is the reader of policies, so what it read is taken."""
    said = ", ".join(f"{agent} says {value}" for agent, value in conflict["values"].items())
    return f"{conflict['field'].replace('_', ' ')}: {said}; coverage's is taken."


def _summary(assessment: dict[str, Any]) -> str:
    covered = assessment["covered_cents"]
    total = "unknown" if covered is None else dollars(covered)
    names = ", ".join(part["part"] for part in assessment["parts"] if part["covered"]) or "nothing"
    lines = [
        f"**{assessment['claim_number']}**: coverage {assessment['coverage_status'].replace('_', ' ')}, "
        f"covered {names} ({total}), fraud score {assessment['fraud_score']}.",
        *(f"- {one}" for one in assessment["contradictions"]),
    ]
    return "\n".join([lines[0], "", *lines[1:]]).strip()
