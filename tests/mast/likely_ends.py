"""Runs that end in an odd way for a good reason, or go on for one."""

import random

from tests.mast.sound import (
    Teller,
    choose,
    conclude,
    desk,
    handed,
    named,
    no,
    opened,
    plan,
    step,
    to_and_fro,
    work,
    yes,
)
from tests.mast.story import Output, Story


def the_limit_was_too_small(dice: random.Random) -> Story:
    """A straight way through more members than the run had turns, or a document beyond its tokens."""
    agents = named(dice, 6)
    story = opened(dice, "sequential", agents)
    for place, agent in enumerate(agents[: dice.randrange(1, 6)]):
        story.take(agent, str(place), work(story))
    limits = ["5 turns is reached", "20,000 tokens would be passed by the next call", "900 seconds is reached"]
    story.stop(f"limit: The limit of {dice.choice(limits)}.")
    return story


def is_slow(dice: random.Random) -> Story:
    maker, checker = named(dice, 2)
    story = opened(dice, "group_chat", [maker, checker])
    to_and_fro(story, maker, checker, dice.randrange(3, 5))
    story.stop("limit: The limit of 900 seconds is reached.")
    return story


def the_checker_is_not_content(dice: random.Random) -> Story:
    """New objections to new work until the rounds are over: both know what would end it."""
    maker, checker = named(dice, 2)
    story, turn = opened(dice, "group_chat", [maker, checker]), ""
    for number in range(dice.randrange(3, 6)):
        last = work(story)
        turn = story.take(maker, step("0", number), last)
        story.take(checker, step("1", number), no(story))
    story.ask(turn, "rounds", f"Not settled within 5 rounds. Take what {maker} gave last?", "approved")
    story.finish(last, "Not settled within 5 rounds.")
    return story


def two_checkers_one_after_the_other(dice: random.Random) -> Story:
    maker, one, two = named(dice, 3)
    story = opened(dice, "group_chat", [maker, one, two])
    refuses, last = dice.random() < 0.5, work(story)
    story.take(maker, "0", last)
    story.take(one, "1", yes(story))
    story.take(two, "2", no(story) if refuses else yes(story))
    if refuses:
        last = work(story)
        story.take(maker, "0#2", last)
        story.take(one, "1#2", yes(story))
        story.take(two, "2#2", yes(story))
    story.finish(last)
    return story


def plans_what_is_missing(dice: random.Random) -> Story:
    story, manager, agents = desk(dice)
    tasks = [(agent, story.sentence()) for agent in agents]
    plan(story, manager, tasks)
    choose(story, manager, 1, *tasks[0])
    story.take(agents[0], "0", work(story))
    plan(story, manager, tasks[1:], 2)
    for number, (agent, task) in enumerate(tasks[1:]):
        choose(story, manager, number + 3, agent, task)
        story.take(agent, str(number + 1), work(story))
    conclude(story, manager, 9)
    return story


def the_inner_team_failed_first(dice: random.Random) -> Story:
    one, two = named(dice, 2)
    story = Story(dice, opened(dice, "sequential", [one, two]).definition, inside="0")
    turn = story.take(one, "0", work(story))
    story.over(story.child, "failed", f"{two}: The endpoint did not answer.", None, True)
    if dice.random() < 0.7:
        story.agent_of[story.outer] = "inner"
        story.ask(story.outer, "retry", "inner failed. Skip it, try again or stop?", "approved", rule="on_failure")
    story.child = story.identity()
    story.nest(story.outer, story.child)
    turn, last = story.begin(one, "0"), work(story)
    story.answer(turn, last)
    story.finish(last)
    return story


def a_worker_died(dice: random.Random) -> Story:
    """The turn is taken up by another worker: the agent proves who it is again, and nothing is lost."""
    [agent] = named(dice, 1)
    story = opened(dice, "sequential", [agent])
    turn, last = story.begin(agent, "0"), work(story)
    story.call(turn, "messages.search", "x", query="x", messages=[])
    story.identify(turn)
    story.answer(turn, last, attempt=2)
    story.finish(last)
    return story


