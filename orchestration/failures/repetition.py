"""MAST 1.3, step repetition: what was done already is done again, and nothing in between asked for it."""

from collections.abc import Iterator
from itertools import pairwise

from orchestration.failures.finding import Finding, found, found_in
from orchestration.failures.memory import openings
from orchestration.failures.talk import by_agent, objections, same_task, spoken, tasks_given, words
from orchestration.failures.trace import Call, Go, Said, Trace
from orchestration.limits.loops import bare

MODE = "1.3"
TOO_OFTEN = 3  # the same call of a tool, or the same few words
LONG_WORDS = 60  # so many characters said twice are the same piece of work


def repeated_steps(trace: Trace) -> list[Finding]:
    """The same call, answer, task or hand-over again; and loops in which people were asked."""
    found_ = [finding for go in trace.turns.values() for finding in _same_calls(go)]
    for scope in trace.scopes:
        found_ += [*_same_tasks(trace, scope), *_same_answers(trace, scope), *_same_handoffs(trace, scope)]
    covered = {turn for finding in found_ for turn in finding.turns}
    return found_ + [loop for loop in _loops(trace) if not covered.intersection(loop.turns)]


def _same_calls(go: Go) -> Iterator[Finding]:
    alike: dict[tuple[str, str, int, str], list[Call]] = {}
    for call in go.calls:
        alike.setdefault((call.tool, call.arguments, call.trial, call.outcome), []).append(call)
    for (tool, *_), calls in alike.items():
        if len(calls) >= TOO_OFTEN:
            told = f"{go.agent} used {tool} {len(calls)} times with the same arguments and the same outcome."
            yield found(MODE, told, (call.seq for call in calls), [go])


def _same_tasks(trace: Trace, scope: str) -> Iterator[Finding]:
    """A task that was finished is given to the same member again, by its manager."""
    finished = {said.go.id: said for said in spoken(trace, scope)}
    given: dict[tuple[str, str], list[Said]] = {}
    for turn, choice in tasks_given(trace, scope).items():
        if turn in finished:
            given.setdefault((finished[turn].go.agent, bare(choice.output["task"])), []).append(finished[turn])
    plans = [said.seq for said in trace.answers(scope, "plan")]
    for (agent, _), done in given.items():
        again = len(done) > 1 and not any(done[0].seq < plan < done[1].seq for plan in plans)
        if again and not objections(trace, scope, done[0].seq, done[-1].seq):
            yield found_in(
                MODE, f"{agent} was given a task again that it had finished, {len(done)} times in all.", done
            )


def _same_answers(trace: Trace, scope: str) -> Iterator[Finding]:
    said, given = spoken(trace, scope), tasks_given(trace, scope)
    anew = openings(trace, scope)
    for agent, own in by_agent([one for one in said if one.handoff is None and one not in anew]).items():
        for alike in _runs([one for one in own if words(one)]):
            enough = 2 if len(words(alike[0])) >= LONG_WORDS else TOO_OFTEN
            once = [one for one in alike if same_task(given, one, alike[0])]
            asked = objections(trace, scope, alike[0].seq, alike[-1].seq)
            if len(once) >= enough and not asked and not _managed(given, once):
                yield found_in(MODE, f"{agent} gave the same answer {len(once)} times.", once)


def _managed(given: dict[str, Said], said: list[Said]) -> bool:
    return any(one.go.id in given for one in said)


def _runs(own: list[Said]) -> Iterator[list[Said]]:
    """Answers that are the same in a row."""
    row = own[:1]
    for before, later in pairwise(own):
        if words(before) == words(later):
            row.append(later)
            continue
        yield row
        row = [later]
    if row:
        yield row


def _same_handoffs(trace: Trace, scope: str) -> Iterator[Finding]:
    for agent, own in by_agent([one for one in spoken(trace, scope) if one.handoff is not None]).items():
        for alike in _runs(own):
            if len(alike) > 1:
                to = (alike[0].handoff or {}).get("to")
                yield found_in(MODE, f"{agent} handed the very same on to {to} {len(alike)} times.", alike)


def _loops(trace: Trace) -> Iterator[Finding]:
    for question in trace.questions.values():
        go = trace.turns.get(question.turn)
        if "loop" in question.rules and question.turn not in trace.set_aside:
            reason = (question.reasons or ["The team goes round in circles."])[0]
            yield found(MODE, reason.removesuffix(" Go on?"), [question.seq], [go] if go else [])
