"""Coverage and fraud, and what the assessor and the adjudicator make of them."""

from pathlib import Path
from typing import Any

import pytest

from config.demo.claims_cases import CASES, hand_made
from config.demo.claims_columns import PERSONAL_COLUMNS
from config.demo.claims_data import Book, write_book
from orchestration.brains.assignment import Assignment, ToolDenied
from orchestration.procedures.claims.adjudicator import adjudicator
from orchestration.procedures.claims.assessor import assessor
from orchestration.procedures.claims.coverage import limits_of, plain
from orchestration.procedures.claims.fraud import REVIEW_BAR, fraud
from orchestration.procedures.claims.indicators import CONTRADICTIONS
from tests.orchestration.claims_office import Office, OfficeTools, ask, settle

PLAIN = next(case for case in CASES if case.number == "CL-4467")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    write_book(hand_made(), tmp_path)
    return Office(tmp_path)


def findings(office: Office, **changes: str) -> dict[str, dict[str, Any]]:
    return settle(office, PLAIN.claim | changes)


@pytest.mark.parametrize("column", PERSONAL_COLUMNS)
@pytest.mark.parametrize("request_", ["columns", "where", "order_by"])
def test_fraud_is_refused_what_is_personal(office: Office, column: str, request_: str) -> None:
    asked: dict[str, Any] = {"columns": ["policy_number"]}
    asked[request_] = {"columns": [column], "where": [[column, "=", "x"]], "order_by": column}[request_]
    with pytest.raises(ToolDenied, match=f"'{column}' is not granted"):
        OfficeTools(office, "fraud").call("sources.query", source="policies", **asked)
    assert office.denied == [f"fraud:{column}"]


@pytest.mark.parametrize(
    ("changes", "status", "outcome"),
    [
        ({"policy_number": "999999"}, "no_policy", "not_covered"),
        ({"policy_number": "?"}, "unknown", "undetermined"),
        ({"incident_date": "2009-05-04"}, "in_force", "pay"),
        ({"incident_date": "2009-05-03"}, "not_in_force", "not_covered"),
        ({"incident_date": "?"}, "unknown", "undetermined"),
    ],
)
def test_in_force_is_bind_date_not_after_incident(
    office: Office, changes: dict[str, str], status: str, outcome: str
) -> None:
    results = findings(office, **changes)
    assert results["coverage"]["status"] == status
    assert results["adjudicator"]["outcome"] == outcome


def test_two_policies_of_one_number_are_unknown(tmp_path: Path) -> None:
    twice = Book([PLAIN.policy, PLAIN.policy | {"policy_deductable": "2000"}], [PLAIN.claim], [])
    write_book(twice, tmp_path)
    results = findings(Office(tmp_path))
    assert results["coverage"]["status"] == "unknown"
    assert results["adjudicator"]["decision"] == "refer"


def test_limits_are_read_or_unknown() -> None:
    policy = {"policy_csl": "250/500", "policy_deductable": "1000", "umbrella_limit": "-1000000"}
    assert limits_of(policy) == {
        "deductible_cents": 100_000,
        "per_person_limit_cents": 25_000_000,
        "per_accident_limit_cents": 50_000_000,
        "umbrella_cents": None,
    }
    assert limits_of(policy | {"policy_csl": "500"})["per_accident_limit_cents"] is None


def test_vehicles_are_compared_as_they_are_meant(office: Office) -> None:
    assert plain("SUBURU") == plain("Subaru")
    results = {"intake": ask(office, "intake", PLAIN.claim | {"vehicle": "2012 HONDA civic"})}
    assert ask(office, "coverage", results["intake"], results)["status"] == "in_force"


def test_a_claimant_who_is_not_the_insured_goes_to_a_person(office: Office) -> None:
    results = findings(office, claimant="Mallory", insured="Ibrahim Saleh")
    assert results["coverage"]["status"] == "mismatch"
    assert results["adjudicator"]["outcome"] == "not_covered"
    assert "The document names Ibrahim Saleh as the insured" in results["adjudicator"]["against"][0]


