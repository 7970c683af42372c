"""A conversation: one speaks at a time, and hears all that was said before.

Who speaks next is whose turn it is, or whom a rule or the manager names; who does not exist or may not speak is passed
over for whose turn it is, and that is noted. An output with `approved` (true or false) is a verdict on what was said
before it, so it is never the result of the conversation.
"""

from dataclasses import dataclass
from typing import Any

from orchestration.patterns.base import (
    Ask,
    Finish,
    Go,
    Member,
    Reply,
    State,
    Step,
    ask_about_failure,
    begin_or_wait,
    named,
    step_of,
)


@dataclass(frozen=True, slots=True)
class _Said:
    member: Member
    reply: Reply


def next_step(state: State) -> Step:
    """The next speaker, until `until` holds, the manager ends it, nobody is left, or the rounds are over.

    A round is as many turns as there are members. A speaker's input is `{"request": the run's input,
    "said": [{"agent", "output"}, …], "round": n}`.
    """
    if question := ask_about_failure(state):
        return question
    said: list[_Said] = []
    while len(said) < state.terms.rounds * len(state.members):
        go = _speaker(state, said)
        if not isinstance(go, Go):
            return go
        reply = state.reply_to(go.step)
        if reply is None:
            return begin_or_wait(state, go)
        said.append(_Said(go.member, reply))
        if reply.done:
            return Finish(_best(said))
    return _over(state, said)


def _speaker(state: State, said: list[_Said]) -> Go | Step:
    """The step of whoever speaks now; or what to do before anybody can, or instead."""
    silent = [one.member for one in said if one.reply.state == "skipped"]
    able = [member for member in state.members if member not in silent]
    if not able:
        return Finish(_best(said))
    in_turn = _in_turn(state.members, able, said)
    if state.terms.speaker == "manager" and state.terms.manager is not None:
        return _chosen(state, state.terms.manager, said, able, in_turn)
    if state.terms.speaker == "rule" and said:
        return _named_or_in_turn(state, said, able, in_turn, said[-1].reply.chosen, "The rule")
    return _go(state, said, in_turn)


def _in_turn(members: tuple[Member, ...], able: list[Member], said: list[_Said]) -> Member:
    after = members.index(said[-1].member) + 1 if said else 0
    return next(member for member in (*members[after:], *members) if member in able)


def _chosen(state: State, manager: Member, said: list[_Said], able: list[Member], in_turn: Member) -> Go | Step:
    may_speak = [member.name for member in able]
    given = {**_input(state, said), "may_speak": may_speak}
    choice = Go(step_of(manager, len(said)), manager, given, purpose="choose")
    reply = state.reply_to(choice.step)
    if reply is None:
        return begin_or_wait(state, choice)
    if reply.output.get("done") is True:
        return Finish(_best(said))
    return _named_or_in_turn(state, said, able, in_turn, reply.output.get("next"), manager.name)


def _named_or_in_turn(
    state: State, said: list[_Said], able: list[Member], in_turn: Member, name: object, who: str
) -> Go:
    chosen = named(able, name)
    note = "" if chosen else f"{who} named {str(name)[:60] or 'nobody'}, who may not speak; {in_turn.name} is next."
    return _go(state, said, chosen or in_turn, note)


def _go(state: State, said: list[_Said], speaker: Member, note: str = "") -> Go:
    before = sum(one.member == speaker for one in said)
    return Go(step_of(speaker, before), speaker, _input(state, said), note=note)


def _input(state: State, said: list[_Said]) -> dict[str, Any]:
    heard = [{"agent": one.member.name, "output": one.reply.output} for one in said if one.reply.state == "finished"]
    return {"request": state.input, "said": heard, "round": len(said) // len(state.members) + 1}


def _results(said: list[_Said]) -> list[_Said]:
    """What can be the result: what was said and is no verdict, or else all that was said."""
    finished = [one for one in said if one.reply.state == "finished"]
    return [one for one in finished if not isinstance(one.reply.output.get("approved"), bool)] or finished


def _best(said: list[_Said]) -> dict[str, Any]:
    results = _results(said)
    return results[-1].reply.output if results else {}


def _over(state: State, said: list[_Said]) -> Step:
    results = _results(said)
    warning = f"Not settled within {state.terms.rounds} rounds."
    if not results:
        return Finish({}, warning)
    about = results[-1].reply.step
    if state.terms.on_max_rounds == "ask" and (about, "rounds") not in state.answered:
        return Ask(f"{warning} Take what {results[-1].member.name} gave last?", about, act="rounds")
    return Finish(_best(said), warning)
