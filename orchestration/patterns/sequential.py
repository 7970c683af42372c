"""One after another: each member works on what the one before it gave."""

from orchestration.patterns.base import Finish, Go, State, Step, ask_about_failure, begin_or_wait


def next_step(state: State) -> Step:
    """The next member, with the last output that counts (first: the run's input); then Finish with the last output."""
    if question := ask_about_failure(state):
        return question
    handed_on = state.input
    result = {}
    for member in state.members:
        reply = state.reply_to(member.key)
        if reply is None:
            return begin_or_wait(state, Go(member.key, member, handed_on))
        if reply.state == "finished":
            handed_on = result = reply.output
    return Finish(result)