def the_joiner_decides_between_two(dice: random.Random) -> Story:
    """What goes in differs, is summed up, or lies with one alone."""
    one, two, joiner = named(dice, 3)
    story = opened(dice, "concurrent", [one, two, joiner], join=joiner)
    first, second = dice.randrange(10**4), dice.randrange(10**4, 10**5)
    kind = dice.choice(["one of two", "sum", "alone"])
    turns = [story.begin(one, "0"), story.begin(two, "1")]
    story.answer(turns[0], {"summary": story.sentence(), "total_cents": first})
    other = {} if kind == "alone" else {"total_cents": second}
    story.answer(turns[1], {"summary": story.sentence(), **other})
    total = {"one of two": second, "sum": first + second, "alone": first + 1}[kind]
    joint = {"summary": story.sentence(), "total_cents": total, "status": "settled"}
    story.take(joiner, "join", joint, "join")
    story.finish(joint)
    return story


def the_first_answer_is_enough(dice: random.Random) -> Story:
    agents = named(dice, dice.randrange(2, 5))
    story = opened(dice, "concurrent", agents, need=1)
    turns = [story.begin(agent, str(place)) for place, agent in enumerate(agents)]
    quick, last = dice.choice(turns), work(story)
    story.answer(quick, last)
    for turn in turns:
        if turn != quick:
            story.answer(turn, None, "skipped", "No longer waited for.")
    story.finish(last)
    return story


def says_why_it_is_not_needed(dice: random.Random) -> Story:
    story, manager, agents = desk(dice)
    tasks = [(agent, story.sentence()) for agent in agents]
    turn = plan(story, manager, tasks)
    if dice.random() < 0.5:
        kept = [{"task": task, "agent": agent} for agent, task in tasks[:1]]
        story.record("plan.edited", {"tasks": kept}, story.people, turn)
        because = ""
    else:
        because = "What came back settles it: " + ", ".join(f"{agent} is not needed" for agent in agents[1:])
    choose(story, manager, 1, *tasks[0])
    story.take(agents[0], "0", work(story))
    conclude(story, manager, 2, because)
    return story


def gives_it_to_another(dice: random.Random) -> Story:
    """Whom it was planned for is never asked: another did it."""
    story, manager, agents = desk(dice)
    tasks = [(agent, story.sentence()) for agent in agents]
    plan(story, manager, tasks)
    for number, (_, task) in enumerate(tasks):
        choose(story, manager, number + 1, agents[0], task)
        story.take(agents[0], step("0", number), work(story))
    conclude(story, manager, 9)
    return story


def answers_at_once(dice: random.Random) -> Story:
    """A triage that can answer by itself hands nothing on."""
    agents = named(dice, 3)
    story, last = opened(dice, "handoff", agents), {}
    last = work(story)
    story.take(agents[0], "0", last)
    story.finish(last)
    return story


def the_result_is_zero(dice: random.Random) -> Story:
    [agent] = named(dice, 1)
    story = opened(dice, "sequential", [agent])
    results: list[Output] = [{"count": 0}, {"found": False}, {"summary": "Let us say: 0", "count": 0}]
    last = dice.choice(results)
    story.take(agent, "0", last)
    story.finish(last)
    return story


def changes_it_before_the_yes(dice: random.Random) -> Story:
    """The maker gives it back with something new, and hands on again with something new."""
    one, two = named(dice, 2)
    story = opened(dice, "handoff", [one, two])
    for number in range(2):
        story.take(one, step("0", number), handed(story, two))
        if number == 0:
            story.take(two, "1", handed(story, one))
    last = work(story)
    story.take(two, "1#2", last)
    story.finish(last)
    return story


def a_rule_of_the_team_looks_at_it(dice: random.Random) -> Story:
    [agent] = named(dice, 1)
    rules = [{"name": "high", "when": "output.total_cents > 100"}]
    story = opened(dice, "sequential", [agent], {}, exceptions=rules)
    last = work(story)
    story.take(agent, "0", last)
    story.finish(last)
    return story


def people_looked_at_it(dice: random.Random) -> Story:
    [agent] = named(dice, 1)
    story = opened(dice, "sequential", [agent], {})
    turn, last = story.begin(agent, "0"), work(story)
    story.answer(turn, last, "waiting")
    story.ask(turn, "accept", "A rule fired.", dice.choice(["approved", "edited"]), rule="high")
    story.answer(turn, last)
    story.finish(last)
    return story


LIKE_ENDS: list[Teller] = [
    the_limit_was_too_small, is_slow, the_checker_is_not_content, two_checkers_one_after_the_other,
    plans_what_is_missing, the_inner_team_failed_first, a_worker_died, the_joiner_decides_between_two,
    the_first_answer_is_enough, says_why_it_is_not_needed, gives_it_to_another, answers_at_once, the_result_is_zero,
    changes_it_before_the_yes, a_rule_of_the_team_looks_at_it, people_looked_at_it,
]  # fmt: skip
