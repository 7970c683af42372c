"""Claim documents as people send them: PDF, markdown and JSON, made from a row and a story."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

from config.demo.claims_cases import CASES, Case

LABELS = {
    "incident_date": "Incident date",
    "incident_type": "Incident type",
    "collision_type": "Collision type",
    "incident_severity": "Incident severity",
    "authorities_contacted": "Authorities contacted",
    "incident_state": "Incident state",
    "incident_city": "Incident city",
    "incident_location": "Incident location",
    "incident_hour_of_the_day": "Incident hour of the day",
    "number_of_vehicles_involved": "Number of vehicles involved",
    "property_damage": "Property damage",
    "bodily_injuries": "Bodily injuries",
    "witnesses": "Witnesses",
    "police_report_available": "Police report available",
    "total_claim_amount": "Total claim amount",
    "injury_claim": "Injury claim",
    "property_claim": "Property claim",
    "vehicle_claim": "Vehicle claim",
}
MONEY = ("total_claim_amount", "injury_claim", "property_claim", "vehicle_claim")
MEDIA_TYPES = {"pdf": "application/pdf", "md": "text/markdown", "json": "application/json"}
HANDBOOK = """# Claims handbook

How this room settles auto claims. The full formulas are in the product's documentation.

- Deductible: the part of every claim that the insured pays, subtracted once from the covered total.
- Limit: the second number of the combined single limit is the most that is paid for one accident, in thousands.
- Umbrella: extra cover on top of the limit per accident.
- High payout: above $75,000.00 a supervisor decides.
- Fraud review: from a fraud score of 60 a supervisor looks at the claim.
- Denial: agents never deny a claim, in whole or in part; a person decides.
"""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document ready to be put into a room."""

    name: str
    media_type: str
    content: bytes


def papers(cases: Sequence[Case] = CASES) -> list[Paper]:
    """The handbook, and one claim document for each case in the case's format."""
    handbook = Paper("claims-handbook.md", MEDIA_TYPES["md"], HANDBOOK.encode())
    return [handbook, *(paper_of(case, case.format) for case in cases)]


def paper_of(case: Case, format: str) -> Paper:
    """The claim document `claim-<number>.<format>`; format is pdf, md or json."""
    write = {"pdf": _pdf, "md": _markdown, "json": _json}[format]
    return Paper(f"claim-{case.number}.{format}", MEDIA_TYPES[format], write(case))


def _fields(case: Case) -> list[tuple[str, str]]:
    own = " ".join(case.policy[column] for column in ("auto_year", "auto_make", "auto_model"))
    people = [
        ("Claim number", case.number),
        ("Policy number", case.claim["policy_number"]),
        ("Claimant", case.claimant),
        ("Insured", case.claimant),
        ("Vehicle", case.vehicle or own),
    ]
    return people + [(label, _shown(column, case.claim[column])) for column, label in LABELS.items()]


def _shown(column: str, value: str) -> str:
    return f"${float(value):,.2f}" if column in MONEY and value != "?" else value


def _markdown(case: Case) -> bytes:
    lines = [f"- **{label}:** {value}" for label, value in _fields(case)]
    text = [f"# Claim {case.number}", "", *lines, "", "## What happened", "", case.story, ""]
    return "\n".join(text).encode()


def _json(case: Case) -> bytes:
    record = {label.lower().replace(" ", "_"): value for label, value in _fields(case)}
    return (json.dumps({"claim": record, "what_happened": case.story}, indent=2) + "\n").encode()


def _pdf(case: Case) -> bytes:
    styles = getSampleStyleSheet()
    flow: list[Flowable] = [Paragraph(f"Claim {case.number}", styles["Title"])]
    flow += [Paragraph(f"<b>{escape(label)}:</b> {escape(value)}", styles["Normal"]) for label, value in _fields(case)]
    flow += [
        Spacer(1, 12),
        Paragraph("What happened", styles["Heading2"]),
        Paragraph(escape(case.story), styles["Normal"]),
    ]
    file = io.BytesIO()
    SimpleDocTemplate(file, pagesize=LETTER, title=f"Claim {case.number}", author=case.claimant, invariant=1).build(
        flow
    )
    return file.getvalue()
