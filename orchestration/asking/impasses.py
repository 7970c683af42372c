"""What a team cannot settle by itself: its pattern asks, or it goes round in circles. People are asked once."""

from collections.abc import Sequence

from orchestration.asking.questions import TROUBLE, ask, ask_how_to_go_on
from orchestration.history import as_taken, worked_since
from orchestration.limits.loops import find_loop
from orchestration.models import Approval, Run, Turn
from orchestration.patterns.base import Ask
from orchestration.teams.plan import TeamPlan

CIRCLING = ("group_chat", "handoff", "manager")
SAYS = {
    "quorum": "Fewer answered than the team needs.",
    "rounds": "The team did not come to an end by itself.",
    "route": "Nobody in the team fits.",
    "plan": "The team has its plans reviewed by people.",
    "loop": "The team goes round in circles.",
}


def ask_once(run: Run, turn: Turn, question: Ask) -> None:
    """Ask people what a pattern asks, unless they are asked already. Except for "retry" the turn stays as it is."""
    if Approval.objects.filter(turn=turn, state=Approval.State.OPEN, action__act=question.act).exists():
        return
    if question.act == "retry":
        ask_how_to_go_on(run, turn, question.question)
        return
    rule = {"name": question.act, "when": "", "because": SAYS[question.act], "reason": question.question}
    action = {"act": question.act, "agent": turn.agent, "output": turn.output or {}}
    ask(run, turn, TROUBLE, [rule], action, question.question)


def ask_about_loop(run: Run, team: TeamPlan, turns: Sequence[Turn]) -> bool:
    """Ask people when agents go round in circles; True while that question is open. A yes lets them go on."""
    if team.pattern not in CIRCLING or not _circle(team, turns):
        return False
    rows = Approval.objects.filter(
        run=run, action__act="loop", state__in=[Approval.State.OPEN, Approval.State.APPROVED]
    )
    asked = rows.select_related("turn").order_by("-turn__number").first()
    if asked is not None and asked.state == Approval.State.OPEN:
        return True
    seen = _circle(team, turns, asked.turn.number if asked is not None else 0)
    if seen:
        last = worked_since(turns, 0)[-1]
        ask_once(run, last, Ask(f"{seen} Go on?", last.member, "loop"))
    return bool(seen)


def _circle(team: TeamPlan, turns: Sequence[Turn], since: int = 0) -> str:
    return find_loop([as_taken(team, turn) for turn in worked_since(turns, since)], team.terms.repeats)
