"""Files dropped to start runs: count and forecast first, then one run a file or one a row, nothing twice."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.tenancy import unit_of_work
from config.demo.claims_cases import CASES
from config.demo.claims_papers import paper_of
from orchestration.models import Batch, Run
from tests.cast import Cast, signed_in
from tests.orchestration.offices import case, settled
from workrooms.models import Document, Message

ROWS = "policy_number,total_claim_amount\n100,5\n200,6\n300,7\n"


def claim(number: str) -> SimpleUploadedFile:
    made = paper_of(CASES[case(number)], "md")
    return SimpleUploadedFile(made.name, made.content)


def table(text: str = ROWS) -> SimpleUploadedFile:
    return SimpleUploadedFile("november.csv", text.encode())


def test_count_and_forecast_come_before_anything_starts(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path)
    browser = signed_in(cast.bob)
    seen = browser.post(f"{cast.path}runs/batch/", {"team": "auto-claims", "files": table()})
    html = seen.content.decode()
    assert seen.status_code == 200 and "Start 3 runs?" in html and "policy_number" in html
    with unit_of_work(cast.harbor):
        assert not Run.objects.exists()
        assert Document.objects.get().name == "november.csv"
    token = html.split('name="token" value="')[1].split('"')[0]
    assert browser.post(f"{cast.path}runs/batch/", {"team": "auto-claims", "token": token}).status_code == 302
    with unit_of_work(cast.harbor):
        assert sorted(Run.objects.values_list("input__policy_number", flat=True)) == ["100", "200", "300"]
        headline = Message.objects.get(kind="run")
        assert "3 runs from november.csv" in headline.html


def test_one_run_a_file(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path)
    files = [claim("CL-4466"), claim("CL-4467")]
    given = {"team": "auto-claims", "files": files, "confirmed": "1"}
    answer = signed_in(cast.bob).post(f"{cast.path}runs/batch/", given)
    assert answer.headers["Location"] == f"{cast.path}runs/"
    with unit_of_work(cast.harbor):
        named = [run.documents[0]["name"] for run in Run.objects.order_by("number")]
    assert named == ["claim-CL-4466.md", "claim-CL-4467.md"]


def test_the_same_file_again_is_the_same_document(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path)
    browser = signed_in(cast.bob)
    for _ in range(2):
        given = {"team": "auto-claims", "files": table(), "confirmed": "1"}
        assert browser.post(f"{cast.path}runs/batch/", given).status_code == 302
    with unit_of_work(cast.harbor):
        assert (Document.objects.count(), Batch.objects.count(), Run.objects.count()) == (1, 1, 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1\n", "line 2: expected 2 cells, found 1"),
        ("a,a\n1,2\n", "names a column twice"),
        ("a,b\n", "no rows below its header"),
    ],
)
def test_a_bad_table_starts_and_keeps_nothing(cast: Cast, tmp_path: Path, text: str, said: str) -> None:
    settled(cast, tmp_path)
    given = {"team": "auto-claims", "files": table(text), "confirmed": "1"}
    answer = signed_in(cast.bob).post(f"{cast.path}runs/batch/", given)
    assert answer.status_code == 422 and said in answer.content.decode()
    with unit_of_work(cast.harbor):
        assert not Run.objects.exists() and not Document.objects.exists()


def test_refusals(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path)
    url = f"{cast.path}runs/batch/"
    assert signed_in(cast.vera).post(url, {"team": "auto-claims", "files": table()}).status_code == 403
    browser = signed_in(cast.bob)
    for given, status in (
        ({"team": "auto-claims"}, 422),
        ({"team": "nobody", "files": table()}, 404),
        ({"team": "auto-claims", "token": "forged"}, 422),
        ({"team": "auto-claims", "files": [table(), claim("CL-4467")]}, 422),
    ):
        assert browser.post(url, given).status_code == status
    with unit_of_work(cast.harbor):
        assert not Run.objects.exists() and not Document.objects.exists()
