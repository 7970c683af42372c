"""Every generated claim against a calculation of its own, straight from the CSV files."""

from collections.abc import Iterator
from typing import Any

import pytest

from config.demo.claims_cases import hand_made
from config.demo.claims_data import generate, write_book
from tests.orchestration.claims_office import Office, exceptions_of, rows_of, settle

Outputs = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("book")
    write_book(generate().joined(hand_made()), folder)
    yield Office(folder)


@pytest.fixture(scope="module")
def settled(office: Office) -> list[tuple[dict[str, str], Outputs]]:
    return [(row, settle(office, row)) for row in rows_of(office.folder / "claims.csv")]


def owed(claim: dict[str, str], policy: dict[str, str]) -> int | None:
    """Cents due by the published formula, None where the policy system does not say enough."""
    if policy["policy_bind_date"] > claim["incident_date"]:
        return 0
    if policy["umbrella_limit"] == "?":
        return None
    umbrella = max(0.0, float(policy["umbrella_limit"]))
    limit = float(policy["policy_csl"].split("/")[1]) * 1000 + umbrella
    total = float(claim["injury_claim"]) + float(claim["property_claim"]) + float(claim["vehicle_claim"])
    return round(100 * max(0.0, min(total - float(policy["policy_deductable"]), limit)))


def test_amounts_equal_an_independent_calculation(
    office: Office, settled: list[tuple[dict[str, str], Outputs]]
) -> None:
    policies = {row["policy_number"]: row for row in rows_of(office.folder / "policies.csv")}
    compared = 0
    for claim, outputs in settled:
        due = owed(claim, policies[claim["policy_number"]])
        if due is not None:
            assert outputs["adjudicator"]["payout_cents"] == due, claim
            compared += 1
    assert compared == 709


def test_most_rows_need_nobody_and_no_agent_denies(settled: list[tuple[dict[str, str], Outputs]]) -> None:
    answers = [outputs["adjudicator"] for _, outputs in settled]
    alone = [one for one in answers if not exceptions_of("adjudicator", one)]
    assert len(alone) / len(answers) >= 0.6
    for one in alone:
        assert one["decision"] == "pay"
        assert one["payout_cents"] == one["claimed_cents"] - one["deductible_cents"] > 0


def test_lines_add_up_to_the_payout(settled: list[tuple[dict[str, str], Outputs]]) -> None:
    for _, outputs in settled:
        answer = outputs["adjudicator"]
        assert sum(line["amount_cents"] for line in answer["lines"]) == answer["payout_cents"]


def test_nobodys_personal_data_is_asked_for(office: Office, settled: list[tuple[dict[str, str], Outputs]]) -> None:
    assert settled
    assert office.denied == []


def test_every_referral_is_caught_by_an_exception_of_the_team(settled: list[tuple[dict[str, str], Outputs]]) -> None:
    for _, outputs in settled:
        raised = set(exceptions_of("adjudicator", outputs["adjudicator"])) - {"high-payout"}
        assert bool(raised) == (outputs["adjudicator"]["decision"] == "refer")


def test_reasons_cite_the_claim_and_the_policy(settled: list[tuple[dict[str, str], Outputs]]) -> None:
    for claim, outputs in settled:
        answer = outputs["adjudicator"]
        reasons = " ".join(answer["for"] + answer["against"])
        assert claim["policy_number"] in reasons
        assert "claims row" in reasons or answer["payout_cents"] == 0
