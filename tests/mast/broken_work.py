"""Runs with one failure in them: roles, repetition, memory, endings (MAST 1.2 to 1.5)."""

import random

from tests.mast.sound import (
    Teller,
    choose,
    desk,
    handed,
    named,
    no,
    opened,
    plan,
    row,
    step,
    to_and_fro,
    together,
    work,
    yes,
)
from tests.mast.story import Story


def uses_what_it_was_not_given(dice: random.Random) -> Story:
    agents = named(dice, dice.randrange(1, 4))
    story = opened(dice, "sequential", agents)
    culprit, output = dice.choice(agents), work(story)
    for place, agent in enumerate(agents):
        turn = story.begin(agent, str(place))
        for _ in range(dice.randrange(1, 4) if agent == culprit else 0):
            tool = dice.choice(["webhook.send", "documents.write", "sources.query"])
            story.deny(turn, tool, "agent", f"The agent was not granted {tool}.")
        output = work(story)
        story.answer(turn, output)
    story.finish(output)
    return story


def names_a_stranger(dice: random.Random) -> Story:
    manager, one, two = named(dice, 3)
    story = opened(dice, "group_chat", [manager, one, two], manager=manager)
    stranger = dice.choice(["the auditor", manager, "nobody", "bob"])
    story.take(manager, "manager", {"next": stranger, "done": False}, "choose")
    last = work(story)
    story.take(one, "0", last, note=f"{manager} named {stranger}, who may not speak; {one} is next.")
    story.take(manager, "manager#2", {"next": None, "done": True}, "choose")
    story.finish(last)
    return story


def approves_its_own_work(dice: random.Random) -> Story:
    maker, checker = named(dice, 2)
    story = opened(dice, "group_chat", [maker, checker])
    last = to_and_fro(story, maker, checker, dice.randrange(1, 3))
    story.take(maker, "0#9", yes(story))
    story.finish(last)
    return story


def hands_to_whom_it_may_not(dice: random.Random) -> Story:
    giver, receiver = named(dice, 2)
    story = opened(dice, "handoff", [giver, receiver])
    turn = story.take(giver, "0", handed(story, "the boss"))
    reason = f"{giver} hands this to the boss, to whom it cannot be handed. Who goes on?"
    story.ask(turn, "route", reason, "approved")
    story.finish({"note": story.sentence()})
    return story


def same_call_again(dice: random.Random) -> Story:
    agents = named(dice, dice.randrange(1, 4))
    story = opened(dice, dice.choice(["sequential", "concurrent", "manager"]), agents)
    culprit, query = dice.choice(agents), story.sentence()
    output = work(story)
    for place, agent in enumerate(agents):
        turn = story.begin(agent, str(place))
        for number in range(dice.randrange(3, 7) if agent == culprit else 1):
            story.call(turn, "messages.search", query, query=query, messages=[7])
            if agent == culprit and number % 2:
                story.call(turn, "documents.read", story.sentence(), document=story.identity(), revision=1)
        if agent == culprit and dice.random() < 0.5:
            reason = f"{agent} used messages.search with the same arguments 3 times, with the same outcome."
            story.answer(turn, None, "waiting", reason)
            story.ask(turn, "retry", reason, "approved", rule="loop")
        output = work(story)
        story.answer(turn, output)
    story.finish(output)
    return story


def praise(dice: random.Random) -> Story:
    one, two = named(dice, 2)
    story = opened(dice, "group_chat", [one, two])
    lines, marks = ["Great point", "You said it best"], ["!", "!!", ".", "", " 🙂"]
    for number in range(dice.randrange(3, 6)):
        for place, (agent, line) in enumerate(zip((one, two), lines, strict=True)):
            said = line.upper() if dice.random() < 0.2 else line
            turn = story.take(agent, step(str(place), number), {"summary": said + dice.choice(marks)})
    if dice.random() < 0.5:
        story.ask(turn, "loop", f"{two} said the same 3 times in a row. Go on?", "rejected")
        story.stop("Rejected by Pat: Enough.")
    else:
        story.finish({"summary": lines[1]})
    return story


def says_it_all_again(dice: random.Random) -> Story:
    agents = named(dice, dice.randrange(2, 4))
    story = opened(dice, "group_chat", agents)
    culprit = dice.choice(agents)
    piece = work(story, summary=story.sentence(3))
    if dice.random() < 0.1:  # in other words: no detector without a model sees this
        other = {**piece, "summary": piece["summary"].replace("The ", "This ")}
    else:
        other = {**piece, "summary": piece["summary"] + "!"}
    for number, mine in enumerate((piece, other)):
        for place, agent in enumerate(agents):
            story.take(agent, step(str(place), number), mine if agent == culprit else work(story))
    story.finish(work(story))
    return story


def gives_the_task_again(dice: random.Random) -> Story:
    story, manager, agents = desk(dice)
    tasks = [(agent, story.sentence()) for agent in agents]
    plan(story, manager, tasks)
    again = dice.choice(tasks)
    for number, (agent, task) in enumerate([*tasks, again]):
        choose(story, manager, number + 1, agent, task)
        story.take(agent, f"{agents.index(agent)}#{number + 1}", work(story))
    last = {"summary": story.sentence(), "references": [3]}
    story.take(manager, "manager#9", last, "final")
    story.finish(last)
    return story


def there_and_back(dice: random.Random) -> Story:
    one, two = named(dice, 2)
    story = opened(dice, "handoff", [one, two])
    turn = ""
    for number in range(2):
        turn = story.take(one, step("0", number), handed(story, two))
        turn = story.take(two, step("1", number), handed(story, one))
    story.ask(turn, "loop", f"{two} and {one} handed this back and forth 3 times. Go on?", rule="loop")
    return story


