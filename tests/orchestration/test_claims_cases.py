"""The ten claims made by hand, from their documents: each ends as its case says."""

from pathlib import Path

import pytest

from config.demo.claims_cases import CASES, hand_made
from config.demo.claims_data import write_book
from config.demo.claims_papers import paper_of, papers
from tests.orchestration.claims_office import Office, ask, settle

EXPECTED = {
    "CL-4471": ("pay", 8_124_000),
    "CL-4466": ("fraud_review", 1_248_050),
    "CL-4467": ("pay", 48_275),
    "CL-4459": ("not_covered", 0),
    "CL-4472": ("part_denial", 270_000),
    "CL-4474": ("pay", 592_000),
    "CL-4468": ("undetermined", 30_000_000),
    "CL-4465": ("nothing_due", 0),
    "CL-4464": ("part_denial", 30_000_000),
    "CL-4473": ("pay", 34_000_000),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("cases")
    write_book(hand_made(), folder)
    for paper in papers():
        (folder / paper.name).write_bytes(paper.content)
    return Office(folder)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.number))
def test_a_case_ends_as_it_should(office: Office, case: object) -> None:
    number, format = case.number, case.format  # type: ignore[attr-defined]
    answer = settle(office, {}, office.folder / f"claim-{number}.{format}")["adjudicator"]
    assert (answer["outcome"], answer["payout_cents"]) == EXPECTED[number]
    assert answer["claim_number"] == number
    assert f"claim-{number}.{format}, revision 1" in " ".join(answer["for"] + answer["against"])


def test_ten_cases_in_three_formats() -> None:
    assert len(CASES) == 10
    assert {case.format for case in CASES} == {"pdf", "md", "json"}


@pytest.mark.parametrize("format", ["pdf", "md", "json"])
def test_a_claim_reads_the_same_in_every_format(office: Office, tmp_path: Path, format: str) -> None:
    for case in CASES:
        paper = paper_of(case, format)
        path = tmp_path / paper.name
        path.write_bytes(paper.content)
        from_paper = ask(office, "intake", {}, {}, path)
        from_row = ask(office, "intake", case.claim)
        same = (
            set(from_row)
            - {"claim_number", "source", "summary", "claimant", "insured"}
            - {
                "vehicle_make",
                "vehicle_model",
                "vehicle_year",
            }
        )
        assert {key: from_paper[key] for key in same} == {key: from_row[key] for key in same}
        assert (from_paper["claim_number"], from_paper["claimant"]) == (case.number, case.claimant)


def test_unknown_evidence_is_named_only_where_it_matters(office: Office) -> None:
    harmless = settle(office, {}, office.folder / "claim-CL-4467.md")
    assert harmless["coverage"]["unknown"] == ["umbrella_cents"]
    assert harmless["adjudicator"]["unknown"] == []
    decisive = settle(office, {}, office.folder / "claim-CL-4468.pdf")["adjudicator"]
    assert decisive["unknown"] == ["umbrella"]
    assert (decisive["payout_cents"], decisive["payout_high_cents"]) == (30_000_000, 31_700_000)


def test_a_contradiction_raises_the_score_and_alone_asks_nobody(office: Office) -> None:
    results = settle(office, {}, office.folder / "claim-CL-4474.md")
    assert results["fraud"]["contradictions"] == ["An injury is claimed, but nobody was injured."]
    assert 0 < results["fraud"]["score_high"] < 60
    assert results["adjudicator"]["decision"] == "pay"
    assert any("nobody was injured" in reason for reason in results["adjudicator"]["against"])
