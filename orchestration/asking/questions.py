"""Raising approvals: the questions a run waits on. Each binds the digest of the exact act it is about."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.tenancy import keep
from orchestration.approvals.proposals import proposal_of
from orchestration.asking.notices import notify_deciders
from orchestration.boundaries.spans import spans_of
from orchestration.contracts import Fired
from orchestration.models import Approval, Run, ToolCall, Turn
from orchestration.teams.deadlines import Within, parse_within
from orchestration.teams.plan import Asking, ExceptionRule
from orchestration.telling import tell_approval
from orchestration.tools.catalogue import TOOLS
from orchestration.values.digests import digest
from workrooms.models import Document, Revision

TROUBLE = Asking(relation="editor", within=Within(2, "d"), because="An agent could not go on by itself.")
CALL = Asking(because="The authority lets this be done only if a person says so.")
UNCLEAR = Asking(because="An outward call may or may not have been carried out; nothing is sent again by itself.")


def ask_to_accept(run: Run, turn: Turn, fired: Sequence[tuple[ExceptionRule, Fired]]) -> Approval:
    """Ask people whether a turn's output may count, because exceptions of the team fired on it."""
    rules = [
        {"name": rule.name, "when": rule.when, "because": rule.ask.because, "reason": why.reason} for rule, why in fired
    ]
    asking = _strictest([rule.ask for rule, _ in fired])
    return ask(
        run, turn, asking, rules, {"act": "accept", "agent": turn.agent, "output": turn.output}, proposal_of(turn).title
    )


def ask_how_to_go_on(run: Run, turn: Turn, problem: str, why: str = "on_failure") -> Approval:
    """Ask people whether a failed turn is tried again (approve) or the run ends (reject)."""
    rule = {"name": why, "when": "", "because": TROUBLE.because, "reason": problem}
    action = {"act": "retry", "agent": turn.agent, "problem": problem}
    turn.state, turn.finished_at = Turn.State.WAITING, None
    keep(turn, "state", "finished_at")
    return ask(run, turn, TROUBLE, [rule], action, f"Let {turn.agent} try again?")


def ask_about_call(run: Run, turn: Turn, call_id: UUID, problem: str) -> Approval:
    """Ask people whether an outward call was carried out: approve says it was, reject says it was not."""
    call = ToolCall.objects.get(pk=call_id)
    rule = {"name": "ambiguous", "when": "", "because": UNCLEAR.because, "reason": problem}
    action = {"act": "confirm", "call": str(call.id), "tool": call.tool, "arguments": call.arguments}
    return ask(run, turn, UNCLEAR, [rule], action, f"Was {call.tool} carried out?")


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
        "untrusted": spans_of(run, call.arguments) if TOOLS[call.tool].kind != "read" else [],
    }
    return ask(run, turn, CALL, [rule], action, f"Let {turn.agent} use {call.tool}?")


def waits_for_people(run: Run, turns: Sequence[Turn]) -> bool:
    """True when nothing works in `run` or the runs nested in it, and people are asked."""
    if any(turn.at_work for turn in turns):
        return False
    going = (Turn.State.READY, Turn.State.CLAIMED)
    nested = [turn.id for turn in turns if turn.user_id is None and turn.state in going]
    if nested:
        states = set(Run.objects.filter(parent__in=nested).exclude(state__in=Run.ENDED).values_list("state", flat=True))
        return states == {Run.State.WAITING}
    waiting = any(turn.state == Turn.State.WAITING for turn in turns)
    return waiting or bool(Approval.objects.filter(run=run, state=Approval.State.OPEN).exists())


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


def ask(
    run: Run, turn: Turn, asking: Asking, rules: list[dict[str, Any]], action: dict[str, Any], title: str
) -> Approval:
    """Raise one approval: `action` is the exact act, `rules` are the reasons why people are asked."""
    whole, seal = sealed_action(run, action, rules)
    approval = Approval(
        organization_id=run.organization_id,
        workroom=run.workroom,
        run=run,
        turn=turn,
        requester=run.requester,
        title=(f"Rehearsal: {title}" if run.pretends == Run.Pretence.REHEARSAL else title)[:300],
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
    run.asked = True
    tell_approval(approval, actor=turn.user, event="approval.opened")
    if not run.pretends:
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
    return ask(run, old.turn, asking, old.rules, action, old.title)
