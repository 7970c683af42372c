"""What an approval's card says: the same for every viewer, stored in the timeline and shown on its page."""

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import Event, User
from orchestration.approvals.proposals import Proposal, read_proposal
from orchestration.models import Approval, ApprovalDecision, Run, Turn
from workrooms.models import Participant

ASKED = {"owner": "an owner", "approver": "a supervisor", "editor": "someone who works here"}
LONGEST_SHOWN = 160
MONEY = re.compile(r"\$(\d[\d,]*\.\d\d)")
MARKS = str.maketrans("", "", ",.")
TOLD = ("turn.finished", "turn.waiting")


@dataclass(frozen=True, slots=True)
class Card:
    """Everything the card's templates read; numbers are ledger numbers."""

    verb: str
    asks: str
    rules: list[dict[str, Any]]
    sentence: str
    lines: list[dict[str, Any]]
    total_cents: int | None
    currency: str
    support: list[dict[str, Any]]
    against: list[dict[str, Any]]
    irreversible: bool
    escalates_to: str
    closing: ApprovalDecision | None
    questions: list[ApprovalDecision]
    edits: list[dict[str, Any]]
    problem: str
    run: Run
    asker: User | None
    brain: str
    number: int
    sum_seq: int
    rules_seq: int
    act: str
    receipt: dict[str, Any] | None
    successor: UUID | None
    untrusted: list[dict[str, Any]]


def card_of(approval: Approval) -> Card:
    """Build the card from the approval as it stands now."""
    turn, run = approval.turn, approval.run.root_or_own
    output = approval.action.get("output") or {}
    proposal = read_proposal(output)
    cites = Citations(run, turn)
    decisions = list(approval.decisions.select_related("user", "on_behalf_of"))
    closing = _closing(approval, decisions)
    edits = _edits(output, closing.edits) if closing and closing.edits else []
    after = read_proposal({**output, **(closing.edits or {})}) if closing else proposal
    return Card(
        verb=f"asks {ASKED.get(approval.relation, 'people')} · run {run.number}",
        asks=ASKED.get(approval.relation, "people"),
        rules=[{**rule, "team": run.version.team.slug} for rule in approval.rules],
        sentence=_sentence(approval, proposal),
        lines=[{**line, "seq": cites.of_line(line)} for line in proposal.lines],
        total_cents=proposal.amount_cents,
        currency=proposal.currency,
        support=[{"text": text, "seq": cites.find(text)} for text in proposal.support],
        against=[{"text": text, "seq": cites.find(text)} for text in proposal.against],
        irreversible=bool(proposal.amount_cents),
        escalates_to=_owners(approval),
        closing=closing,
        questions=[one for one in decisions if one.decision == ApprovalDecision.Verb.ASK],
        edits=edits,
        problem=run.reason,
        run=run,
        asker=turn.user,
        brain=turn.brain,
        number=approval.entry.seq if approval.entry else 0,
        sum_seq=cites.of(turn),
        rules_seq=cites.of(turn),
        act=json.dumps(approval.action, indent=2, ensure_ascii=False, sort_keys=True),
        receipt=_receipt(approval, after),
        successor=_successor(approval),
        untrusted=approval.action.get("untrusted") or [],
    )


