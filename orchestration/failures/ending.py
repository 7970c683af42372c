"""MAST 1.5 and 3.1: a team that does not see that it is done, and one that ends before it is."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from orchestration.failures.finding import Finding, found, found_in
from orchestration.failures.talk import spoken, tasks_given
from orchestration.failures.trace import End, Said, Trace
from orchestration.limits.loops import bare
from orchestration.patterns.base import place_of

UNAWARE, EARLY = "1.5", "3.1"
OFTEN = 3  # turns of one member; fewer are a way through the team, not a circle
LIMIT = "limit: "
ENDLESS_HANDS = "without an end"
PROMISE = re.compile(r"\s*(?:i['’ ]?(?:ll| will)|i am going to|i'm going to|let me|next,? i)\b", re.I)


def unaware_of_the_end(trace: Trace) -> list[Finding]:
    """Work that goes on although what ends it has come about, or until a limit ends it."""
    after = [finding for scope in trace.scopes for finding in _after_approval(trace, scope)]
    return after or [*_at_a_limit(trace), *_until_people(trace)]


def too_early(trace: Trace) -> list[Finding]:
    """An end without warning, while planned work was not begun, the last verdict was a no, or nothing was answered."""
    end = trace.end
    if end is None or end.state != "finished" or end.reason:
        return []
    found_ = [finding for scope in trace.scopes for finding in (*_left_out(trace, scope), *_refused(trace, scope))]
    return found_ or _empty(trace, end)


def _after_approval(trace: Trace, scope: str) -> Iterator[Finding]:
    """Whoever's work was approved, or approved it, works again although nobody objected."""
    done: list[Said] = []
    for said in spoken(trace, scope):
        if said.verdict is False:
            done = []
        elif done and said.go.agent in {one.go.agent for one in done} and _approved(done):
            told = f"{said.go.agent} went on although {_approved(done)} had approved and nobody objected."
            yield found_in(UNAWARE, told, [*done, said])
            return
        elif said.verdict is None:
            done = [said]
        elif done and said.go.agent != done[0].go.agent:
            done.append(said)


def _approved(done: list[Said]) -> str:
    return " and ".join(one.go.agent for one in done if one.verdict)


def _at_a_limit(trace: Trace) -> Iterator[Finding]:
    """The run was stopped at a limit, in a circle; one that is only too small for the way through is none."""
    for end in trace.ends:
        if end.state == "stopped" and end.reason.startswith(LIMIT) and "circle" not in end.reason:
            busy = _busy(trace)
            if busy and "seconds" not in end.reason:
                told = f"{end.reason.removeprefix(LIMIT)} {busy[0].go.agent} had answered {len(busy)} times by then."
                yield found(UNAWARE, told, [end.seq, *(said.seq for said in busy)], [said.go for said in busy])
                return


def _busy(trace: Trace) -> list[Said]:
    """What the busiest member answered, if that was often."""
    answered = [said for go in trace.turns.values() if go.purpose != "verify" and (said := go.answer)]
    places = Counter(place_of(said.go.member) for said in answered)
    place, number = places.most_common(1)[0] if places else ("", 0)
    return [said for said in answered if place_of(said.go.member) == place] if number >= OFTEN else []


def _until_people(trace: Trace) -> Iterator[Finding]:
    """People were asked because rounds, plans or hand-overs were used up and nobody had seen an end."""
    for question in trace.questions.values():
        go = trace.turns.get(question.turn)
        reason = (question.reasons or [""])[0].partition(". ")[0] + "."
        if go is None:
            continue
        if question.act == "rounds" and not _was_getting_there(trace, go.scope):
            yield found(UNAWARE, f"Nobody saw an end: {reason}", [question.seq], [go])
        elif question.act == "route" and ENDLESS_HANDS in " ".join(question.reasons):
            yield found(UNAWARE, question.reasons[0].removesuffix(" Who goes on?"), [question.seq], [go])


def _was_getting_there(trace: Trace, scope: str) -> bool:
    """Whether somebody applied what ends the work: judged it, or still had planned tasks to give out."""
    if any(said.verdict is False for said in spoken(trace, scope)):
        return True
    return bool(_not_begun(trace, scope))


def _not_begun(trace: Trace, scope: str) -> list[str]:
    """The members whom the latest plan gives something to do that nobody was given, with what it is."""
    plans = trace.answers(scope, "plan")
    if not plans:
        return []
    planned = _tasks(trace, plans[-1])
    asked = {go.agent for go in trace.turns.values() if go.scope == scope and go.purpose == "work"}
    given = {bare(choice.output["task"]) for choice in tasks_given(trace, scope).values()}
    left = [one for one in planned if one.get("agent") not in asked and bare(one.get("task")) not in given]
    return [f"{one.get('agent')}: {one.get('task')}" for one in left]


def _tasks(trace: Trace, plan: Said) -> list[Mapping[str, Any]]:
    """The tasks of a plan, as people changed them."""
    edits = [event for event in trace.events if event["kind"] == "plan.edited" and str(event["turn"]) == plan.go.id]
    tasks = edits[-1]["payload"]["tasks"] if edits else plan.output.get("tasks")
    return [one for one in tasks or [] if isinstance(one, Mapping)]


def _left_out(trace: Trace, scope: str) -> Iterator[Finding]:
    """A manager says that all is done while a member it planned for was never asked, and does not say why."""
    choices = [said for said in trace.answers(scope, "choose") if said.output.get("done") is True]
    plans = trace.answers(scope, "plan")
    if not choices or not plans:
        return
    because = bare(choices[-1].output.get("because") or "")
    left = [one for one in _not_begun(trace, scope) if bare(one.partition(":")[0]) not in because.split()]
    if left:
        told = f"{choices[-1].go.agent} ended the work although this was planned and never begun: {left[0]}"
        yield found_in(EARLY, told, [plans[-1], choices[-1]])


def _refused(trace: Trace, scope: str) -> Iterator[Finding]:
    """A conversation that ends on a no."""
    verdicts = [said for said in spoken(trace, scope) if said.verdict is not None]
    if not verdicts or verdicts[-1].verdict or tasks_given(trace, scope):
        return
    last, end = verdicts[-1], trace.end
    agreed = any(question.act == "rounds" and question.answer for question in trace.questions.values())
    if end is not None and not agreed:
        yield found(EARLY, f"It ended although {last.go.agent} had not approved.", [last.seq, end.seq], [last.go])


def _empty(trace: Trace, end: End) -> list[Finding]:
    answers = [said for go in trace.turns.values() if (said := go.answer)]
    result = end.result if isinstance(end.result, Mapping) else {}
    if answers and not bare(result):
        return [found(EARLY, "It ended with nothing as its result.", [end.seq])]
    if PROMISE.match(str(result.get("summary") or "")):
        return [found(EARLY, "The result only says what would be done next.", [end.seq])]
    return []
