"""Answers to an approval: who may give one, what it binds, and how many a decision needs."""

from typing import Any

from accounts.errors import Conflict, Forbidden, Invalid
from accounts.models import User
from orchestration.asking.questions import sealed_action
from orchestration.models import Approval, ApprovalDecision
from orchestration.policies import right_to_decide

VERBS = ApprovalDecision.Verb


def check_answer(row: Approval, actor: User, decision: str, digest: str, reason: str) -> User | None:
    """Return for whom `actor` answers the approval as it is now: somebody who is away, or None for themselves.

    Raises Conflict, Forbidden or Invalid unless they may.
    """
    if row.state != Approval.State.OPEN:
        raise Conflict(_already(row))
    right = right_to_decide(actor, row)
    if right.refusal is not None:
        raise Forbidden(right.refusal)
    if digest != row.digest:
        raise Conflict("What you saw is no longer what is asked. Look at it again.", digest=row.digest)
    if decision != VERBS.ASK and sealed_action(row.run, _bare(row), row.rules)[1] != row.digest:
        raise Conflict("A document changed since this was asked. It is asked again.", reask=True)
    if decision in (VERBS.REJECT, VERBS.ASK) and not reason.strip():
        raise Invalid("Say why.", [("reason", "expected a sentence")])
    return right.for_whom


def keep_answer(
    row: Approval,
    actor: User,
    decision: str,
    reason: str,
    changes: dict[str, Any] | None,
    for_whom: User | None = None,
) -> None:
    """Keep an answer, given on behalf of `for_whom` if they are away.

    Where several have to agree, changes make it another question: earlier votes fall.
    """
    if changes and row.quorum > 1:
        changed = {**_bare(row), "output": {**row.action["output"], **changes}}
        row.action, row.digest = sealed_action(row.run, changed, row.rules)
        row.save(update_fields=["action", "digest"])
    ApprovalDecision.objects.create(
        organization_id=row.organization_id, approval=row, user=actor, decision=decision, reason=reason.strip(),
        edits=changes, digest=row.digest, on_behalf_of=for_whom,
    )  # fmt: skip


def edited(row: Approval) -> dict[str, Any] | None:
    """Return what people changed in the output before enough of them said yes to it."""
    before = row.turn.output or {}
    changed = {name: value for name, value in (row.action.get("output") or {}).items() if before.get(name) != value}
    return changed or None


def _bare(row: Approval) -> dict[str, Any]:
    return {name: value for name, value in row.action.items() if name not in ("documents", "rules")}


def _already(row: Approval) -> str:
    given = row.decisions.exclude(decision=VERBS.ASK).select_related("user").last()
    return f"{given.user.name} already decided: {row.state}." if given else f"This approval is {row.state}."
