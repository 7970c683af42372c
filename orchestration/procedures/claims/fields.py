"""The fields of a claim: what they are called in the claims system and in documents, and how they are read."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from orchestration.procedures.claims.money import cents

PARTS = ("injury", "property", "vehicle")
UNKNOWN = frozenset({"", "?", "unknown", "n/a", "not known", "not stated"})
DATE_FORMATS = ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y")

# field of a claim: (column of the claims system, further labels used in documents)
LABELS: dict[str, tuple[str, ...]] = {
    "claim_number": ("claim_number", "claim no", "claim id"),
    "policy_number": ("policy_number", "policy no", "policy"),
    "claimant": ("claimant", "claimant name", "payee"),
    "insured": ("insured", "insured name", "insured person", "policyholder", "named insured"),
    "incident_date": ("incident_date", "date of incident", "date of loss", "loss date"),
    "incident_type": ("incident_type", "type of incident"),
    "collision_type": ("collision_type", "type of collision"),
    "severity": ("incident_severity", "severity"),
    "authorities": ("authorities_contacted", "authorities"),
    "incident_state": ("incident_state", "state"),
    "incident_city": ("incident_city", "city"),
    "incident_location": ("incident_location", "location", "place"),
    "hour": ("incident_hour_of_the_day", "hour of the day", "hour"),
    "vehicles": ("number_of_vehicles_involved", "vehicles involved"),
    "property_damage": ("property_damage",),
    "injured": ("bodily_injuries", "people injured", "persons injured"),
    "witnesses": ("witnesses",),
    "police_report": ("police_report_available", "police report"),
    "total_cents": ("total_claim_amount", "total claim", "total claimed", "total"),
    "injury_cents": ("injury_claim", "injury"),
    "property_cents": ("property_claim", "property"),
    "vehicle_cents": ("vehicle_claim", "vehicle damage"),
    "vehicle": ("vehicle", "insured vehicle"),
    "vehicle_make": ("auto_make", "vehicle make", "make"),
    "vehicle_model": ("auto_model", "vehicle model", "model"),
    "vehicle_year": ("auto_year", "vehicle year", "model year", "year"),
}
NAMED_ONLY_IN_DOCUMENTS = ("claimant", "insured", "vehicle_make", "vehicle_model", "vehicle_year")


def label_key(label: str) -> str:
    """`Policy number`, `policy_number` and `**Policy number**` are one label."""
    return re.sub(r"[\s_*`]+", " ", label).strip().casefold()


FIELD_OF_LABEL = {label_key(label): field for field, labels in LABELS.items() for label in labels}


def _text(written: str) -> str | None:
    return " ".join(written.split())[:200] or None


def _count(written: str) -> int | None:
    return int(written) if re.fullmatch(r"\d{1,4}", written.strip()) else None


def _yes_or_no(written: str) -> str | None:
    answer = written.strip().upper()
    return {"YES": "YES", "Y": "YES", "NO": "NO", "N": "NO"}.get(answer)


def _amount(written: str) -> int | None:
    amount = cents(written)
    return amount if amount is not None and amount >= 0 else None


def iso_date(written: str | None) -> str | None:
    """An unambiguous date as ISO 8601; `01/02/2015` could be two days, so it is None."""
    for format in DATE_FORMATS:
        try:
            return datetime.strptime((written or "").strip(), format).date().isoformat()
        except ValueError:
            continue
    return None


def days_between(first: str | None, second: str | None) -> int | None:
    """Days from `first` to `second` (ISO dates), None when one is unknown."""
    if first is None or second is None:
        return None
    return (date.fromisoformat(second) - date.fromisoformat(first)).days


READERS: dict[str, Callable[[str], Any]] = {
    "incident_date": iso_date,
    "hour": _count,
    "vehicles": _count,
    "injured": _count,
    "witnesses": _count,
    "vehicle_year": _count,
    "property_damage": _yes_or_no,
    "police_report": _yes_or_no,
    "total_cents": _amount,
    "injury_cents": _amount,
    "property_cents": _amount,
    "vehicle_cents": _amount,
}


def claim_of(written: Mapping[str, list[str]]) -> dict[str, Any]:
    """A claim from what is written for each field: values, None where nothing usable or two different things are
    written, and `unknown`, the names of the fields that are None (a field that only documents hold may be absent)."""
    claim: dict[str, Any] = {field: _agreed(field, written.get(field, [])) for field in LABELS if field != "vehicle"}
    if claim["vehicle_make"] is None and (whole := written.get("vehicle")):
        match = re.fullmatch(r"(\d{4})\s+(\S+)\s+(.+)", whole[0].strip())
        if match:
            claim |= {"vehicle_year": int(match[1]), "vehicle_make": match[2], "vehicle_model": match[3]}
    expected = [field for field in claim if field not in NAMED_ONLY_IN_DOCUMENTS or field in written]
    claim["unknown"] = [field for field in expected if claim[field] is None and field != "claim_number"]
    return claim


def _agreed(field: str, values: list[str]) -> Any:
    known = [value for value in values if value.strip().casefold() not in UNKNOWN]
    read = {READERS.get(field, _text)(value) for value in known}
    return read.pop() if len(read) == 1 else None
