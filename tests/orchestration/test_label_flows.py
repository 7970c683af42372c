"""Where labelled data may flow, one flow a row, through the real doors: engine, model over HTTP, receiver, API, socket.

What arrived at the other end is searched for the secret of the flow; every refusal has to name its boundary.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.cast import Cast
from tests.live.receiver import Receiver
from tests.live.scripted_openai import ScriptedOpenAI
from tests.orchestration import flow_rows_models, flow_rows_outside, flow_rows_people
from tests.orchestration.flow_house import Flow, House
from tests.workrooms.conftest import web  # noqa: F401

MAY_ARRIVE = "arrives"


@pytest.fixture
def house(cast: Cast, tmp_path: Path) -> Iterator[House]:
    """A furnished house with its servers."""
    with ScriptedOpenAI([]) as server, Receiver() as receiver:
        found = House(cast, server, receiver, tmp_path)
        found.furnish()
        yield found


def tried(house: House, flows: Sequence[Flow]) -> list[str]:
    """Try every flow, print the table, and return what was wrong."""
    wrong = []
    for number, flow in enumerate(flows, start=1):
        secret = f"Quillfeather{number:02}"
        house.begin()
        seen = flow.try_it(house, secret)
        leaked = secret in seen.arrived and flow.expected != MAY_ARRIVE
        missing = secret not in seen.arrived and flow.expected == MAY_ARRIVE
        good = (seen.outcome, seen.boundary) == (flow.expected, flow.boundary) and not leaked and not missing
        print(f"{'ok ' if good else 'BAD'} {flow.name:62} {seen.outcome:9} {seen.boundary}")
        if not good:
            why = "LEAKED" if leaked else "did not arrive" if missing else f"expected {flow.expected} {flow.boundary}"
            wrong.append(f"{flow.name}: {seen.outcome} {seen.boundary}: {why}")
    return wrong


def test_flows_to_models(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print()
        assert tried(house, flow_rows_models.FLOWS) == []


def test_flows_out_of_the_room(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print()
        assert tried(house, flow_rows_outside.FLOWS) == []


def test_flows_to_people(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print()
        assert tried(house, flow_rows_people.FLOWS) == []


def test_flows_over_the_socket(house: House, web: str, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    house.web = web
    with capsys.disabled():
        print()
        assert tried(house, flow_rows_people.FRAMES) == []


def test_there_are_flows_of_every_kind() -> None:
    flows = [*flow_rows_models.FLOWS, *flow_rows_outside.FLOWS, *flow_rows_people.FLOWS, *flow_rows_people.FRAMES]
    assert len(flows) == len({flow.name for flow in flows}) >= 30
    assert {flow.expected for flow in flows} == {"arrives", "redacted", "refused", "asks", "private", "left out"}
    assert all(flow.boundary for flow in flows if flow.expected in ("refused", "asks"))
