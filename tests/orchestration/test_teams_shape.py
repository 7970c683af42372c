"""The picture of a team: true to the team, readable without seeing it, and safe under a strict content policy."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.teams.gallery import gallery
from orchestration.teams.loading import load
from orchestration.teams.shape import draw

SVG = "{http://www.w3.org/2000/svg}"
CLAIMS = load(gallery()["auto-claims"]).data
WORKING: dict[str, dict[str, Any]] = {
    "0": {"state": "finished", "seconds": 3.14},
    "1.0": {"state": "finished", "seconds": 18.2},
    "1.1": {"state": "claimed", "seconds": None},
    "2": {"state": "waiting", "seconds": 94},
}


def read(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def titles(svg: str) -> list[str]:
    return [title.text or "" for title in read(svg).iter(f"{SVG}title")]


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of what is drawn, without the sheet behind a team of the room."""
    found = []
    for group in read(svg).iter(f"{SVG}g"):
        if (rect := group.findall(f"{SVG}rect")[-1:]) != []:
            x, y, width, height = (float(rect[0].get(key) or "nan") for key in ("x", "y", "width", "height"))
            found.append((x, y, x + width, y + height))
        for circle in group.findall(f"{SVG}circle"):
            x, y, radius = (float(circle.get(key) or "nan") for key in ("cx", "cy", "r"))
            found.append((x - radius, y - radius, x + radius, y + radius))
    return found


def test_a_team_is_drawn_with_its_brains() -> None:
    assert titles(draw(CLAIMS)) == [
        f"{name}: procedure" for name in ("Intake", "Coverage", "Fraud", "Assessor", "Adjudicator", "Settlement")
    ]


def test_it_is_told_in_a_sentence() -> None:
    assert read(draw(CLAIMS)).get("aria-label") == (
        "Intake, then Coverage and Fraud at once, joined by Assessor, then Adjudicator, then Settlement; "
        "people are asked if needed: approver"
    )


def test_a_run_is_drawn_with_how_far_each_is() -> None:
    svg = draw(CLAIMS, WORKING)
    assert titles(svg) == [
        "Intake: 3.1 s", "Coverage: 18 s", "Fraud: working", "Assessor: not yet", "Adjudicator: waits 94 s",
        "Settlement: not yet",
    ]  # fmt: skip
    assert "Fraud (working) at once, joined by Assessor (not yet), then Adjudicator (waits for a person)" in svg
    classes = [group.get("class") for group in read(svg).iter(f"{SVG}g") if group.find(f"{SVG}title") is not None]
    assert classes == ["agent", "agent", "agent", "idle", "person", "idle"]
    assert "to decide" in svg and ">if needed<" not in svg


def test_a_run_that_has_not_begun_is_not_drawn_as_done() -> None:
    assert set(titles(draw(CLAIMS, {}))) >= {"Intake: not yet"}


@pytest.mark.parametrize("state", ["failed", "stopped", "skipped", "paused", "running", "stopping", "queued"])
def test_every_state_is_a_word_too(state: str) -> None:
    words = {"running": "working", "queued": "not yet"}.get(state, state)
    assert f"Intake: {words}" in titles(draw(CLAIMS, {"0": {"state": state}}))


def test_people_stand_beside_the_agent_they_are_asked_about() -> None:
    assert draw(CLAIMS).count("<circle") == 1
    last = {**CLAIMS, "exceptions": [{"name": "any", "when": "size(output) == 0", "ask": {"relation": "owner"}}]}
    assert draw(last).count("<circle") == 1 and ">Owner</text>" in draw(last)
    assert "<circle" not in draw({**CLAIMS, "exceptions": []})


def test_a_circle_is_amber_only_while_a_person_is_needed() -> None:
    assert '<g class="person"><circle' in draw(CLAIMS, WORKING)
    assert '<g class="idle"><circle' in draw(CLAIMS, {**WORKING, "2": {"state": "finished", "seconds": 1}})


@pytest.mark.parametrize("upright", [False, True])
def test_a_strict_content_policy_finds_nothing(upright: bool) -> None:
    svg = draw(CLAIMS, WORKING, upright=upright)
    assert not re.search(r"style|script|\bon[a-z]+=|href|#[0-9a-f]{3}", svg)


def test_what_is_no_team_has_no_picture() -> None:
    assert draw({}) == draw({**CLAIMS, "members": [{"agent": "<script>"}]}) == ""


NAMES = st.sampled_from(["ada", "intake", "a_very_long_name_of_an_agent_indeed"])


def members(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    one = (
        NAMES.map(lambda name: {"agent": name})
        | inner.map(lambda team: {"team": team})
        | st.just({"team": "screening"})
    )
    listed = st.lists(one, min_size=1, max_size=4)
    concurrent = st.fixed_dictionaries({"pattern": st.just("concurrent"), "members": listed}, optional={"join": NAMES})
    return concurrent | st.fixed_dictionaries({"pattern": st.just("sequential"), "members": listed})


LEAVES = st.just({"pattern": "sequential", "members": [{"agent": "ada"}]})


@settings(max_examples=200, deadline=None)
@given(st.recursive(LEAVES, members, max_leaves=6), st.booleans(), st.lists(NAMES, max_size=2, unique=True))
def test_any_team_is_drawn_without_overlaps_and_inside_its_frame(
    team: dict[str, Any], upright: bool, asked: list[str]
) -> None:
    agents = {
        name: {"role": "x", "brain": {"model": {}}} for name in ("ada", "intake", "a_very_long_name_of_an_agent_indeed")
    }
    exceptions = [{"name": f"e{number}", "when": f"agent == '{name}'"} for number, name in enumerate(asked)]
    svg = draw({"schema": 1, "name": "x", "agents": agents, "exceptions": exceptions, **team}, upright=upright)
    x, y, width, height = map(float, (read(svg).get("viewBox") or "").split())
    found = boxes(svg)
    assert found
    for number, (left, top, right, bottom) in enumerate(found):
        assert x <= left and right <= x + width and y <= top and bottom <= y + height
        for other in found[:number]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


TOLD = {
    "triage-desk": "Triage, who may hand on to Billing desk or Claims desk or Complaints desk",
    "document-review": "Drafter and Checker in turn",
    "research-brief": "Research lead plans and gives work to Reader and Analyst",
}


@pytest.mark.parametrize("slug", TOLD)
def test_every_pattern_is_told_and_each_of_its_agents_drawn(slug: str) -> None:
    team = load(gallery()[slug]).data
    svg = draw(team, {"manager": {"state": "claimed"}, "0": {"state": "claimed"}})
    assert (read(draw(team)).get("aria-label") or "").startswith(TOLD[slug])
    placed = len(team["members"]) + ("manager" in team)
    assert len(titles(svg)) == placed
    assert sum(title.endswith(": working") for title in titles(svg)) == 1 + ("manager" in team)
