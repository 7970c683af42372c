"""Runs in which nothing is wrong that look as if: people had a turn taken again, or went on from another run."""

import random

from tests.mast.sound import Teller, named, no, opened, step, work, yes
from tests.mast.story import Story


def a_row_is_taken_again(dice: random.Random) -> Story:
    """From one of its turns, in the same words as before, with the same reading."""
    agents = named(dice, dice.randrange(2, 5))
    story = opened(dice, "sequential", agents)
    outputs, query = [work(story, summary=story.sentence(3)) for _ in agents], story.sentence()
    first, turns = dice.randrange(len(agents)), list[str]()
    for round_ in range(dice.randrange(2, 4)):
        if round_:
            story.retry(turns[first:], "Stopped by Bob")
            turns = turns[:first]
        for place, agent in list(enumerate(agents))[len(turns) :]:
            turn = story.begin(agent, str(place), given={"same": True})
            story.call(turn, "messages.search", query, query=query, messages=[1])
            story.answer(turn, outputs[place])
            turns.append(turn)
    story.finish(outputs[-1])
    return story


def a_conversation_is_taken_again(dice: random.Random) -> Story:
    """From its beginning: it opens in the very same words."""
    maker, checker = named(dice, 2)
    story = opened(dice, "group_chat", [maker, checker])
    texts, objection = [work(story, summary=story.sentence(2)) for _ in range(2)], no(story)
    turns: list[str] = []
    for again in range(2):
        if again:
            story.retry(turns, "limit: The limit of 900 seconds is reached.")
        turns = [story.take(maker, "0", texts[0]), story.take(checker, "1", objection)]
        turns.append(story.take(maker, step("0", 1), texts[1]))
    story.take(checker, step("1", 1), yes(story))
    story.finish(texts[1])
    return story


def a_circle_is_set_aside(dice: random.Random) -> Story:
    """People said no to going round in circles, and had it taken again from where it began."""
    one, two = named(dice, 2)
    story = opened(dice, "group_chat", [one, two])
    before, same = work(story), {"summary": "I agree."}
    story.take(one, "0", before)
    turns = [story.take(two if place % 2 == 0 else one, str(place % 2), same) for place in range(4)]
    story.ask(turns[-1], "loop", f"{one} said the same 3 times. Go on?", "rejected")
    story.retry(turns, "Rejected by Pat: So.")
    last = work(story)
    story.take(two, "1", last)
    story.finish(last)
    return story


def writes_it_again_when_taken_again(dice: random.Random) -> Story:
    """The text that comes back is of a turn that was set aside with what came after it."""
    one, two = named(dice, 2)
    story = opened(dice, "sequential", [one, two])
    document, texts, number = f"document:{story.identity()}", [story.identity(), story.identity()], 0
    outputs, turns = [work(story), work(story)], list[str]()
    for again in range(2):
        if again:
            story.retry(turns, "Stopped by Bob")
        turns = []
        for place, (agent, sha) in enumerate(zip((one, two), texts, strict=True)):
            number += 1
            turn = story.begin(agent, str(place))
            payload = {"name": "a.md", "size": 9, "sha256": sha, "revision": number, "media_type": "text/markdown"}
            kind = "document.added" if number == 1 else "document.revised"
            story.record(kind, payload, story.actor(agent), turn, object=document)
            story.answer(turn, outputs[place])
            turns.append(turn)
    story.finish(outputs[-1])
    return story


def it_went_wrong_in_the_run_before(dice: random.Random) -> Story:
    """What was taken over repeats itself or forgets; that is a finding of the run that it comes from."""
    one, two = named(dice, 2)
    story = opened(dice, "group_chat", [one, two])
    story.inside = ""
    if dice.random() < 0.5:
        same = work(story, summary=story.sentence(3))
        kept = [same, same]
    else:
        kept = [work(story, claim_number="C-7"), {**work(story), "claim_number": None}]
    for number, output in enumerate(kept):
        story.take_over(one, step("0", number), output)
        story.take_over(two, step("1", number), work(story))
    last = work(story, claim_number="C-8")
    story.take(one, step("0", 2), last)
    story.finish(last)
    return story


def it_goes_on_from_another_run(dice: random.Random) -> Story:
    """What was taken over is known here, and counts for the end."""
    agents = named(dice, dice.randrange(2, 5))
    story = opened(dice, "sequential", agents)
    outputs = [work(story) for _ in agents]
    over = dice.randrange(1, len(agents))
    for place, agent in enumerate(agents):
        (story.take_over if place < over else story.take)(agent, str(place), outputs[place])
    story.finish(outputs[-1])
    return story


TAKEN_AGAIN: list[Teller] = [
    a_row_is_taken_again, a_conversation_is_taken_again, a_circle_is_set_aside, writes_it_again_when_taken_again,
    it_went_wrong_in_the_run_before, it_goes_on_from_another_run,
]  # fmt: skip