class Citations:
    """Finds the ledger number of the turn in which something was said first."""

    def __init__(self, run: Run, asking: Turn) -> None:
        self.asking = asking
        told = Event.objects.filter(ledger_id=run.workroom_id, run=run.id, kind__in=TOLD)
        self.numbers: dict[UUID, int] = dict(told.order_by("-seq").values_list("turn", "seq"))
        turns = Turn.objects.filter(pk__in=self.numbers).exclude(output=None).order_by("started_at", "number")
        self.said = [(turn, json.dumps(turn.output, ensure_ascii=False)) for turn in turns]

    def of(self, turn: Turn) -> int:
        """Return the number of `turn`'s result, 0 when it has none yet."""
        return self.numbers.get(turn.id, 0)

    def of_line(self, line: dict[str, Any]) -> int:
        """Return the number of the first turn that states the amount of a line, else its source."""
        amount = line.get("amount_cents")
        stated = self._first(rf"(?<![\d.]){abs(amount)}(?![\d.])") if isinstance(amount, int) else None
        return self.of(stated) if stated else self.find(str(line.get("source", "")))

    def find(self, text: str) -> int:
        """Return the number of the first turn that says `text` (without what it cites in brackets), that states its
        first amount of money, or whose agent it begins with; else of the turn that asks."""
        bare = text.rpartition(" (")[0]
        patterns = [re.escape(json.dumps(wanted, ensure_ascii=False)[1:-1]) for wanted in (text, bare) if wanted]
        patterns += [rf"(?<![\d.]){amount.translate(MARKS)}(?![\d.])" for amount in MONEY.findall(text)[:1]]
        found = next((turn for pattern in patterns if (turn := self._first(pattern))), None)
        named = (turn for turn, _ in self.said if text.lower().startswith(turn.agent.lower()))
        return self.of(found or next(named, self.asking))

    def _first(self, pattern: str) -> Turn | None:
        earlier = (turn for turn, said in self.said if turn != self.asking and re.search(pattern, said))
        return next(earlier, None)


def _closing(approval: Approval, decisions: list[ApprovalDecision]) -> ApprovalDecision | None:
    """Return the answer that closed it: the last one, once it is closed."""
    if approval.state == Approval.State.OPEN:
        return None
    return next((one for one in reversed(decisions) if one.decision != ApprovalDecision.Verb.ASK), None)


def _sentence(approval: Approval, proposal: Proposal) -> str:
    if approval.action.get("act") == "confirm":
        return "Approve if it was carried out, reject if it was not. Nothing is sent again by itself."
    if approval.action.get("act") == "call":
        named = "; ".join(f"{name}: {_brief(value)}" for name, value in approval.action["arguments"].items())
        return f"{approval.rules[0]['reason']} Approve to let exactly this be done: {named}."
    if approval.action.get("act") == "retry":
        return f"{approval.rules[0]['reason']} Approve to let it try again; reject to end the run."
    if approval.action.get("act") == "budget":
        return f"{approval.rules[0]['reason']} Approve to let the run go on; reject to end it."
    if approval.action.get("act") in ("quorum", "rounds", "route", "plan", "loop"):
        return f"{approval.rules[0]['because']} Approve to let the team go on; reject to end the run."
    return f"To {proposal.payee}." if proposal.payee and proposal.amount_cents else ""


def _brief(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _edits(output: dict[str, Any], edits: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"field": name.removesuffix("_cents").replace("_", " "), "before": _shown(name, output.get(name)),
         "after": _shown(name, value)}
        for name, value in edits.items()
    ]  # fmt: skip


def _shown(name: str, value: Any) -> str:
    return f"{value / 100:,.2f}" if name.endswith("_cents") and isinstance(value, int) else str(value)


def _receipt(approval: Approval, proposal: Proposal) -> dict[str, Any] | None:
    if approval.action.get("act") != "accept":
        return None
    rules = ", ".join(rule["name"] for rule in approval.rules)
    what = f"Payout to {proposal.payee}" if proposal.amount_cents else f"Done: {approval.title}"
    detail = " · ".join(part for part in (proposal.subject, f"rule {rules}") if part)
    return {"seq": None, "what": what, "detail": detail, "amount_cents": proposal.amount_cents,
            "currency": proposal.currency}  # fmt: skip


def _owners(approval: Approval) -> str:
    owners = Participant.objects.filter(workroom_id=approval.workroom_id, relation=Participant.Relation.OWNER)
    return ", ".join(owners.values_list("user__name", flat=True)) or "the owners of the room"


def _successor(approval: Approval) -> UUID | None:
    if approval.state != Approval.State.SUPERSEDED:
        return None
    later = Approval.objects.filter(turn_id=approval.turn_id, created_at__gt=approval.created_at)
    found: UUID | None = later.order_by("created_at").values_list("id", flat=True).first()
    return found
