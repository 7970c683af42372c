"""Raising approvals: the questions a run waits on. Each binds the digest of the exact act it is about."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone

from orchestration.contracts import Fired
from orchestration.digests import digest
from orchestration.history import as_taken, worked_since
from orchestration.limits.loops import find_loop
from orchestration.models import Approval, Run, ToolCall, Turn
from orchestration.notices import notify_deciders
from orchestration.patterns.base import Ask
from orchestration.proposals import proposal_of
from orchestration.teams.deadlines import Within, parse_within
from orchestration.teams.plan import Asking, ExceptionRule, TeamPlan
from orchestration.telling import tell_approval
from workrooms.models import Document, Revision

TROUBLE = Asking(relation="editor", within=Within(2, "d"), because="An agent could not go on by itself.")
CALL = Asking(because="The authority lets this be done only if a person says so.")
UNCLEAR = Asking(because="An outward call may or may not have been carried out; nothing is sent again by itself.")

CIRCLING = ("group_chat", "handoff", "manager")
SAYS = {
    "quorum": "Fewer answered than the team needs.",
    "rounds": "The team did not come to an end by itself.",
    "route": "Nobody in the team fits.",
    "plan": "The team has its plans reviewed by people.",
    "loop": "The team goes round in circles.",
}


def ask_to_accept(run: Run, turn: Turn, fired: Sequence[tuple[ExceptionRule, Fired]]) -> Approval:
    """Ask people whether a turn's output may count, because exceptions of the team fired on it."""
    rules = [
        {"name": rule.name, "when": rule.when, "because": rule.ask.because, "reason": why.reason} for rule, why in fired
    ]
    asking = _strictest([rule.ask for rule, _ in fired])
    return _ask(
        run, turn, asking, rules, {"act": "accept", "agent": turn.agent, "output": turn.output}, proposal_of(turn).title
    )


def ask_how_to_go_on(run: Run, turn: Turn, problem: str, why: str = "on_failure") -> Approval:
    """Ask people whether a failed turn is tried again (approve) or the run ends (reject)."""
    rule = {"name": why, "when": "", "because": TROUBLE.because, "reason": problem}
    action = {"act": "retry", "agent": turn.agent, "problem": problem}
    Turn.objects.filter(pk=turn.pk).update(state=Turn.State.WAITING, finished_at=None)
    return _ask(run, turn, TROUBLE, [rule], action, f"Let {turn.agent} try again?")


def ask_once(run: Run, turn: Turn, question: Ask) -> None:
    """Ask people what a pattern asks, unless they are asked already. Except for "retry" the turn stays as it is."""
    if Approval.objects.filter(turn=turn, state=Approval.State.OPEN, action__act=question.act).exists():
        return
    if question.act == "retry":
        ask_how_to_go_on(run, turn, question.question)
        return
    rule = {"name": question.act, "when": "", "because": SAYS[question.act], "reason": question.question}
    action = {"act": question.act, "agent": turn.agent, "output": turn.output or {}}
    _ask(run, turn, TROUBLE, [rule], action, question.question)


def ask_about_loop(run: Run, team: TeamPlan, turns: Sequence[Turn]) -> bool:
    """Ask people when agents go round in circles; True while that question is open. A yes lets them go on."""
    if team.pattern not in CIRCLING or len(turns) < team.terms.repeats:
        return False
    rows = Approval.objects.filter(
        run=run, action__act="loop", state__in=[Approval.State.OPEN, Approval.State.APPROVED]
    )
    asked = rows.select_related("turn").order_by("-turn__number").first()
    if asked is not None and asked.state == Approval.State.OPEN:
        return True
    worked = worked_since(turns, asked.turn.number if asked is not None else 0)
    seen = find_loop([as_taken(team, turn) for turn in worked], team.terms.repeats)
    if seen:
        ask_once(run, worked[-1], Ask(f"{seen} Go on?", worked[-1].member, "loop"))
    return bool(seen)


def ask_about_call(run: Run, turn: Turn, call_id: UUID, problem: str) -> Approval:
    """Ask people whether an outward call was carried out: approve says it was, reject says it was not."""
    call = ToolCall.objects.get(pk=call_id)
    rule = {"name": "ambiguous", "when": "", "because": UNCLEAR.because, "reason": problem}
    action = {"act": "confirm", "call": str(call.id), "tool": call.tool, "arguments": call.arguments}
    return _ask(run, turn, UNCLEAR, [rule], action, f"Was {call.tool} carried out?")


