"""An approval's own page: its card, and what depends on who looks."""

import re
from dataclasses import fields
from typing import Any

from accounts.delegations import standing_delegations
from accounts.models import Event, User
from orchestration.approvals.cards import card_of
from orchestration.approvals.form import REASONS, fields_of
from orchestration.approvals.inbox import decidable_by
from orchestration.models import Approval
from orchestration.policies import deciders, right_to_decide, standing_for
from workrooms.models import Revision

MOST_EXCERPTS = 2
LONGEST_EXCERPT = 420
LONGEST_HEADING = 30
LABELLED = re.compile(r"\W*[\w /'()-]{1,40}?\W*:\W+(?P<value>.*)")
MARKS = ' \t-*#>",{}[]'


def page_context(approval: Approval, viewer: User) -> dict[str, Any]:
    """Return what the approval's page reads for `viewer`."""
    card = card_of(approval)
    right, able = right_to_decide(viewer, approval), deciders(approval)
    names = ["You" if one.user_id == viewer.id else one.user.name for one in able]
    away = standing_delegations(approval.workroom_id).filter(deputy__in=[one.user_id for one in able])
    shown = {each.name: getattr(card, each.name) for each in fields(card)}
    return {
        "approval": approval,
        "card": {
            **shown,
            "may_decide": right.refusal is None,
            "why_not": right.refusal,
            "for_whom": right.for_whom,
            "away": [one for one in away if standing_for(one, approval)],
            "deciders": ", ".join(names) or "nobody here",
            "excluded": f"{approval.requester.name}, who asked" if approval.not_requester else "",
            "fields": fields_of(approval),
            "reasons": REASONS,
            "excerpts": _excerpts(approval, card.run.id),
        },
        **_place(approval, viewer),
    }


def _place(approval: Approval, viewer: User) -> dict[str, Any]:
    """Where this one stands among those that wait for the viewer."""
    mine = list(decidable_by(viewer).values_list("id", flat=True))
    position = mine.index(approval.id) + 1 if approval.id in mine else 0
    following = next((one for one in mine[position:] if one != approval.id), None)
    return {
        "position": position,
        "waiting": len(mine),
        "following": f"/approvals/{following}/" if following else "",
    }


def _excerpts(approval: Approval, run_id: Any) -> list[dict[str, Any]]:
    """What the papers themselves say: the longest passage of each, as it was when this was asked."""
    bound = [(one["id"], one["revision"]) for one in approval.action.get("documents", [])][:MOST_EXCERPTS]
    read = Event.objects.filter(ledger_id=approval.workroom_id, run=run_id, kind="document.read").order_by("seq")
    number = read.values_list("seq", flat=True).first() or 0
    found = []
    for document_id, revision in bound:
        row = Revision.objects.filter(document=document_id, number=revision).select_related("document").first()
        text = longest_passage(row.text) if row else ""
        if row and text:
            document = {"id": row.document_id, "name": row.document.name, "revision": row.number}
            found.append({"title": row.document.name, "text": text, "document": document, "seq": number})
    return found


def longest_passage(text: str) -> str:
    """Return the longest passage of prose; headings, and values behind a label, stand for themselves."""
    passages = [""]
    for line in text.splitlines():
        if labelled := LABELLED.match(line):
            passages += [labelled["value"].strip(MARKS), ""]
        elif line.strip(MARKS) and not (line.startswith("#") or len(line) < LONGEST_HEADING):
            passages[-1] = f"{passages[-1]} {line.strip(MARKS)}".strip()
        else:
            passages.append("")
    longest = max(passages, key=len)
    return longest if len(longest) <= LONGEST_EXCERPT else f"{longest[: LONGEST_EXCERPT - 1].rstrip()}…"
