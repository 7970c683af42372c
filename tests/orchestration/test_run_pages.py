"""Pages of runs: the list, the pane, one run, starting one by hand."""

from pathlib import Path

import pytest

from accounts.tenancy import unit_of_work
from orchestration.models import Run
from tests.cast import Cast, signed_in
from tests.orchestration.claims_room import paper
from tests.orchestration.offices import case, run_of, settled


def page(cast: Cast, who: str, path: str, status: int = 200) -> str:
    answer = signed_in(getattr(cast, who)).get(f"{cast.path}{path}")
    assert answer.status_code == status
    return answer.content.decode()


def listed(html: str) -> list[str]:
    """Numbers of the runs in a list, in order."""
    return [part.split("<")[0] for part in html.split('<span class="mono faint">')[1:]]


def test_those_that_need_a_person_come_first(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path, "CL-4466", "CL-4467")
    html = page(cast, "vera", "runs/")
    assert listed(html) == ["1", "2"]
    assert "Dana Whitfield" in html and "$12,480.50" in html and "a supervisor" in html
    assert "50 %" in html and "1 of 2" in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=waiting", ["1"]),
        ("state=finished", ["2"]),
        ("q=whitfield", ["1"]),
        ("q=CL-4467", ["2"]),
        ("q=2", ["2"]),
        ("q=nobody", []),
        ("document=claim-CL-4466.md", ["1"]),
        ("team=auto-claims", ["1", "2"]),
        ("team=librarian", []),
        ("after=0-1", ["2"]),
    ],
)
def test_filters_are_in_the_address(cast: Cast, tmp_path: Path, query: str, expected: list[str]) -> None:
    settled(cast, tmp_path, "CL-4466", "CL-4467")
    assert listed(page(cast, "vera", f"runs/?{query}")) == expected


@pytest.mark.parametrize("query", ["state=odd", "batch=odd", "after=odd", "after=0-99999999999999"])
def test_a_filter_that_cannot_be_is_refused(cast: Cast, query: str) -> None:
    assert "expected" in page(cast, "vera", f"runs/?{query}", 422)


def test_an_empty_room_says_what_to_do(cast: Cast) -> None:
    assert "No runs yet" in page(cast, "bob", "runs/")
    assert "No runs yet" in page(cast, "bob", "runs/side/")


def test_a_run_is_laid_open(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path, "CL-4467")
    html = page(cast, "vera", "runs/1/")
    for said in ("CL-4467", "Ibrahim Saleh", "documents.read", "sources.query", "letter-CL-4467", "procedure"):
        assert said in html
    assert "<svg" in html and "Procedures cost nothing" in html
    assert "runs/1/stop/" not in html


def test_a_waiting_run_offers_the_decision_to_whom_may_decide(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path, "CL-4466")
    assert ">Decide</a>" in page(cast, "pat", "runs/1/")
    assert ">Decide</a>" not in page(cast, "bob", "runs/1/")
    assert "Blocked by a supervisor" in page(cast, "bob", "runs/1/")


def test_no_such_run(cast: Cast) -> None:
    assert "no such run" in page(cast, "bob", "runs/17/", 404)


def test_a_person_stops_a_run(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path, "CL-4466")
    assert signed_in(cast.vera).post(f"{cast.path}runs/1/stop/").status_code == 403
    assert signed_in(cast.bob).post(f"{cast.path}runs/1/stop/").status_code == 302
    assert (run_of(cast, 1).state, run_of(cast, 1).reason) == (Run.State.STOPPING, "Stopped by Bob")
    assert "Stopping…" in page(cast, "bob", "runs/1/")


def test_stop_stops_everything(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path, "CL-4466", "CL-4467", "CL-4471")
    assert signed_in(cast.bob).post(f"{cast.path}stop/").status_code == 302
    assert [run_of(cast, number).state for number in (1, 2, 3)] == ["stopping", "finished", "stopping"]


def test_starting_one_by_hand(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path)
    with unit_of_work(cast.harbor):
        document = paper(cast, case("CL-4467"))
    browser = signed_in(cast.bob)
    assert (
        f'value="{document.id}" checked' in browser.get(f"{cast.path}runs/new/?document={document.id}").content.decode()
    )
    given = {"team": "auto-claims", "goal": "Settle it", "documents": [str(document.id)]}
    assert browser.post(f"{cast.path}runs/new/", given).headers["Location"] == f"{cast.path}runs/1/"
    assert run_of(cast, 1).documents == [{"id": str(document.id), "name": document.name, "revision": 1}]


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"team": "nobody", "goal": "x"}, 404, "no team of that name"),
        ({"team": "auto-claims", "goal": " "}, 422, "needs a goal"),
        ({"team": "auto-claims", "goal": "x", "documents": ["17"]}, 404, "no such document"),
    ],
)
def test_what_cannot_start_is_said_in_place(
    cast: Cast, tmp_path: Path, given: dict[str, str], status: int, said: str
) -> None:
    settled(cast, tmp_path)
    answer = signed_in(cast.bob).post(f"{cast.path}runs/new/", given)
    assert answer.status_code == status and said in answer.content.decode()
    with unit_of_work(cast.harbor):
        assert not Run.objects.exists()
