"""All at once on the same input; then a joiner merges, or the results stand side by side."""

from typing import Any

from orchestration.patterns.base import Finish, Go, Member, Start, State, Step, Wait, ask_about_failure


def next_step(state: State) -> Step:
    """All members at once; when each has answered, the joiner on `{name: output}`; then Finish."""
    if question := ask_about_failure(state):
        return question
    open_members = [member for member in state.members if state.reply_to(member.key) is None]
    if new := tuple(Go(member.key, member, state.input) for member in open_members if member.key not in state.started):
        return Start(new)
    if open_members:
        return Wait(tuple(member.key for member in open_members))
    outputs = _outputs(state)
    return _join(state, state.join, outputs) if state.join else Finish(outputs)


def _outputs(state: State) -> dict[str, Any]:
    """`{name: output}` in the order of the team, so that the order of arrival changes nothing."""
    replies = ((member.name, state.reply_to(member.key)) for member in state.members)
    return {name: reply.output for name, reply in replies if reply is not None and reply.state == "finished"}


def _join(state: State, joiner: Member, outputs: dict[str, Any]) -> Step:
    reply = state.reply_to(joiner.key)
    if reply is not None:
        return Finish(reply.output if reply.state == "finished" else outputs)
    if joiner.key in state.started:
        return Wait((joiner.key,))
    return Start((Go(joiner.key, joiner, outputs, purpose="join"),))
