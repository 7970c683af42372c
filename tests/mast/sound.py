"""Runs in which nothing is wrong: the five patterns as they go when they go well."""

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from tests.mast.story import NAMES, Output, Story, team

Teller = Callable[[random.Random], Story]


def named(dice: random.Random, number: int) -> list[str]:
    """So many agents."""
    return dice.sample(NAMES, number)


def opened(
    dice: random.Random, pattern: str, agents: Sequence[str], checks: Mapping[str, list[Any]] | None = None, **more: Any
) -> Story:
    """A story that has begun, now and then as a nested team."""
    return Story(dice, team(pattern, agents, checks, **more), inside="1" if dice.random() < 0.25 else "")


def work(story: Story, **more: Any) -> Output:
    """An answer like no other."""
    dice = story.dice
    facts = {"reference": f"{dice.choice('KLMPR')}-{dice.randrange(1000, 9999)}", "total_cents": dice.randrange(10**6)}
    kept = {name: value for name, value in facts.items() if dice.random() < 0.5}
    return {"summary": story.sentence(dice.randrange(1, 4)), **kept, **more}


def no(story: Story, reason: str = "") -> Output:
    """A verdict that does not approve."""
    return {"approved": False, "reasons": [reason or story.sentence()]}


def yes(story: Story) -> Output:
    """A verdict that approves."""
    return {"approved": True, "reasons": [] if story.dice.random() < 0.7 else [story.sentence()]}


def row(dice: random.Random) -> Story:
    """One after another."""
    agents = named(dice, dice.randrange(1, 6))
    story = opened(dice, "sequential", agents)
    output: Output = {}
    for place, agent in enumerate(agents):
        output = work(story)
        story.take(agent, str(place), output)
    story.finish(output)
    return story


def together(dice: random.Random) -> Story:
    """All at once, joined by one who takes over what they agree on."""
    agents = named(dice, dice.randrange(3, 6))
    story = opened(dice, "concurrent", agents, join=agents[-1])
    total = dice.randrange(10**6)
    turns = [story.begin(agent, str(place)) for place, agent in enumerate(agents[:-1])]
    dice.shuffle(turns)
    for turn in turns:
        story.answer(turn, {"summary": story.sentence(), "total_cents": total})
    joint = {"summary": story.sentence(), "total_cents": total}
    story.take(agents[-1], "join", joint, "join")
    story.finish(joint)
    return story


def talk(dice: random.Random) -> Story:
    """A maker and a checker, until the checker approves."""
    maker, checker = named(dice, 2)
    story = opened(dice, "group_chat", [maker, checker], until="last.output.approved")
    last = to_and_fro(story, maker, checker, dice.randrange(0, 4))
    story.take(checker, step("1", dice.randrange(4, 6)), yes(story))
    story.finish(last)
    return story


def to_and_fro(story: Story, maker: str, checker: str, objections: int) -> Output:
    """Rounds that the checker sends back, and the maker's next answer."""
    for number in range(objections):
        story.take(maker, step("0", number), work(story))
        story.take(checker, step("1", number), no(story))
    last = work(story)
    story.take(maker, step("0", objections), last)
    return last


def step(key: str, before: int) -> str:
    """The step of a member that was asked so often before."""
    return key if before == 0 else f"{key}#{before + 1}"


def hands(dice: random.Random) -> Story:
    """From hand to hand, back once with something new."""
    agents = named(dice, dice.randrange(2, 5))
    story = opened(dice, "handoff", agents)
    for place, (giver, receiver) in enumerate(pairwise(agents)):
        story.take(giver, str(place), handed(story, receiver))
    if dice.random() < 0.5:
        story.take(agents[-1], str(len(agents) - 1), handed(story, agents[0]))
        story.take(agents[0], "0#2", handed(story, agents[-1]))
    last = work(story)
    story.take(agents[-1], f"{len(agents) - 1}#3", last)
    story.finish(last)
    return story


def handed(story: Story, to: str, payload: Any = None) -> Output:
    """A hand-over."""
    return {"handoff": {"to": to, "payload": payload or {"note": story.sentence()}}}


def led(dice: random.Random) -> Story:
    """A manager plans, gives out, and answers."""
    story, manager, agents = desk(dice)
    tasks = [(agent, story.sentence()) for agent in agents]
    plan(story, manager, tasks)
    for number, (agent, task) in enumerate(tasks):
        choose(story, manager, number + 1, agent, task)
        story.take(agent, str(agents.index(agent)), work(story))
    conclude(story, manager, len(tasks) + 1)
    return story


def desk(dice: random.Random) -> tuple[Story, str, list[str]]:
    """A managed team: the story, its manager, its members."""
    manager, *agents = named(dice, dice.randrange(3, 6))
    return opened(dice, "manager", [manager, *agents], manager=manager), manager, agents


def plan(story: Story, manager: str, tasks: Sequence[tuple[str, str]], before: int = 0) -> str:
    """The manager's turn to plan."""
    listed = [{"task": task, "agent": agent} for agent, task in tasks]
    return story.take(manager, step("manager", before), {"tasks": listed}, "plan")


def choose(story: Story, manager: str, before: int, agent: str, task: str, progress: bool = True) -> str:
    """The manager's turn to give out a task."""
    output = {"next": agent, "task": task, "progress": progress, "done": False}
    return story.take(manager, step("manager", before), output, "choose")


def conclude(story: Story, manager: str, before: int, because: str = "", references: Sequence[int] = (3,)) -> None:
    """The manager says that it is done, and answers."""
    done = {"next": None, "task": "", "progress": True, "done": True, **({"because": because} if because else {})}
    story.take(manager, step("manager", before), done, "choose")
    last = {"summary": story.sentence(), "references": list(references)}
    story.take(manager, step("manager", before + 1), last, "final")
    story.finish(last)


SOUND: list[Teller] = [row, together, talk, hands, led]
