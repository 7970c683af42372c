"""Fraud: a score from 0 to 100 with its reasons, from the claim itself and the claims history."""

from typing import Any

from orchestration.brains.assignment import Assignment, ToolDenied, Tools
from orchestration.procedures.claims.fields import days_between, iso_date
from orchestration.procedures.claims.indicators import CONTRADICTIONS, PATTERNS, Indicator
from orchestration.procedures.claims.rows import records_of

REVIEW_BAR = 60
HISTORY_COLUMNS = ("policy_number", "incident_date", "incident_city", "incident_location", "total_claim_amount")


def fraud(assignment: Assignment, tools: Tools) -> dict[str, Any]:
    """The score of the known evidence, and `score_high`: the score if everything unknown turned out worst.

    Only the bind date is read from the policy system; nothing about the insured person is asked for.
    """
    claim = assignment.results.get("intake", assignment.input)
    evidence, checked = _evidence(claim, tools)
    contradictions, open_contradictions = _found(CONTRADICTIONS, evidence)
    patterns, open_patterns = _found(PATTERNS, evidence)
    score = sum(one.points for one in contradictions + patterns)
    score_high = score + sum(one.points for one in open_contradictions + open_patterns)
    reasons = [f"{one.reason} (+{one.points})" for one in contradictions + patterns]
    unknown = [f"{one.reason} (unknown, up to +{one.points})" for one in open_contradictions + open_patterns]
    return {
        "score": min(score, 100),
        "score_high": min(score_high, 100),
        "reasons": reasons,
        "contradictions": [one.reason for one in contradictions],
        "bind_date": evidence["bind_date"],
        "checked": checked,
        "unknown": unknown,
        "summary": _summary(min(score, 100), min(score_high, 100), reasons, checked),
    }


def _found(indicators: tuple[Indicator, ...], evidence: dict[str, Any]) -> tuple[list[Indicator], list[Indicator]]:
    answers = [(one, one.found(evidence)) for one in indicators]
    return [one for one, answer in answers if answer], [one for one, answer in answers if answer is None]


def _evidence(claim: dict[str, Any], tools: Tools) -> tuple[dict[str, Any], list[str]]:
    """The claim with what the policy system and the claims history add; what may not be read stays unknown."""
    evidence = {**claim, "bind_date": None, "earlier_claims": None, "same_incident": None, "same_place": None}
    checked = ["the claim itself"]
    number, place = claim.get("policy_number"), claim.get("incident_location")
    try:
        if number:
            where = [["policy_number", "=", number]]
            policies = records_of(tools, "policies", ("policy_bind_date",), where, 2)
            evidence["bind_date"] = iso_date(policies[0]["policy_bind_date"]) if len(policies) == 1 else None
            checked.append(f"bind date of policy {number}")
            evidence |= _of_policy(claim, records_of(tools, "claims", HISTORY_COLUMNS, where))
            checked.append(f"claims history of policy {number}")
        if place:
            found = records_of(tools, "claims", HISTORY_COLUMNS, [["incident_location", "=", place]])
            evidence["same_place"] = _at_place(claim, found)
            checked.append(f"claims at {place}")
    except ToolDenied as denied:
        checked.append(f"no further: {denied}")
    return evidence, checked


def _of_policy(claim: dict[str, Any], history: list[dict[str, str]]) -> dict[str, int | None]:
    incident = claim.get("incident_date")
    if incident is None:
        return {"earlier_claims": None, "same_incident": None}
    ages = [days_between(iso_date(row["incident_date"]), incident) for row in history]
    return {
        "earlier_claims": sum(1 for age in ages if age is not None and 0 < age <= 365),
        "same_incident": ages.count(0),
    }


def _at_place(claim: dict[str, Any], found: list[dict[str, str]]) -> int | None:
    if claim.get("incident_date") is None or claim.get("policy_number") is None:
        return None
    others = [
        row
        for row in found
        if row["policy_number"] != claim["policy_number"] and row["incident_city"] == claim.get("incident_city")
    ]
    ages = [days_between(iso_date(row["incident_date"]), claim["incident_date"]) for row in others]
    return sum(1 for age in ages if age is not None and abs(age) <= 30)


def _summary(score: int, score_high: int, reasons: list[str], checked: list[str]) -> str:
    most = f" (up to {score_high} if what is unknown turned out worst)" if score_high > score else ""
    lines = [f"Fraud score **{score}** of 100{most}. Looked at: {'; '.join(checked)}."]
    return "\n".join([*lines, "", *(f"- {reason}" for reason in reasons)]).strip()
