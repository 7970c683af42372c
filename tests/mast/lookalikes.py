"""Runs in which nothing is wrong that look as if: people asked for it, a rule allows it, luck makes it alike."""

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
    work,
    yes,
)
from tests.mast.story import Story


def is_refused_for_another_reason(dice: random.Random) -> Story:
    """The person, the task, the data or the room forbids it: the agent did what its role is."""
    [agent] = named(dice, 1)
    story = opened(dice, "sequential", [agent])
    turn = story.begin(agent, "0")
    factor = dice.choice(["person", "task", "data", "room"])
    story.deny(turn, "documents.read", factor, story.sentence())
    if dice.random() < 0.3:
        story.deny(turn, "documents.read", "agent", "The agent has not proved who it is, or is no longer in this room.")
    last = work(story)
    story.answer(turn, last)
    story.finish(last)
    return story


def a_rule_names_a_stranger(dice: random.Random) -> Story:
    one, two = named(dice, 2)
    story = opened(dice, "group_chat", [one, two])
    story.take(one, "0", work(story))
    last = work(story)
    story.take(two, "1", last, note=f"The rule named nobody, who may not speak; {two} is next.")
    story.finish(last)
    return story


def peers_judge_each_other(dice: random.Random) -> Story:
    one, two = named(dice, 2)
    story = opened(dice, "group_chat", [one, two])
    story.take(one, "0", work(story))
    story.take(two, "1", no(story))
    story.take(two, "1#2", work(story))
    last = work(story)
    story.take(one, "0#2", yes(story))
    story.finish(last)
    return story


def hands_it_to_people(dice: random.Random) -> Story:
    giver, other = named(dice, 2)
    story = opened(dice, "handoff", [giver, other])
    turn = story.take(giver, "0", handed(story, "people"))
    story.ask(turn, "route", f"{giver} hands this to people. Who goes on?", "approved")
    story.finish({"note": story.sentence()})
    return story


def reads_again_when_it_tries_again(dice: random.Random) -> Story:
    """A second try asks the same of its tools as the first."""
    [agent] = named(dice, 1)
    story = opened(dice, "sequential", [agent])
    turn, query = story.begin(agent, "0"), story.sentence()
    tries = dice.randrange(2, 4)
    for trial in range(tries):
        for _ in range(dice.randrange(1, 3)):
            story.call(turn, "messages.search", query, trial, query=query, messages=[1])
        if trial + 1 < tries:
            story.answer(turn, None, "waiting", "The answer breaks its contract, also after one repair.")
            story.ask(turn, "retry", "It failed.", "approved", rule="on_failure")
            story.identify(turn)
    last = work(story)
    story.answer(turn, last, attempt=tries)
    story.finish(last)
    return story


def waits_for_an_answer_to_change(dice: random.Random) -> Story:
    [agent] = named(dice, 1)
    story = opened(dice, "sequential", [agent])
    turn, query = story.begin(agent, "0"), story.sentence()
    for number in range(dice.randrange(3, 6)):
        story.call(turn, "messages.search", query, query=query, messages=list(range(number)))
    last = work(story)
    story.answer(turn, last)
    story.finish(last)
    return story


def two_documents_much_alike(dice: random.Random) -> Story:
    """The same form twice, for another claim: similar words, other facts."""
    one, two = named(dice, 2)
    story = opened(dice, "group_chat", [one, two])
    form, last = story.sentence(2), {}
    for number in range(2):
        last = work(story, summary=f"Claim {1000 + number}: {form}")
        story.take(one, step("0", number), last)
        story.take(two, step("1", number), {"summary": f"Noted for {1000 + number}. {form}"})
    story.finish(last)
    return story


def all_ask_the_same_of_a_tool(dice: random.Random) -> Story:
    agents = named(dice, 3)
    story, query, last = opened(dice, "concurrent", agents), dice.choice(["claim", "loss"]), {}
    for place, agent in enumerate(agents):
        turn, last = story.begin(agent, str(place)), work(story)
        story.call(turn, "messages.search", query, query=query, messages=[3])
        story.answer(turn, last)
    story.finish({agent: {"summary": story.sentence()} for agent in agents})
    return story


def has_nothing_to_add_twice(dice: random.Random) -> Story:
    one, two = named(dice, 2)
    story, last = opened(dice, "group_chat", [one, two]), {}
    for number in range(2):
        last = work(story)
        story.take(one, step("0", number), last)
        story.take(two, step("1", number), {"summary": "Nothing to add."})
    story.finish(last)
    return story


def gives_a_failed_task_again(dice: random.Random) -> Story:
    story, manager, agents = desk(dice)
    task = story.sentence()
    plan(story, manager, [(agents[0], task), *((agent, story.sentence()) for agent in agents[1:])])
    choose(story, manager, 1, agents[0], task)
    turn = story.begin(agents[0], "0")
    story.answer(turn, None, "skipped", "The endpoint did not answer.")
    plan(story, manager, [(agents[0], task), *((agent, story.sentence()) for agent in agents[1:])], 2)
    for number, agent in enumerate(agents):
        choose(story, manager, number + 3, agent, task if number == 0 else story.sentence())
        story.take(agent, f"{number}#2", work(story))
    conclude(story, manager, 9)
    return story


