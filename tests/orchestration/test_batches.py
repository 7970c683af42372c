"""Many runs from one file: strict reading, one run a row, resumable."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.errors import Invalid
from accounts.tenancy import unit_of_work
from orchestration.actions.batches import row_keys, start_batch
from orchestration.incoming.csv_rows import MOST_ROWS, read_rows
from orchestration.models import Batch, Run, Team
from tests.cast import Cast
from tests.orchestration.claims_room import furnish
from workrooms.models import Message


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "line 1"),
        (b"a,,c\n1,2,3\n", "line 1"),
        (b"a,b\n1,2,3\n", "line 2"),
        (b'a,b\n1,"2\n', "line 2"),
        (b'a,b\n1,2\n3,"4"5\n', "line 3"),
        (b"a,b\n1,\xff\n", "line 2"),
        (b"a,b\n1,\0\n", "line 2"),
        (b"a,b\n", "file"),
        (b"a\n" + b"1\n" * (MOST_ROWS + 1), "file"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_line(content: bytes, where: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_rows("claims.csv", content)
    assert refused.value.errors[0][0] == where and "claims.csv" in refused.value.detail


def test_what_a_spreadsheet_writes_is_read() -> None:
    content = '\ufeffname,what happened\r\nDana,"hit, from\r\nbehind"\r\n\r\nWei,slid\r\n'.encode()
    assert read_rows("claims.csv", content) == [
        {"name": "Dana", "what happened": "hit, from\r\nbehind"},
        {"name": "Wei", "what happened": "slid"},
    ]


def test_equal_rows_are_told_apart_by_their_count() -> None:
    one, two, again = row_keys([{"a": "1"}, {"a": "2"}, {"a": "1"}])
    assert len({one, two, again}) == 3
    assert row_keys([{"a": "1"}, {"a": "1"}]) == [one, again]


def test_a_batch_goes_on_where_it_ended(cast: Cast, tmp_path: Path) -> None:
    furnish(cast, tmp_path, rows=2)
    rows = [{"policy_number": str(number)} for number in range(5)]
    with unit_of_work(cast.harbor):
        team = Team.objects.select_related("published").get()
        first = start_batch(cast.room, actor=cast.bob, team=team, name="five.csv", rows=rows, limit=2)
    with unit_of_work(cast.harbor):
        again = start_batch(cast.room, actor=cast.bob, team=team, name="five.csv", rows=rows)
        other = start_batch(cast.room, actor=cast.bob, team=team, name="four.csv", rows=rows[:4])
        assert (again.id, other.id != first.id) == (first.id, True)
        assert Run.objects.filter(batch=first).count() == 5
        assert "5 runs from five.csv" in Message.objects.get(pk=first.headline_id).html
        assert Message.objects.filter(kind="run").count() == 2


def run_batch(*arguments: str) -> str:
    out = io.StringIO()
    call_command("run_batch", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_run_batch_works_alone_and_is_resumed(cast: Cast, tmp_path: Path) -> None:
    furnish(cast, tmp_path, rows=4)
    file = str(tmp_path / "claims.csv")
    first = run_batch("harbor/auto-claims", "auto-claims", file, "--limit", "2", "--concurrency", "2")
    assert "carried now                 2 rows" in " ".join(first.split(" ")) or "2 rows in" in first
    again = run_batch("harbor/auto-claims", "auto-claims", file, "--limit", "4")
    assert "2 rows in" in again and "rows/s" in again
    with unit_of_work(cast.harbor):
        assert Batch.objects.count() == 1
        states = set(Run.objects.filter(parent=None).values_list("state", flat=True))
        assert Run.objects.filter(parent=None).count() == 4 and states <= {"finished", "waiting"}


@pytest.mark.parametrize(
    ("room", "team", "text", "said"),
    [
        ("harbor", "auto-claims", "a\n1\n", "ORGANIZATION/ROOM"),
        ("nowhere/auto-claims", "auto-claims", "a\n1\n", "no organization 'nowhere'"),
        ("harbor/nowhere", "auto-claims", "a\n1\n", "its rooms: auto-claims"),
        ("harbor/auto-claims", "nobody", "a\n1\n", "no team of that name"),
        ("harbor/auto-claims", "auto-claims", "a,b\n1\n", "line 2: expected 2 cells, found 1"),
        ("harbor/auto-claims", "auto-claims", None, "cannot be read"),
    ],
)
def test_run_batch_refuses_in_words(
    cast: Cast, tmp_path: Path, room: str, team: str, text: str | None, said: str
) -> None:
    furnish(cast, tmp_path, rows=2)
    file = tmp_path / "rows.csv"
    if text is not None:
        file.write_text(text)
    with pytest.raises(CommandError, match=said):
        run_batch(room, team, str(file))
    with unit_of_work(cast.harbor):
        assert not Run.objects.exists() and not Batch.objects.exists()
