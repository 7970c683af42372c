"""The Gantt view of a run: one line a turn, and people's time apart."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from accounts.tenancy import unit_of_work
from orchestration.models import Approval, Turn
from orchestration.pages.gantt import LEFT, ROOM, gantt
from tests.cast import Cast, signed_in
from tests.orchestration.offices import settled

BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)


def turn(agent: str, begin: int, end: int | None, state: str = "finished") -> Turn:
    finished = BEGIN + timedelta(seconds=end) if end is not None else None
    made = Turn(agent=agent, state=state, started_at=BEGIN + timedelta(seconds=begin), finished_at=finished)
    made.user_id = made.id
    return made


def bars(svg: str) -> list[tuple[str, float, float]]:
    found = re.findall(r'<rect class="(\w+) fill" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)
    return [(kind, float(x), float(width)) for kind, x, width in found]


def test_turns_lie_where_their_time_is() -> None:
    svg = gantt([turn("ada", 0, 10), turn("ben", 10, 20), turn("cam", 10, 20)], [], BEGIN)
    (_, ada, wide), (_, ben, _), (_, cam, _) = bars(svg)
    assert ada == LEFT and ben == cam
    assert abs(ben - (LEFT + ROOM / 2)) < 1 and abs(wide - ROOM / 2) < 1


def test_days_of_waiting_do_not_crush_the_work() -> None:
    first, second = turn("ada", 0, 200_010), turn("ben", 200_010, 200_020)
    asked = Approval(
        turn=first, created_at=BEGIN + timedelta(seconds=10), decided_at=BEGIN + timedelta(seconds=200_010)
    )
    (work, _, width), (wait, _, waited), (_, _, after) = bars(gantt([first, second], [asked], BEGIN))
    assert (work, wait) == ("agent", "person")
    assert width > ROOM * 0.3 and after > ROOM * 0.3 and waited < ROOM * 0.2


def test_what_is_open_reaches_to_now_and_what_failed_says_so() -> None:
    open_turn, failed = turn("ada", 0, None, "claimed"), turn("ben", 0, 5, "failed")
    (_, _, width), (kind, _, _) = bars(gantt([open_turn, failed], [], BEGIN + timedelta(seconds=10)))
    assert abs(width - ROOM) < 1 and kind == "failed"


def test_before_the_first_turn_there_is_nothing_to_draw() -> None:
    assert gantt([Turn(agent="ada")], [], BEGIN) == ""


def test_names_are_text_and_nothing_else() -> None:
    assert "<b>" not in gantt([turn("<b>", 0, 1)], [], BEGIN)


def test_the_page_shows_one_or_the_other(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path, "CL-4466")
    page = signed_in(cast.vera).get(f"{cast.path}runs/1/").content.decode()
    over_time = signed_in(cast.vera).get(f"{cast.path}runs/1/?view=gantt").content.decode()
    assert 'class="draw graph"' in page and 'class="draw gantt"' not in page
    assert 'class="draw gantt"' in over_time and 'class="draw graph"' not in over_time
    with unit_of_work(cast.harbor):
        asked = Approval.objects.count()
        taken = Turn.objects.exclude(started_at=None).exclude(user=None).count()
    assert len(bars(over_time)) == taken + asked > 3
