"""Intake: structures a claim document, or a row of the claims system, without guessing."""

from typing import Any

from orchestration.brains.assignment import Assignment, Tools
from orchestration.procedures.claims.fields import FIELD_OF_LABEL, claim_of, label_key
from orchestration.procedures.claims.money import dollars
from orchestration.procedures.claims.papers import written_in


def intake(assignment: Assignment, tools: Tools) -> dict[str, Any]:
    """The claim as fields; one that is missing, unreadable or written in two ways is null and named in `unknown`."""
    written: dict[str, list[str]] = {}
    sources: list[str] = []
    for document in assignment.documents:
        read = tools.call("documents.read", document=document.id)
        found = written_in(str(read["text"]), str(read["media_type"]))
        sources.append(f"{read['name']}, revision {read['revision']}")
        _merge(written, found)
    row = _of_row(assignment.input)
    if row:
        sources.append("claims row")
        _merge(written, row)
    claim = claim_of(written)
    claim["claim_number"] = claim["claim_number"] or _number(claim)
    claim |= {"currency": "USD", "source": "; ".join(sources) or "nothing given"}
    return claim | {"summary": _summary(claim)}


def _of_row(row: dict[str, Any]) -> dict[str, list[str]]:
    fields = {key: FIELD_OF_LABEL.get(label_key(key)) for key in row}
    return {
        field: [str(row[key])] for key, field in fields.items() if field and isinstance(row[key], str | int | float)
    }


def _merge(written: dict[str, list[str]], found: dict[str, list[str]]) -> None:
    for field, values in found.items():
        written.setdefault(field, []).extend(values)


def _number(claim: dict[str, Any]) -> str:
    return f"CL-{claim['policy_number'] or 'unknown'}-{(claim['incident_date'] or 'undated').replace('-', '')}"


def _summary(claim: dict[str, Any]) -> str:
    total = dollars(claim["total_cents"]) if claim["total_cents"] is not None else "an unknown amount"
    kind = claim["incident_type"] or "incident of unknown type"
    lines = [
        f"**{claim['claim_number']}**: {kind}, {claim['incident_date'] or 'date unknown'}, "
        f"policy {claim['policy_number'] or 'unknown'}, {total} claimed.",
        f"Read from {claim['source']}.",
    ]
    if claim["unknown"]:
        lines.append("Not known: " + ", ".join(name.removesuffix("_cents") for name in claim["unknown"]) + ".")
    return "\n\n".join(lines)
