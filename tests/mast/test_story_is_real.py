"""The generator writes what the engine writes: the same kinds of events, with the same fields."""

import random
from typing import Any

import pytest

from accounts.ledger.reading import events_of
from accounts.tenancy import unit_of_work
from orchestration.actions.retrying import retry_turn
from orchestration.models import Run, Turn
from tests.cast import Cast
from tests.mast.broken_ends import BROKEN_ENDS
from tests.mast.broken_work import BROKEN_WORK
from tests.mast.likely_ends import LIKE_ENDS
from tests.mast.lookalikes import LIKE_WORK
from tests.mast.sound import SOUND
from tests.mast.taken_again import TAKEN_AGAIN
from tests.orchestration.rehearsals import carried, rehearse, says, team_of

Event = dict[str, Any]
OF_THE_ROOM = {"document.added", "document.revised"}
DOCUMENT = {"name", "size", "sha256", "revision", "media_type"}
TALK = {"team": {"name": "talk", "pattern": "group_chat", "members": [{"agent": "ada"}, {"agent": "ben"}],
                 "until": "has(last.output.approved) && last.output.approved"}}  # fmt: skip
READS = {"calls": [["messages.search", {"query": "x"}], ["documents.read", {"document": "x"}]]}
SEARCH: dict[str, Any] = {"tools": ["messages.search"]}
TEAMS: list[dict[str, Any]] = [
    team_of(
        "sequential",
        {"ada": says({"summary": "A", **READS}, **SEARCH, checks=[{"verifier": "ben"}], on_failure="ask"),
         "ben": says({"approved": False, "reasons": ["No."]}, {"approved": True, "reasons": []})},
        members=[{"agent": "ada"}],
    ),
    team_of("concurrent", {"ada": says({"n": 1}), "ben": says({"n": 2}), "cam": says({"n": 3})}, join="cam"),
    team_of("sequential", {"ada": says({"n": 1}), "ben": says({"approved": True})}, members=[TALK]),
    team_of("handoff", {"ada": says({"handoff": {"to": "people", "payload": {"n": 1}}}), "ben": says({"n": 2})}),
    team_of(
        "manager",
        {"ada": says({"n": 1}), "maya": says({"tasks": [{"task": "Look", "agent": "ada"}]},
         {"next": "ada", "task": "Look", "progress": True, "done": False},
         {"next": None, "task": "", "progress": True, "done": True}, {"summary": "all", "references": [3]})},
        manager="maya",
    ),
    team_of("sequential", {"ada": says({"calls": [["messages.search", {"query": "x"}]] * 9}, **SEARCH)}),
]  # fmt: skip
BREAKS = says({"n": 2}, output={"type": "object", "required": ["never"]})


def fields(events: list[Event]) -> dict[str, set[str]]:
    """The fields that payloads of each kind have, those of actions written "action.name"."""
    found: dict[str, set[str]] = {}
    for event in events:
        kind, payload = str(event["kind"]), event["payload"]
        action = {f"action.{name}" for name in payload.get("action") or {}}
        found.setdefault(kind, set()).update(action, payload)
    return found


def of_run(cast: Cast, run: Run) -> list[Event]:
    with unit_of_work(cast.harbor):
        return list(events_of(cast.room.id).filter(run=run.id).order_by("seq").values("kind", "payload"))


@pytest.fixture
def real(cast: Cast) -> dict[str, set[str]]:
    """The fields of the events that the engine writes."""
    runs = [rehearse(cast, team) for team in TEAMS]
    for team in (team_of("sequential", {"ada": says({"n": 1}), "ben": ben}) for ben in (BREAKS, says({"n": 2}))):
        run = rehearse(cast, team)
        with unit_of_work(cast.harbor):
            again = retry_turn(run, Turn.objects.get(run=run, agent="ben"), actor=cast.bob)
        runs.append(carried(cast, again))
    return fields([event for run in runs for event in of_run(cast, run)])


def test_stories_have_the_fields_of_real_events(real: dict[str, set[str]]) -> None:
    tellers = [
        *SOUND,
        *LIKE_WORK,
        *LIKE_ENDS,
        *TAKEN_AGAIN,
        *(one for told in (BROKEN_WORK | BROKEN_ENDS).values() for one in told),
    ]
    events = [event for number, teller in enumerate(tellers) for event in teller(random.Random(number)).events]
    for kind, told in fields(events).items():
        if kind in OF_THE_ROOM:
            assert told == DOCUMENT
        elif kind in real and kind != "run.started":
            assert told - real[kind] - {"note", "edits", "reason", "decision"} == set(), kind
    both = {"turn.started", "turn.finished", "turn.waiting", "approval.opened", "run.finished", "message.searched"}
    both |= {"run.retried", "turn.superseded", "turn.replayed"}
    assert both | {"authority.denied", "agent.identified", "run.told"} <= fields(events).keys() & real.keys()
    assert real["turn.started"] >= {"agent", "member", "purpose", "given"}
    assert real["message.searched"] >= {"tool", "arguments", "try"}
    assert real["approval.opened"] >= {"rules", "reasons", "action", "action.act"}
