"""Built-in procedures: Python code that answers for an agent, offline and deterministically."""

from orchestration.brains.assignment import Procedure
from orchestration.procedures.claims.adjudicator import adjudicator
from orchestration.procedures.claims.assessor import assessor
from orchestration.procedures.claims.coverage import coverage
from orchestration.procedures.claims.fraud import fraud
from orchestration.procedures.claims.intake import intake
from orchestration.procedures.claims.settlement import settlement
from orchestration.procedures.librarian import librarian
from orchestration.procedures.rehearsal import script

PROCEDURES: dict[str, Procedure] = {
    "claims.intake": intake,
    "claims.coverage": coverage,
    "claims.fraud": fraud,
    "claims.assessor": assessor,
    "claims.adjudicator": adjudicator,
    "claims.settlement": settlement,
    "librarian": librarian,
    "rehearsal.script": script,
}
