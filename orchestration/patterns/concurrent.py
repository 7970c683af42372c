"""All at once on the same input; then a joiner merges, or the results stand side by side."""

from typing import Any

from orchestration.patterns.base import Ask, Finish, Go, Member, Start, State, Step, Wait, ask_about_failure


def next_step(state: State) -> Step:
    """All members at once; when enough have answered, the joiner on `{name: output}`; then Finish.

    Enough are all of them, or the first `need` to arrive. Who is late is no longer waited for; if fewer than `need`
    (at least one) answered by then, people say whether that will do. `need: 1` without a joiner gives the answer
    itself.
    """
    answers = _answers(state)
    enough = len(answers) >= _needed(state)
    open_members = [member for member in state.members if state.reply_to(member.key) is None]
    if enough or _joins(state):
        return _merge(state, answers, open_members)
    if question := ask_about_failure(state):
        return question
    if new := tuple(Go(member.key, member, state.input) for member in open_members if member.key not in state.started):
        return Start(new)
    if waited_for := [member for member in open_members if member.key not in state.late]:
        return Wait(tuple(member.key for member in waited_for))
    return _too_few(state, answers, open_members) or _merge(state, answers, open_members)


def _needed(state: State) -> int:
    return min(state.terms.need or len(state.members), len(state.members))


def _answers(state: State) -> list[Member]:
    """Who answered, the first `need` to arrive, in the order of the team: arriving later changes nothing."""
    heard = dict.fromkeys(reply.step for reply in state.replies)
    finished = [step for step in heard if (reply := state.reply_to(step)) is not None and reply.state == "finished"]
    places = {member.key for member in state.members}
    counted = [step for step in finished if step in places][: state.terms.need]
    return [member for member in state.members if member.key in counted]


def _joins(state: State) -> bool:
    joiner = state.join
    return joiner is not None and (joiner.key in state.started or state.reply_to(joiner.key) is not None)


def _too_few(state: State, answers: list[Member], late: list[Member]) -> Ask | None:
    least = _needed(state) if state.terms.need else min(1, len(late))
    if len(answers) >= least or any(act == "quorum" for _, act in state.answered):
        return None
    silent = next(member for member in state.members if member not in answers)
    return Ask(f"Only {len(answers)} of {least} answered. Go on with that?", about=silent.key, act="quorum")


def _merge(state: State, answers: list[Member], left: list[Member]) -> Step:
    outputs: dict[str, Any] = {member.name: _output(state, member) for member in answers}
    if state.join is None:
        return Finish(outputs[answers[0].name] if state.terms.need == 1 and answers else outputs)
    reply = state.reply_to(state.join.key)
    if reply is None and state.join.key not in state.started:
        drop = tuple(member.key for member in left if member.key in state.started)
        return Start((Go(state.join.key, state.join, outputs, purpose="join"),), drop)
    if reply is None:
        return Wait((state.join.key,))
    if reply.state == "failed":
        return Ask(f"{state.join.name} failed. Skip it, try again or stop?", state.join.key)
    return Finish(reply.output if reply.state == "finished" else outputs)


def _output(state: State, member: Member) -> dict[str, Any]:
    reply = state.reply_to(member.key)
    return reply.output if reply is not None else {}