def answers_two_tasks_in_the_same_words(dice: random.Random) -> Story:
    story, manager, agents = desk(dice)
    tasks = [story.sentence() for _ in range(2)]
    plan(story, manager, [(agents[0], task) for task in tasks])
    for number, task in enumerate(tasks):
        choose(story, manager, number + 1, agents[0], task)
        known = {"amount": 3} if number else {"amount": None}
        story.take(
            agents[0], step("0", number), {"summary": "Done. Nothing stands out in any of the papers at hand.", **known}
        )
    conclude(story, manager, 3)
    return story


def the_verifier_is_asked_twice(dice: random.Random) -> Story:
    """After an edit of the author's; its yes is in the same words each time."""
    author, one, two = named(dice, 3)
    checks = {author: [{"verifier": one}, {"verifier": two}]}
    story = opened(dice, "sequential", [author, one, two], checks)
    turn, last = story.begin(author, "0"), work(story)
    story.take(one, "0?0.0", {"approved": True, "reasons": []}, "verify", given={"output": last})
    story.take(two, "0?0.1", no(story), "verify", given={"output": last})
    story.identify(turn)
    last = work(story)
    story.take(one, "0?1.0", {"approved": True, "reasons": []}, "verify", given={"output": last})
    story.take(two, "0?1.1", {"approved": True, "reasons": []}, "verify", given={"output": last})
    story.answer(turn, last, attempt=4)
    story.finish(last)
    return story


def people_accept_what_was_not_verified(dice: random.Random) -> Story:
    author, verifier = named(dice, 2)
    story = opened(dice, "sequential", [author, verifier], {author: [{"verifier": verifier}]})
    turn, last = story.begin(author, "0"), work(story)
    checking = story.begin(verifier, "0?0.0", "verify", given={"output": last})
    story.answer(checking, None, "skipped", "The endpoint did not answer.")
    story.answer(turn, last, "waiting")
    story.ask(turn, "accept", "It could not be verified.", dice.choice(["approved", "edited"]), rule="unverified")
    story.answer(turn, last)
    story.finish(last)
    return story


def goes_back_because_it_was_asked_to(dice: random.Random) -> Story:
    maker, checker = named(dice, 2)
    story = opened(dice, "group_chat", [maker, checker])
    old = work(story)
    story.take(maker, "0", old)
    story.take(checker, "1", no(story))
    turn = story.take(maker, "0#2", work(story))
    wish = [
        "Go back to the first text.",
        "The earlier one was better.",
        "Please undo that.",
        "Restore the former wording.",
    ]
    if dice.random() < 0.7:
        story.take(checker, "1#2", no(story, dice.choice(wish)))
    else:
        story.ask(turn, "accept", "A rule fired.", "edited")
    story.take(maker, "0#3", old)
    story.take(checker, "1#3", yes(story))
    story.finish(old)
    return story


def says_yes_no_yes(dice: random.Random) -> Story:
    one, two = named(dice, 2)
    story = opened(dice, "group_chat", [one, two])
    for number, word in enumerate(["Yes.", "No.", "Yes."]):
        story.take(one, step("0", number), work(story))
        story.take(two, step("1", number), {"summary": word})
    story.finish({"summary": story.sentence()})
    return story


def takes_out_what_was_wrong(dice: random.Random) -> Story:
    maker, checker = named(dice, 2)
    story = opened(dice, "group_chat", [maker, checker])
    story.take(maker, "0", work(story, claim_number="C-100"))
    story.take(checker, "1", no(story, "The claim number is not in the papers; leave it out."))
    last = work(story, claim_number=None)
    story.take(maker, "0#2", last)
    story.take(checker, "1#2", yes(story))
    story.finish(last)
    return story


def a_person_sets_a_document_back(dice: random.Random) -> Story:
    [agent] = named(dice, 1)
    story = opened(dice, "sequential", [agent])
    document, texts = f"document:{story.identity()}", [story.identity(), story.identity()]
    turn = story.begin(agent, "0")
    for number, sha in enumerate([*texts, texts[0]]):
        payload = {"name": "terms.md", "size": 9, "sha256": sha, "revision": number + 1, "media_type": "text/markdown"}
        actor = story.people if number == 2 else story.actor(agent)
        story.record("document.revised" if number else "document.added", payload, actor, turn, object=document)
    last = work(story)
    story.answer(turn, last)
    story.finish(last)
    return story


LIKE_WORK: list[Teller] = [
    is_refused_for_another_reason, a_rule_names_a_stranger, peers_judge_each_other, hands_it_to_people,
    reads_again_when_it_tries_again, waits_for_an_answer_to_change, two_documents_much_alike,
    all_ask_the_same_of_a_tool, has_nothing_to_add_twice, gives_a_failed_task_again,
    answers_two_tasks_in_the_same_words, the_verifier_is_asked_twice, people_accept_what_was_not_verified,
    goes_back_because_it_was_asked_to, says_yes_no_yes, takes_out_what_was_wrong, a_person_sets_a_document_back,
]  # fmt: skip