def hands_on_the_very_same(dice: random.Random) -> Story:
    one, two = named(dice, 2)
    story, payload = opened(dice, "handoff", [one, two]), {"note": dice.choice(["See the claim", "Please look"])}
    story.take(one, "0", handed(story, two, payload))
    story.take(two, "1", handed(story, one))
    story.take(one, "0#2", handed(story, two, payload))
    last = work(story)
    story.take(two, "1#2", last)
    story.finish(last)
    return story


def goes_back_to_an_old_answer(dice: random.Random) -> Story:
    maker, *others = named(dice, dice.randrange(2, 4))
    story = opened(dice, "group_chat", [maker, *others])
    old = work(story)
    newer = [work(story) for _ in range(dice.randrange(1, 4))]
    if dice.random() < 0.08:  # in other words: no detector without a model sees this
        back = {**old, "summary": "So: " + old["summary"]}
    else:
        back = {**old, "summary": old["summary"].rstrip(".")}
    for number, mine in enumerate([old, *newer, back]):
        story.take(maker, step("0", number), mine)
        for place, other in enumerate(others, start=1):
            judges = dice.random() < 0.5 and number
            story.take(other, step(str(place), number), no(story) if judges else work(story))
    story.finish(back, "Not settled within 3 rounds." if dice.random() < 0.5 else "Took what there was.")
    return story


def forgets_what_it_knew(dice: random.Random) -> Story:
    one, two = named(dice, 2)
    story = opened(dice, dice.choice(["group_chat", "handoff"]), [one, two])
    story.take(one, "0", work(story, claim_number=f"C-{dice.randrange(100, 999)}"))
    story.take(two, "1", work(story))
    last = work(story, claim_number=dice.choice([None, "unknown", "", "n/a", "Not known"]))
    story.take(one, "0#2", last)
    story.finish(last)
    return story


def undoes_a_document(dice: random.Random) -> Story:
    story = dice.choice([row, together])(dice)
    ends = [event for event in story.events if event["kind"] in ("run.finished", "run.told")]
    story.events = [event for event in story.events if event not in ends]
    document, texts = f"document:{story.identity()}", [story.identity(), story.identity()]
    for number, sha in enumerate([*texts, texts[0]]):
        payload = {"name": "terms.md", "size": 9, "sha256": sha, "revision": number + 1, "media_type": "text/markdown"}
        kind = "document.revised" if number else "document.added"
        story.record(kind, payload, story.actor("ada"), turn=story.identity(), object=document)
    story.events += [{**event, "seq": story.seq + 1 + place} for place, event in enumerate(ends)]
    return story


def goes_on_after_the_yes(dice: random.Random) -> Story:
    maker, checker = named(dice, 2)
    story = opened(dice, "group_chat", [maker, checker])
    to_and_fro(story, maker, checker, dice.randrange(0, 3))
    story.take(checker, "1#5", yes(story))
    for number in range(5, 5 + dice.randrange(1, 4)):
        last = work(story)
        story.take(maker, step("0", number), last)
        story.take(checker, step("1", number + 1), yes(story))
    story.finish(last)
    return story


def never_finishes(dice: random.Random) -> Story:
    story, manager, agents = desk(dice)
    plan(story, manager, [(agent, story.sentence()) for agent in agents])
    turn = ""
    for number in range(dice.randrange(8, 14)):
        agent = agents[number % len(agents)]
        turn = choose(story, manager, number + 1, agent, story.sentence())
        story.take(agent, f"{number % len(agents)}#{number + 1}", work(story))
    if dice.random() < 0.5:
        story.stop(f"limit: The limit of {dice.randrange(20, 40)} turns is reached.")
    else:
        story.ask(turn, "rounds", "Not done within 3 rounds. Answer with what there is?", dice.choice(["", "rejected"]))
    return story


def talks_to_the_last_round(dice: random.Random) -> Story:
    agents = named(dice, dice.randrange(2, 4))
    story, turn = opened(dice, "group_chat", agents), ""
    for number in range(dice.randrange(3, 6)):
        for place, agent in enumerate(agents):
            turn = story.take(agent, step(str(place), number), work(story))
    story.ask(turn, "rounds", "Not settled within 5 rounds. Take what ada gave last?", dice.choice(["", "rejected"]))
    return story


def hands_on_without_an_end(dice: random.Random) -> Story:
    agents = named(dice, 3)
    story, turn = opened(dice, "handoff", agents), ""
    for number in range(6):
        giver, to = agents[number % 3], agents[(number + 1) % 3]
        turn = story.take(giver, step(str(number % 3), number // 3), handed(story, to))
    reason = f"This was handed on 5 times without an end; now {giver} means {to}. Who goes on?"
    story.ask(turn, "route", reason, dice.choice(["", "rejected"]))
    return story


BROKEN_WORK: dict[str, list[Teller]] = {
    "1.2": [uses_what_it_was_not_given, names_a_stranger, approves_its_own_work, hands_to_whom_it_may_not],
    "1.3": [same_call_again, praise, says_it_all_again, gives_the_task_again, there_and_back, hands_on_the_very_same],
    "1.4": [goes_back_to_an_old_answer, forgets_what_it_knew, undoes_a_document],
    "1.5": [goes_on_after_the_yes, never_finishes, talks_to_the_last_round, hands_on_without_an_end],
}
