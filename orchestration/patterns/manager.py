"""A manager writes a plan, gives out one task at a time, plans again when nothing moves, and answers in the end.

The manager is asked again and again, each time for one purpose: `plan` → {"tasks": [{"task", "agent"}, …]},
`choose` → {"done", "progress", "next", "task"}, `final` → its answer with "references" to the turns it rests on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from orchestration.patterns.base import (
    Ask,
    Finish,
    Go,
    Member,
    Purpose,
    Reply,
    State,
    Step,
    ask_about_failure,
    begin_or_wait,
    named,
    step_of,
)


@dataclass(frozen=True, slots=True)
class _Done:
    """A task that was given out, and its reply."""

    member: Member
    task: str
    reply: Reply


@dataclass(slots=True)
class _Desk:
    """What lies on the manager's desk while the run is read from its beginning."""

    state: State
    manager: Member
    asked: int = 0
    plan: dict[str, Any] = field(default_factory=dict)
    done: list[_Done] = field(default_factory=list)

    def ask(self, purpose: Purpose) -> Go:
        """The next step of the manager."""
        able = [member.name for member in self.able()]
        given = {"request": self.state.input, "members": able, "plan": self.plan, "results": list(self.results())}
        self.asked += 1
        return Go(step_of(self.manager, self.asked - 1), self.manager, given, purpose)

    def able(self) -> list[Member]:
        gave_up = [one.member for one in self.done if one.reply.state != "finished"]
        return [member for member in self.state.members if member not in gave_up]

    def results(self) -> Iterator[dict[str, Any]]:
        for one in self.done:
            if one.reply.state == "finished":
                known = {"turn": one.reply.number, "agent": one.member.name, "task": one.task}
                yield {**known, "output": one.reply.output}


def next_step(state: State) -> Step:
    """The manager's plan, people's yes to it, task by task what the manager gives out, and the manager's answer.

    A choice that sees no progress, names nobody who can work, or gives the same task to the same member again is a
    stall; `repeats` of them in a row make a new plan, at most `repeats` plans are made, and as many tasks are given out
    as `rounds` allow each member. After that people decide, or it is answered with what there is.
    """
    if question := ask_about_failure(state):
        return question
    if state.terms.manager is None:
        return Finish({})
    desk = _Desk(state, state.terms.manager)
    for _ in range(state.terms.repeats):
        go = desk.ask("plan")
        reply = state.reply_to(go.step)
        if reply is None:
            return begin_or_wait(state, go)
        if reply.state == "finished" and state.terms.reviewed and (go.step, "plan") not in state.answered:
            return Ask(f"Is this how {desk.manager.name} should go about it?", go.step, act="plan")
        desk.plan = reply.output
        if (step := _carry_out(desk)) is not None:
            return step
    return _over(desk, f"Nothing moves after {state.terms.repeats} plans.")


def _carry_out(desk: _Desk) -> Step | None:
    """Give out tasks under one plan; None when nothing moves any more."""
    state, stalls = desk.state, 0
    while stalls < state.terms.repeats:
        if len(desk.done) >= state.terms.rounds * len(state.members):
            return _over(desk, f"Not done within {state.terms.rounds} rounds.")
        choice = desk.ask("choose")
        reply = state.reply_to(choice.step)
        if reply is None:
            return begin_or_wait(state, choice)
        if reply.output.get("done") is True:
            return _final(desk)
        member, task = named(desk.able(), reply.output.get("next")), str(reply.output.get("task") or "")
        again = any((one.member, one.task) == (member, task) for one in desk.done)
        stalls = stalls + 1 if again or member is None or reply.output.get("progress") is False else 0
        if member is None:
            continue
        before = sum(one.member == member for one in desk.done)
        go = Go(step_of(member, before), member, {"task": task, "request": state.input})
        answer = state.reply_to(go.step)
        if answer is None:
            return begin_or_wait(state, go)
        desk.done.append(_Done(member, task, answer))
    return None


def _over(desk: _Desk, problem: str) -> Step:
    about = step_of(desk.manager, desk.asked - 1)
    if desk.state.terms.on_max_rounds == "ask" and (about, "rounds") not in desk.state.answered:
        return Ask(f"{problem} Answer with what there is?", about, act="rounds")
    return _final(desk, problem)


def _final(desk: _Desk, warning: str = "") -> Step:
    go = desk.ask("final")
    reply = desk.state.reply_to(go.step)
    if reply is None:
        return begin_or_wait(desk.state, go)
    results = list(desk.results())
    if reply.state == "finished":
        return Finish({"references": [one["turn"] for one in results], **reply.output}, warning)
    return Finish(results[-1]["output"] if results else {}, warning)
