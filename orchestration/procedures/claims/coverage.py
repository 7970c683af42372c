"""Coverage: is there a policy, was it in force, what does it cover and up to what."""

import re
from typing import Any

from orchestration.brains.assignment import Assignment, Tools
from orchestration.procedures.claims.fields import PARTS, days_between, iso_date
from orchestration.procedures.claims.money import cents, dollars
from orchestration.procedures.claims.rows import records_of

COLUMNS = (
    "policy_number",
    "policy_bind_date",
    "policy_csl",
    "policy_deductable",
    "umbrella_limit",
    "auto_make",
    "auto_model",
    "auto_year",
)
MISSPELT_IN_POLICIES = {"suburu": "subaru", "accura": "acura", "forrestor": "forester"}
LIMITS = ("deductible_cents", "per_person_limit_cents", "per_accident_limit_cents", "umbrella_cents")


def coverage(assignment: Assignment, tools: Tools) -> dict[str, Any]:
    """What the policy says about the claim. Nobody's personal data is asked for.

    With status `unknown` the covered parts are those that would be covered if the policy was in force.
    """
    claim = assignment.results.get("intake", assignment.input)
    number = claim.get("policy_number")
    policies = records_of(tools, "policies", COLUMNS, [["policy_number", "=", number]], 2) if number else []
    if len(policies) == 1:
        return _judged(claim, policies[0])
    if number and not policies:
        return _unjudged(number, "no_policy", f"There is no policy {number} in the policy system.", [])
    why = f"Policy {number} is in the policy system more than once." if number else "The claim names no policy number."
    return _unjudged(number, "unknown", why, ["policy_number"])


def _judged(claim: dict[str, Any], policy: dict[str, str]) -> dict[str, Any]:
    number, limits = policy["policy_number"], limits_of(policy)
    bound = iso_date(policy["policy_bind_date"])
    held = days_between(bound, claim.get("incident_date"))
    vehicle, insured = vehicle_mismatches(claim, policy), insured_mismatches(claim)
    if held is None:
        status, covered = "unknown", list(PARTS)
    elif held < 0:
        status, covered = "not_in_force", []
    else:
        covered = [] if insured else [part for part in PARTS if not (vehicle and part == "vehicle")]
        status = "mismatch" if vehicle or insured else "in_force"
    unknown = [name for name, value in {"bind_date": bound, **limits}.items() if value is None]
    if claim.get("incident_date") is None:
        unknown.append("incident_date")
    reasons = [
        _force_reason(number, bound, claim.get("incident_date"), held),
        *vehicle,
        *insured,
        _limit_reason(number, limits),
    ]
    return {
        "status": status,
        "policy_number": number,
        "bind_date": bound,
        **limits,
        "covered": covered,
        "mismatches": vehicle + insured,
        "reasons": reasons,
        "unknown": unknown,
        "summary": _summary(status, covered, reasons),
    }


def _unjudged(number: str | None, status: str, reason: str, unknown: list[str]) -> dict[str, Any]:
    covered = list(PARTS) if status == "unknown" else []
    return {
        "status": status,
        "policy_number": number,
        "bind_date": None,
        **dict.fromkeys(LIMITS),
        "covered": covered,
        "mismatches": [],
        "reasons": [reason],
        "unknown": unknown,
        "summary": _summary(status, covered, [reason]),
    }


def limits_of(policy: dict[str, str]) -> dict[str, int | None]:
    """Deductible, limits per person and per accident (`policy_csl`, thousands) and umbrella in cents.

    None where the policy system holds nothing usable; a negative amount is an error in the data, so it is unknown.
    """
    combined = re.fullmatch(r"(\d{1,6})/(\d{1,6})", policy["policy_csl"].strip())
    person, accident = (int(combined[1]) * 100_000, int(combined[2]) * 100_000) if combined else (None, None)
    return dict(
        zip(
            LIMITS,
            (_positive(policy["policy_deductable"]), person, accident, _positive(policy["umbrella_limit"])),
            strict=True,
        )
    )


def _positive(written: str) -> int | None:
    amount = cents(written)
    return amount if amount is not None and amount >= 0 else None


def vehicle_mismatches(claim: dict[str, Any], policy: dict[str, str]) -> list[str]:
    """Where the vehicle that the document names differs from the policy's."""
    named = {"make": claim.get("vehicle_make"), "model": claim.get("vehicle_model"), "year": claim.get("vehicle_year")}
    return [
        f"The document names vehicle {word} {value}, policy {policy['policy_number']} covers {policy[f'auto_{word}']}."
        for word, value in named.items()
        if value is not None
        and "?" not in policy[f"auto_{word}"]
        and plain(str(value)) != plain(policy[f"auto_{word}"])
    ]


def insured_mismatches(claim: dict[str, Any]) -> list[str]:
    """A claimant who is not the insured the document names. (The policy system's extract holds no names.)"""
    claimant, insured = claim.get("claimant"), claim.get("insured")
    if not claimant or not insured or plain(claimant) == plain(insured):
        return []
    return [f"The document names {insured} as the insured and {claimant} as the claimant."]


def plain(name: str) -> str:
    """A name without case, spaces and signs, spelt right: `Suburu` and `SUBARU` are one make."""
    bare = re.sub(r"[\W_]+", "", name).casefold()
    return MISSPELT_IN_POLICIES.get(bare, bare)


def _force_reason(number: str, bound: str | None, incident: str | None, held: int | None) -> str:
    if held is None:
        return f"Whether policy {number} was in force cannot be told: bound {bound or '?'}, incident {incident or '?'}."
    verb = "in force" if held >= 0 else "not in force"
    return f"Policy {number} was {verb}: bound {bound}, incident {incident}."


def _limit_reason(number: str, limits: dict[str, int | None]) -> str:
    deductible, _, accident, umbrella = (
        "unknown" if limits[name] is None else dollars(limits[name] or 0) for name in LIMITS
    )
    return f"Policy {number}: deductible {deductible}, limit per accident {accident}, umbrella {umbrella}."


def _summary(status: str, covered: list[str], reasons: list[str]) -> str:
    parts = ", ".join(covered) if covered else "nothing"
    parts += " (if it was in force)" if status == "unknown" else ""
    return "\n".join(
        [f"Coverage: **{status.replace('_', ' ')}**; covered: {parts}.", "", *(f"- {one}" for one in reasons)]
    )