CONTRADICTORY = (
    {"injury_claim": "100", "total_claim_amount": "1082.75", "bodily_injuries": "0"},
    {"property_claim": "100", "total_claim_amount": "1082.75", "property_damage": "NO"},
    {"total_claim_amount": "990"},
    {"incident_date": "2009-01-01"},
    {"incident_type": "Multi-vehicle Collision", "number_of_vehicles_involved": "1"},
    {"incident_type": "Parked Car", "number_of_vehicles_involved": "2"},
    {"incident_severity": "Total Loss", "authorities_contacted": "None", "police_report_available": "NO"},
    {"incident_severity": "Total Loss", "authorities_contacted": "None", "police_report_available": "YES"},
)


@pytest.mark.parametrize("changes", CONTRADICTORY)
def test_a_contradiction_raises_the_score_but_alone_not_to_the_bar(office: Office, changes: dict[str, str]) -> None:
    before, after = findings(office)["fraud"], findings(office, **changes)["fraud"]
    assert before["contradictions"] == []
    assert 1 <= len(after["contradictions"]) <= 2
    assert before["score"] < after["score"] <= after["score_high"] < REVIEW_BAR


def test_every_contradiction_is_exercised(office: Office) -> None:
    found = {text for changes in CONTRADICTORY for text in findings(office, **changes)["fraud"]["contradictions"]}
    assert found == {one.reason for one in CONTRADICTIONS}


def test_history_raises_the_score(office: Office, tmp_path: Path) -> None:
    clean = findings(office)["fraud"]["score"]
    earlier = PLAIN.claim | {"incident_date": "2014-11-01", "incident_location": "elsewhere"}
    neighbour = PLAIN.claim | {"policy_number": "111111", "incident_date": "2015-02-20"}
    write_book(Book([PLAIN.policy], [PLAIN.claim, PLAIN.claim, earlier, neighbour], []), tmp_path)
    found = findings(Office(tmp_path))["fraud"]
    assert found["score"] == clean + 15 + 25 + 20


def test_a_refused_history_is_unknown_evidence_not_a_failure(office: Office) -> None:
    class Nothing:
        def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
            raise ToolDenied("claims is not granted to fraud.")

    claim = ask(office, "intake", PLAIN.claim)
    found = fraud(Assignment("fraud", "", "", claim, {"intake": claim}, (), ()), Nothing())
    assert found["score_high"] > found["score"]
    assert "no further: claims is not granted to fraud." in found["checked"]


def test_unknown_evidence_that_could_reach_the_bar_asks_a_person(office: Office) -> None:
    doubtful = {"incident_severity": "Major Damage", "incident_hour_of_the_day": "12", "police_report_available": "?"}
    proven = findings(office, **doubtful | {"police_report_available": "YES"})
    assert (proven["fraud"]["score"], proven["adjudicator"]["decision"]) == (50, "pay")
    open_ = findings(office, **doubtful | {"witnesses": "?"})
    assert (open_["fraud"]["score"], open_["fraud"]["score_high"]) == (50, 66)
    assert open_["adjudicator"]["outcome"] == "fraud_review"
    assert any("police report" in one for one in open_["adjudicator"]["unknown"])


def test_the_assessor_keeps_both_sides(office: Office) -> None:
    results = findings(office)
    given = {"coverage": results["coverage"], "fraud": results["fraud"] | {"bind_date": "2001-01-01"}}
    joined = assessor(Assignment("assessor", "", "", given, results, (), ()), OfficeTools(office, "assessor"))
    assert joined["conflicts"] == [{"field": "bind_date", "values": {"coverage": "2009-05-04", "fraud": "2001-01-01"}}]
    assert "coverage says 2009-05-04, fraud says 2001-01-01" in joined["contradictions"][0]


@pytest.mark.parametrize("missing", ["coverage", "fraud"])
def test_a_missing_finding_is_unknown_and_goes_to_a_person(office: Office, missing: str) -> None:
    results = findings(office)
    given = {name: results[name] for name in ("coverage", "fraud") if name != missing}
    rest = {name: output for name, output in results.items() if name != missing}
    joined = assessor(Assignment("assessor", "", "", given, rest, (), ()), OfficeTools(office, "assessor"))
    answer = adjudicator(Assignment("adjudicator", "", "", joined, rest, (), ()), OfficeTools(office, "adjudicator"))
    assert answer["decision"] == "refer"
    assert answer["unknown"]
