"""Runs with one failure in them: resets, deaf members, early ends, results nobody verified (MAST 2.1 to 3.2)."""

import random

from tests.mast.sound import (
    Teller,
    choose,
    conclude,
    desk,
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


def opens_again(dice: random.Random) -> Story:
    agents = named(dice, dice.randrange(2, 4))
    story = opened(dice, "group_chat", agents)
    opening = [work(story) for _ in agents]
    rounds = [opening, *[[work(story) for _ in agents] for _ in range(dice.randrange(1, 4))], opening]
    for number, said in enumerate(rounds):
        for place, (agent, output) in enumerate(zip(agents, said, strict=True)):
            story.take(agent, step(str(place), number), output)
    story.finish(opening[-1])
    return story


def plans_what_is_done(dice: random.Random) -> Story:
    story, manager, agents = desk(dice)
    tasks = [(agent, story.sentence()) for agent in agents]
    plan(story, manager, tasks)
    for number, (agent, task) in enumerate(tasks[:-1]):
        choose(story, manager, number + 1, agent, task)
        story.take(agent, str(number), work(story))
    plan(story, manager, dice.choice([tasks, tasks[::-1], [*tasks, (agents[0], story.sentence())]]), 8)
    agent, task = tasks[-1]
    choose(story, manager, 9, agent, task)
    story.take(agent, "5", work(story))
    conclude(story, manager, 10)
    return story


def begins_the_inner_team_again(dice: random.Random) -> Story:
    one, two = named(dice, 2)
    story = Story(dice, opened(dice, "sequential", [one, two]).definition, inside="0")
    story.take(one, "0", work(story))
    story.child = story.identity()
    story.nest(story.outer, story.child)
    story.take(one, "0", work(story))
    last = work(story)
    story.take(two, "1", last)
    story.finish(last)
    return story


def changes_nothing(dice: random.Random) -> Story:
    maker, checker = named(dice, 2)
    story = opened(dice, "group_chat", [maker, checker])
    piece = to_and_fro(story, maker, checker, dice.randrange(0, 3))
    story.take(checker, "1#6", no(story))
    if dice.random() < 0.08:  # in other words: no detector without a model sees this
        piece = {**piece, "summary": f"As before: {piece['summary']}"}
    story.take(maker, "0#7", piece)
    story.take(checker, "1#8", yes(story))
    story.finish(piece)
    return story


def shows_the_verifier_the_same(dice: random.Random) -> Story:
    author, verifier = named(dice, 2)
    story = opened(dice, "sequential", [author, verifier], {author: [{"verifier": verifier}]})
    turn, output = story.begin(author, "0"), work(story)
    for number in range(2):
        verdict = no(story) if number == 0 or dice.random() < 0.5 else yes(story)
        story.take(verifier, f"0?{number}.0", verdict, "verify", given={"output": output})
    if not verdict["approved"]:
        story.answer(turn, output, "waiting")
        story.ask(turn, "accept", verdict["reasons"][0], "approved", rule="unverified")
    story.answer(turn, output, attempt=4)
    story.finish(output)
    return story


def joins_against_all(dice: random.Random) -> Story:
    agents = named(dice, dice.randrange(3, 6))
    story = opened(dice, "concurrent", agents, join=agents[-1])
    total, date = dice.randrange(10**6), f"2026-0{dice.randrange(1, 9)}-11"
    turns = [story.begin(agent, str(place)) for place, agent in enumerate(agents[:-1])]
    for turn in turns:
        story.answer(turn, {"summary": story.sentence(), "total_cents": total, "date": date})
    mistakes: list[Output] = [{"total_cents": total + dice.randrange(1, 99)}, {"date": "2025-12-31"}]
    wrong = dice.choice(mistakes)
    joint = {"summary": story.sentence(), "total_cents": total, "date": date, **wrong}
    story.take(agents[-1], "join", joint, "join")
    story.finish(joint)
    return story


def answers_from_nothing(dice: random.Random) -> Story:
    story, manager, agents = desk(dice)
    tasks = [(agent, story.sentence()) for agent in agents]
    plan(story, manager, tasks)
    for number, (agent, task) in enumerate(tasks):
        choose(story, manager, number + 1, agent, task)
        story.take(agent, str(number), work(story))
    conclude(story, manager, 9, references=())
    return story


def leaves_out_what_was_planned(dice: random.Random) -> Story:
    story, manager, agents = desk(dice)
    tasks = [(agent, story.sentence()) for agent in agents]
    plan(story, manager, tasks)
    begun = dice.randrange(1, len(tasks))
    for number, (agent, task) in enumerate(tasks[:begun]):
        choose(story, manager, number + 1, agent, task)
        story.take(agent, str(number), work(story))
    conclude(story, manager, begun + 1, dice.choice(["", "That should do.", story.sentence()]))
    return story


def ends_on_a_no(dice: random.Random) -> Story:
    manager, maker, checker = named(dice, 3)
    story = opened(dice, "group_chat", [manager, maker, checker], manager=manager)
    last = to_and_fro(story, maker, checker, dice.randrange(0, 3))
    story.take(checker, "1#6", no(story))
    story.take(manager, "manager#9", {"next": None, "done": True}, "choose")
    story.finish(last)
    return story


def ends_with_nothing(dice: random.Random) -> Story:
    agents = named(dice, dice.randrange(1, 4))
    story = opened(dice, "sequential", agents)
    for place, agent in enumerate(agents):
        story.take(agent, str(place), work(story) if place + 1 < len(agents) else {"summary": ""})
    nothing: list[Output] = [{}, {"summary": ""}, {"summary": "", "reasons": []}]
    story.finish(dice.choice(nothing))
    return story


def only_promises(dice: random.Random) -> Story:
    agents = named(dice, dice.randrange(1, 4))
    story, last = opened(dice, "sequential", agents), {}
    begun = dice.choice(
        ["I will now look at", "Let me check", "Next, I compare", "I'll go through", "I am going to read"]
    )
    for place, agent in enumerate(agents):
        last = work(story, summary=f"{begun} the {story.sentence()[4:]}") if place + 1 == len(agents) else work(story)
        story.take(agent, str(place), last)
    story.finish(last)
    return story


def checks_nothing(dice: random.Random) -> Story:
    agents = named(dice, dice.randrange(1, 4))
    story, last = opened(dice, dice.choice(["sequential", "handoff"]), agents, {}), {}
    for place, agent in enumerate(agents):
        last = work(story)
        story.take(agent, str(place), last)
    story.finish(last)
    return story


def counts_without_its_verifier(dice: random.Random) -> Story:
    author, one, two = named(dice, 3)
    verifiers = dice.choice([[one], [one, two]])
    story = opened(dice, "sequential", [author, one, two], {author: [{"verifier": name} for name in verifiers]})
    turn, output = story.begin(author, "0"), work(story)
    for number, verifier in enumerate(verifiers[:-1]):
        story.take(verifier, f"0?0.{number}", yes(story), "verify", given={"output": output})
    if dice.random() < 0.5:
        late = story.begin(verifiers[-1], f"0?0.{len(verifiers) - 1}", "verify", given={"output": output})
        story.answer(late, None, "skipped", "The endpoint did not answer.")
    story.answer(turn, output)
    story.finish(output)
    return story


def changes_what_was_approved(dice: random.Random) -> Story:
    manager, maker, checker, other = named(dice, 4)
    story = opened(dice, "group_chat", [manager, maker, checker, other], manager=manager)
    to_and_fro(story, maker, checker, dice.randrange(0, 2))
    story.take(checker, "1#6", yes(story))
    last = work(story)
    story.take(other, "2", last)
    story.take(manager, "manager#9", {"next": None, "done": True}, "choose")
    story.finish(last)
    return story


BROKEN_ENDS: dict[str, list[Teller]] = {
    "2.1": [opens_again, plans_what_is_done, begins_the_inner_team_again],
    "2.5": [changes_nothing, shows_the_verifier_the_same, joins_against_all, answers_from_nothing],
    "3.1": [leaves_out_what_was_planned, ends_on_a_no, ends_with_nothing, only_promises],
    "3.2": [checks_nothing, counts_without_its_verifier, changes_what_was_approved],
}
