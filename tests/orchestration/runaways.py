"""Runaways, scripted: agents that would never end, by themselves or as a team within a team of any pattern."""

from typing import Any

from accounts.tenancy import unit_of_work
from orchestration.actions.runs import start_run
from orchestration.agent_loop import take_turn
from orchestration.engine import advance, conclude
from orchestration.models import Budget, Run, Team, TeamVersion
from orchestration.stepping import Onward, Work
from tests.cast import Cast
from tests.orchestration.rehearsals import published, says, team_of

PATTERNS = ("sequential", "concurrent", "group_chat", "handoff", "manager")
LIMITS = {"turns": 40, "rounds": 90, "handoffs": 30}
Agents = dict[str, Any]
SAME_CALL = says({"calls": [["messages.search", {"query": "claim"}]] * 9, "n": 1}, tools=["messages.search"])
THERE = [{"handoff": {"to": "ben", "payload": {"n": n}}} for n in range(40)]
BACK = [{"handoff": {"to": "ada", "payload": {"m": n}}} for n in range(40)]
PLAN = {"tasks": [{"task": "Look", "agent": "ada"}]}
MORE_TASKS = [{"next": "ada", "task": f"Look at {n}", "progress": True, "done": False} for n in range(40)]
NUMBERS = [{"n": n} for n in range(40)]
HANDS = {"handoffs": {"ada": ["ben"], "ben": ["ada"]}}
ALONE: dict[str, tuple[str, Agents, dict[str, Any]]] = {
    "same call": ("sequential", {"ada": SAME_CALL}, {}),
    "there and back": ("handoff", {"ada": says(*THERE), "ben": says(*BACK)}, HANDS),
    "praise": ("group_chat", {"ada": says({"summary": "Great!"}), "ben": says({"summary": "You are!"})},
               {"until": "false"}),
    "no end": ("manager", {"ada": says(*NUMBERS), "maya": says(PLAN, *MORE_TASKS)},
               {"manager": "maya"}),
    "growing": ("group_chat", {"ada": says({"all": ["$goal", "$input.said"]}), "ben": says(*NUMBERS)},
                {"until": "false"}),
}  # fmt: skip
CIRCLE = "circle of teams"
KINDS = (*ALONE, CIRCLE)
SEEN = {
    "same call": "ada used messages.search with the same arguments 3 times, with the same outcome.",
    "there and back": "handed this back and forth 3 times.",
    "praise": "said the same 3 times in a row.",
    "no end": "The limit of 40 turns is reached.",
    "growing": "only grows: 3 times in a row all of it came again with more.",
    CIRCLE: "The teams lead in a circle: alpha → beta → alpha.",
}


def runaway(kind: str, pattern: str) -> dict[str, Any]:
    """A team of this pattern in which this runaway happens: by its own members where it can, else in a team within."""
    if kind == CIRCLE:
        return around(pattern, {"team": "alpha"}, "alpha", {})
    own, agents, more = ALONE[kind]
    if kind == "same call" and pattern != "sequential":
        return around(pattern, {"agent": "ada"}, "ada", agents)
    if own == pattern:
        return team_of(pattern, agents, **more, limits=LIMITS)
    others = {more.get("manager")}
    members = [{"agent": name} for name in agents if name not in others]
    return around(pattern, {"team": {"name": "inner", "pattern": own, "members": members, **more}}, "inner", agents)


def around(pattern: str, member: dict[str, Any], name: str, agents: Agents) -> dict[str, Any]:
    """A team of this pattern that comes to a member called `name`."""
    zoe, boss = says({"handoff": {"to": name, "payload": {}}, "z": 1}), f"boss of {name}".replace(" ", "-")
    everybody = {**agents, "zoe": zoe if pattern == "handoff" else says({"z": 1}, {"z": 2}, {"z": 3})}
    ways: dict[str, dict[str, Any]] = {"group_chat": {"until": "false"}, "handoff": {"handoffs": {"zoe": [name]}}}
    more = ways.get(pattern, {})
    if pattern == "manager":
        give = {"next": name, "task": "Look", "progress": True, "done": False}
        everybody[boss] = says({"tasks": [{"task": "Look", "agent": name}]}, give)
        more = {"manager": boss}
    members = [{"agent": "zoe"}, member] if pattern == "handoff" else [member, {"agent": "zoe"}]
    return team_of(pattern, everybody, members, **more, limits={**LIMITS, "depth": 9})


def begun(cast: Cast, kind: str, definition: dict[str, Any]) -> Run:
    """Publish the team, and those it leads to, and start a run."""
    team = lead_in_a_circle(cast, definition) if kind == CIRCLE else published(cast, definition)
    with unit_of_work(cast.harbor):
        return start_run(cast.room, actor=cast.bob, team=team, goal="Find out.", input={"question": "Why?"})


def lead_in_a_circle(cast: Cast, definition: Agents, ada: Agents | None = None) -> Team:
    """The team of `definition`, which leads to alpha, and beta, which comes to lead back behind the linter's back."""
    agents = {"ada": ada or says({"n": 1})}
    beta = published(cast, team_of("sequential", agents), slug="beta").published
    assert beta is not None
    published(cast, team_of("sequential", agents, members=[{"agent": "ada"}, {"team": "beta"}]), slug="alpha")
    team = published(cast, definition)
    with unit_of_work(cast.harbor):
        back = {**beta.definition, "members": [{"agent": "ada"}, {"team": "alpha"}]}
        closing = TeamVersion.objects.create(
            organization=cast.harbor, team=beta.team, number=2, text="", definition=back, published_by=cast.alice
        )
        Team.objects.filter(slug="beta").update(published=closing)
    return team


def watched(cast: Cast, run: Run, most: int = 400) -> Run:
    """Carry a run and all nested in it step by step, looking at its caps after each; it has to come to rest."""
    for _ in range(most):
        going = _going(cast, run)
        moved = [_stepped(cast, run, Onward(one)) for one in going]
        if not any(moved):
            break
    else:
        raise AssertionError(f"still going on after {most} rounds")
    with unit_of_work(cast.harbor):
        reloaded: Run = Run.objects.get(pk=run.pk)
        return reloaded


def _going(cast: Cast, run: Run) -> list[Any]:
    with unit_of_work(cast.harbor):
        tree = Run.objects.filter(pk=run.pk) | Run.objects.filter(root=run.pk)
        return list(tree.exclude(state__in=Run.ENDED).order_by("created_at").values_list("id", flat=True))


def _stepped(cast: Cast, root: Run, todo: Work) -> int:
    """Go on from there until it rests; return how many turns were taken."""
    taken = 0
    while todo is not None:
        taken += not isinstance(todo, Onward)
        todo = advance(cast.harbor.id, todo.run_id) if isinstance(todo, Onward) else conclude(todo, take_turn(todo))
        assert within_caps(cast, root), "a cap was passed"
    return taken


def within_caps(cast: Cast, run: Run) -> bool:
    """Whether what is spent and reserved is within the caps of the run now."""
    with unit_of_work(cast.harbor):
        kept = Budget.objects.get(run=run.pk)
    return bool(
        kept.turns <= kept.turns_cap
        and kept.tokens + kept.tokens_reserved <= kept.tokens_cap
        and kept.microcents + kept.microcents_reserved <= kept.microcents_cap
    )