def ask_to_call(run: Run, turn: Turn, call_id: UUID, reason: str) -> Approval:
    """Ask people whether a call may be made; approve lets exactly this tool be used with exactly these arguments."""
    call = ToolCall.objects.get(pk=call_id)
    kept: Approval | None = Approval.objects.filter(
        turn=turn, state=Approval.State.OPEN, action__act="call", action__call=str(call.id)
    ).first()
    if kept is not None:
        return kept
    rule = {"name": "authority", "when": "", "because": CALL.because, "reason": reason}
    action = {
        "act": "call",
        "call": str(call.id),
        "digest": call.digest,
        "tool": call.tool,
        "arguments": call.arguments,
        "decision": str(call.decision),
    }
    return _ask(run, turn, CALL, [rule], action, f"Let {turn.agent} use {call.tool}?")


def waits_for_people(run: Run, turns: Sequence[Turn]) -> bool:
    """True when nothing works in `run` or the runs nested in it, and people are asked."""
    working = (Turn.State.READY, Turn.State.CLAIMED)
    if any(turn.state in working and turn.user_id is not None for turn in turns):
        return False
    if any(turn.state == Turn.State.WAITING for turn in turns) and all(
        turn.user_id for turn in turns if turn.state in Turn.OPEN
    ):
        return True
    tree = Run.objects.filter(root_id=run.root_id_or_own)
    busy = Turn.objects.filter(run__in=tree, state__in=working, user__isnull=False).exists()
    fresh = tree.filter(state=Run.State.QUEUED).exists()
    return not busy and not fresh and Approval.objects.filter(run__in=tree, state=Approval.State.OPEN).exists()


def bound_documents(run: Run) -> list[dict[str, Any]]:
    """Return the run's documents as they are now: what an approval binds besides the output."""
    ids = [reference["id"] for reference in run.documents]
    current = dict(Document.objects.filter(pk__in=ids).values_list("id", "revision"))
    hashes = {
        (document_id, number): sha
        for document_id, number, sha in Revision.objects.filter(document_id__in=ids).values_list(
            "document_id", "number", "sha256"
        )
    }
    return [
        {"id": str(key), "revision": number, "sha256": hashes[key, number]} for key, number in sorted(current.items())
    ]


def sealed_action(run: Run, action: dict[str, Any], rules: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], str]:
    """Return the exact act with all that it binds, and its digest."""
    whole = {**action, "documents": bound_documents(run), "rules": [[rule["name"], rule["when"]] for rule in rules]}
    return whole, digest({**whole, "team_version": str(run.version_id), "run": str(run.id)})


def _ask(
    run: Run, turn: Turn, asking: Asking, rules: list[dict[str, Any]], action: dict[str, Any], title: str
) -> Approval:
    whole, seal = sealed_action(run, action, rules)
    approval = Approval(
        organization_id=run.organization_id,
        workroom=run.workroom,
        run=run,
        turn=turn,
        requester=run.requester,
        title=title[:300],
        rules=rules,
        action=whole,
        digest=seal,
        relation=asking.relation,
        quorum=asking.quorum,
        not_requester=asking.not_requester,
        within=f"{asking.within.amount}{asking.within.unit}",
        deadline=asking.within.after(timezone.now()),
        otherwise=asking.otherwise,
    )
    approval.save(force_insert=True)
    tell_approval(approval, actor=turn.user, event="approval.opened")
    notify_deciders(approval)
    return approval


def _strictest(askings: Sequence[Asking]) -> Asking:
    """Several rules, one question: the shortest deadline, the most people, not the requester if one rule says so."""
    first = min(askings, key=lambda asking: asking.within.after(timezone.now()))
    return Asking(
        relation="owner" if any(asking.relation == "owner" for asking in askings) else first.relation,
        quorum=max(asking.quorum for asking in askings),
        not_requester=any(asking.not_requester for asking in askings),
        within=first.within,
        otherwise="escalate" if any(asking.otherwise == "escalate" for asking in askings) else "reject",
        because=first.because,
    )


def reask(run: Run, old: Approval) -> Approval:
    """Ask again what `old` asked, about the act as it is now."""
    asking = Asking(
        relation=old.relation,
        quorum=old.quorum,
        not_requester=old.not_requester,
        within=parse_within(old.within),
        otherwise="reject" if old.otherwise == "reject" else "escalate",
    )
    action = {name: value for name, value in old.action.items() if name not in ("documents", "rules")}
    return _ask(run, old.turn, asking, old.rules, action, old.title)
