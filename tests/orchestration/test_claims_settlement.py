"""The letter and the payment of what was accepted."""

from pathlib import Path
from typing import Any

import pytest

from config.demo.claims_cases import CASES, hand_made
from config.demo.claims_data import write_book
from orchestration.brains.assignment import Assignment
from orchestration.procedures.claims.settlement import letter, settlement
from tests.orchestration.claims_office import Office, OfficeTools, ask, settle


@pytest.fixture
def office(tmp_path: Path) -> Office:
    write_book(hand_made(), tmp_path)
    return Office(tmp_path)


def accepted(office: Office, number: str, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    case = next(case for case in CASES if case.number == number)
    results = settle(office, case.claim | {"claim_number": number, "claimant": case.claimant})
    return results["adjudicator"] | changes, results


def test_letter_and_payment_say_the_same(office: Office) -> None:
    answer, results = accepted(office, "CL-4467")
    done = ask(office, "settlement", answer, results)
    text = office.letters["letter-CL-4467.md"]
    assert "Dear Ibrahim Saleh," in text
    assert "| Deductible | −$500.00 | policy 310774 |" in text
    assert "| **Payment** | **$482.75** | |" in text
    assert office.sent == [
        {
            "claim_number": "CL-4467",
            "policy_number": "310774",
            "payee": "Ibrahim Saleh",
            "amount_cents": 48_275,
            "currency": "USD",
            "letter": done["letter"],
            "letter_revision": 1,
        }
    ]
    assert (done["payment"], done["paid_cents"], done["due_cents"]) == ("sent", 48_275, 48_275)


def test_without_a_target_nothing_is_sent_and_it_says_so(tmp_path: Path) -> None:
    write_book(hand_made(), tmp_path)
    office = Office(tmp_path, pays=False)
    answer, results = accepted(office, "CL-4467")
    done = ask(office, "settlement", answer, results)
    assert done["payment"] == "not sent: no payment target configured"
    assert (done["paid_cents"], done["due_cents"]) == (0, 48_275)
    assert "letter-CL-4467.md" in office.letters


def test_a_person_s_amount_is_the_one_that_counts(office: Office) -> None:
    answer, results = accepted(office, "CL-4464", payout_cents=25_000_000, decided_by="Ruth Abara")
    ask(office, "settlement", answer, results)
    text = office.letters["letter-CL-4464.md"]
    assert "| Changed on review | −$50,000.00 | decision |" in text
    assert "| **Payment** | **$250,000.00** | |" in text
    assert "This was decided by Ruth Abara." in text
    assert office.sent[0]["amount_cents"] == 25_000_000


def test_nothing_due_is_a_letter_with_the_reason_and_no_payment(office: Office) -> None:
    answer, results = accepted(office, "CL-4459", decided_by="Ruth Abara")
    done = ask(office, "settlement", answer, results)
    text = office.letters["letter-CL-4459.md"]
    assert "No payment is due." in text
    assert "Policy 771930 was not in force: bound 2015-02-20, incident 2015-02-09." in text
    assert "Ruth Abara" in text
    assert (done["payment"], office.sent) == ("not due", [])


def test_suspicions_stay_in_the_house(office: Office) -> None:
    answer, results = accepted(office, "CL-4464")
    suspicion = "An injury is claimed, but nobody was injured."
    answer["against"] += [f"{suspicion} (claims row)", "Fraud score 12, at worst 12: from 60 a person looks."]
    results["fraud"]["contradictions"] = [suspicion]
    ask(office, "settlement", answer, results)
    text = office.letters["letter-CL-4464.md"]
    assert "nobody was injured" not in text
    assert "Fraud" not in text
    assert "would not be paid under policy 437715" in text


@pytest.mark.parametrize("amount", [None, "100", 1.5, -1, True])
def test_an_unusable_amount_is_neither_written_nor_paid(office: Office, amount: object) -> None:
    assignment = Assignment("settlement", "", "", {"claim_number": "CL-1", "payout_cents": amount}, {}, (), ())
    with pytest.raises(ValueError, match="payout_cents must be a whole number of cents"):
        settlement(assignment, OfficeTools(office, "settlement"))
    assert (office.letters, office.sent) == ({}, [])


def test_a_pipe_in_a_name_does_not_break_the_table() -> None:
    line = {"label": "Vehicle | claim", "amount_cents": 100, "source": "a|b.md"}
    assert "| Vehicle / claim | $1.00 | a/b.md |" in letter({"lines": [line]}, 100)
