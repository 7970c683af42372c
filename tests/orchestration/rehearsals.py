"""Teams of scripted agents, carried through the engine in this process, against the real database."""

import json
from typing import Any
from zlib import crc32

from accounts.tenancy import unit_of_work
from orchestration.actions.approvals import decide_approval
from orchestration.actions.runs import start_run
from orchestration.actions.teams import publish_team, save_draft
from orchestration.engine import work
from orchestration.models import Approval, Run, Team, Turn
from orchestration.teams.dumping import dump
from tests.cast import Cast

Line = dict[str, Any]


def says(*lines: Line, **more: Any) -> dict[str, Any]:
    """An agent that answers with these lines, the last one again and again."""
    script = "\n".join(json.dumps(line) for line in lines)
    return {
        "role": "Plays a part",
        "brain": {"procedure": "rehearsal.script"},
        "instructions": f"Play your part.\nRehearsal:\n{script}\n",
        "on_failure": "stop",
        **more,
    }


def team_of(pattern: str, agents: dict[str, Any], members: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    """A team whose members are its agents, except those that `more` gives another part, unless `members` says else."""
    others = {more.get("join"), more.get("manager")}
    own = [{"agent": name} for name in agents if name not in others]
    return {"schema": 1, "name": "Players", "pattern": pattern, "members": members or own, "agents": agents, **more}


def published(cast: Cast, definition: dict[str, Any], slug: str = "") -> Team:
    """Publish a team, without `slug` under one of its own: what is looser than a version before takes two people."""
    with unit_of_work(cast.harbor):
        text = dump(definition)
        team = save_draft(cast.room, actor=cast.alice, slug=slug or f"players-{crc32(text.encode())}", text=text)
        publish_team(team, actor=cast.alice)
    return team


def rehearse(cast: Cast, definition: dict[str, Any], goal: str = "Find out.", **given: Any) -> Run:
    """Publish a team, run it as far as it goes, and return the run."""
    team = published(cast, definition)
    with unit_of_work(cast.harbor):
        run = start_run(cast.room, actor=cast.bob, team=team, goal=goal, input=given or {"question": "Why?"})
    return carried(cast, run)


def carried(cast: Cast, run: Run) -> Run:
    """Carry the run and those nested in it as far as they go."""
    work(cast.harbor.id, run.pk)
    for nested in _nested(cast, run):
        work(cast.harbor.id, nested)
    work(cast.harbor.id, run.pk)
    with unit_of_work(cast.harbor):
        reloaded: Run = Run.objects.get(pk=run.pk)
        return reloaded


def _nested(cast: Cast, run: Run) -> list[Any]:
    with unit_of_work(cast.harbor):
        return list(Run.objects.filter(root=run.pk).exclude(state__in=Run.ENDED).values_list("id", flat=True))


def turns_of(cast: Cast, run: Run) -> list[tuple[str, str, str]]:
    """Agent, purpose and state of each turn of the run itself, in order."""
    with unit_of_work(cast.harbor):
        rows = Turn.objects.filter(run=run).order_by("number")
        return [(turn.agent, turn.purpose, turn.state) for turn in rows]


def asked(cast: Cast) -> Approval:
    """The one question that is open."""
    with unit_of_work(cast.harbor):
        approval: Approval = Approval.objects.select_related("run", "turn").get(state=Approval.State.OPEN)
        return approval


def answer(cast: Cast, decision: str = "approve", **more: Any) -> Run:
    """Let Pat answer the open question, and carry its run on."""
    approval = asked(cast)
    with unit_of_work(cast.harbor):
        said = {"digest": approval.digest, "reason": "Because.", **more}
        decide_approval(approval, actor=cast.pat, decision=decision, **said)
        root = Run.objects.get(pk=approval.run.root_id or approval.run_id)
    return carried(cast, root)
