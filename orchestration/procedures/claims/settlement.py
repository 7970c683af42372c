"""Settlement: the letter, then the payment, of what was accepted (perhaps after a person changed it)."""

from typing import Any

from orchestration.brains.assignment import Assignment, ToolDenied, Tools
from orchestration.procedures.claims.adjudicator import UNNAMED
from orchestration.procedures.claims.money import dollars

NO_TARGET = "not sent: no payment target configured"


def settlement(assignment: Assignment, tools: Tools) -> dict[str, Any]:
    """Writes the letter and sends the payment. Raises ValueError when the accepted amount is not a number of cents."""
    accepted = assignment.input
    due = accepted.get("payout_cents")
    if isinstance(due, bool) or not isinstance(due, int) or due < 0:
        raise ValueError(f"payout_cents must be a whole number of cents, 0 or more; got {due!r}.")
    number = str(accepted.get("claim_number", "unknown"))
    suspicions = tuple(assignment.results.get("fraud", {}).get("contradictions", []))
    written = tools.call("documents.write", name=f"letter-{number}.md", text=letter(accepted, due, suspicions))
    payment = _pay(accepted, due, number, written, tools) if due else "not due"
    return {
        "letter": written["document"],
        "letter_revision": written["revision"],
        "claim_number": number,
        "due_cents": due,
        "paid_cents": due if payment == "sent" else 0,
        "currency": accepted.get("currency", "USD"),
        "payment": payment,
        "summary": f"Letter for **{number}** written. Payment of {dollars(due)}: {payment}.",
    }


def _pay(accepted: dict[str, Any], due: int, number: str, written: dict[str, Any], tools: Tools) -> str:
    body = {
        "claim_number": number,
        "policy_number": accepted.get("policy_number"),
        "payee": accepted.get("payee"),
        "amount_cents": due,
        "currency": accepted.get("currency", "USD"),
        "letter": written["document"],
        "letter_revision": written["revision"],
    }
    try:
        tools.call("webhook.send", body=body)
    except ToolDenied:
        return NO_TARGET
    return "sent"


def letter(accepted: dict[str, Any], due: int, suspicions: tuple[str, ...] = ()) -> str:
    """The letter to the payee, as markdown. It gives the grounds of the decision; `suspicions` stay in the house."""
    number, policy = accepted.get("claim_number", "unknown"), accepted.get("policy_number") or "unknown"
    heading = f"# Settlement of claim {number}" if due else f"# Your claim {number}"
    opening = (
        f"We have settled your claim {number} under policy {policy}. The amount is **{dollars(due)}**."
        if due
        else f"We have examined your claim {number} under policy {policy}. No payment is due."
    )
    payee = str(accepted.get("payee") or UNNAMED)
    greeting = "Dear policyholder," if payee.startswith(UNNAMED) else f"Dear {payee},"
    parts = [heading, greeting, opening, _table(accepted, due)]
    if due < _lines_total(accepted) or not due or accepted.get("withheld_cents"):
        parts.append(_grounds(accepted, suspicions))
    parts += [
        _decided(accepted),
        "If you disagree, or know something that we do not, please answer this letter; a person will read it.",
        "Kind regards,\n\nClaims department",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _lines_total(accepted: dict[str, Any]) -> int:
    return sum(line["amount_cents"] for line in accepted.get("lines", []))


def _table(accepted: dict[str, Any], due: int) -> str:
    lines = [(line["label"], line["amount_cents"], line.get("source", "")) for line in accepted.get("lines", [])]
    changed = due - _lines_total(accepted)
    if lines and changed:
        lines.append(("Changed on review", changed, "decision"))
    if not lines:
        return ""
    rows = [f"| {_cell(label)} | {dollars(amount)} | {_cell(source)} |" for label, amount, source in lines]
    total = f"| **Payment** | **{dollars(due)}** | |"
    return "\n".join(["| For | Amount | According to |", "|---|--:|---|", *rows, total])


def _cell(text: str) -> str:
    return " ".join(str(text).replace("|", "/").split())


def _grounds(accepted: dict[str, Any], suspicions: tuple[str, ...]) -> str:
    grounds = [
        f"- {ground}" for ground in accepted.get("against", []) if not ground.startswith(("Fraud score", *suspicions))
    ]
    return "The reasons:\n\n" + "\n".join(grounds) if grounds else ""


def _decided(accepted: dict[str, Any]) -> str:
    if accepted.get("decided_by"):
        return f"This was decided by {accepted['decided_by']}."
    if accepted.get("decision") == "refer":
        return "This was decided by a person of our claims department."
    return "This follows from the claim and the terms of your policy, as shown above."
