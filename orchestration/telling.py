"""What a run says in the room: its headline, its turns, its questions. Each is one entry and one event."""

from typing import Any

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import timezone
from redis import RedisError

from accounts.ledger.record import record
from accounts.models import User
from orchestration.approvals.cards import card_of
from orchestration.approvals.proposals import read_proposal
from orchestration.boundaries.answers import answer_of, keep_answer
from orchestration.boundaries.audience import is_private
from orchestration.models import Approval, Batch, Run, Turn
from orchestration.purposes import words_of
from orchestration.queue import tell_batch_later
from orchestration.runs.tallies import batch_context
from workrooms.actions.entries import post_entry, update_entry
from workrooms.entries import room_path
from workrooms.models import Message
from workrooms.stored import stored_html

PRIVATE = "A question about what not everybody here may see"
BATCH_TOLD_SECONDS = 2
NOW = {
    Run.State.QUEUED: "Waits for a worker",
    Run.State.WAITING: "Waits for a person",
    Run.State.STOPPING: "Stopping…",
    Run.State.FINISHED: "Finished",
}


def tell_run(run: Run) -> None:
    """Write the run's state into its headline, and into that of its batch."""
    if run.parent_id is not None:
        return
    if run.headline is not None:
        html = stored_html("headline.jinja", headline_context(run))
        payload = {"state": run.state, "reason": run.reason}
        update_entry(run.headline, actor=None, html=html, event="run.told", payload=payload, object=f"run:{run.id}")
    if run.batch is not None and run.state != Run.State.RUNNING:
        _tell_batch(run.batch)


def _tell_batch(batch: Batch) -> None:
    """Tell the tally now, or (while runs end by the dozen) once for all of them a little later."""
    try:
        now = cache.add(f"batch-told:{batch.id}", True, BATCH_TOLD_SECONDS)
        later = not now and cache.add(f"batch-due:{batch.id}", True, BATCH_TOLD_SECONDS)
    except RedisError:
        now, later = True, False  # nobody remembers when it was told last, and a hint would be lost
    if now:
        tell_batch(batch)
    elif later:
        tell_batch_later(batch, BATCH_TOLD_SECONDS)


def tell_batch(batch: Batch) -> None:
    """Write the tally of a batch into its headline."""
    if batch.headline is not None:
        html = render_to_string("orchestration/run/_batch.html", batch_context(batch))
        update_entry(batch.headline, actor=None, html=html, event="batch.told", object=f"batch:{batch.id}")


def headline_context(run: Run) -> dict[str, Any]:
    """Return what the headline's template reads."""
    whole = (turn for turn in (*run.steps, *run.elsewhere) if turn.user_id is not None)
    own = [turn for turn in whole if turn.state != Turn.State.SUPERSEDED]
    turns = sorted(own, key=lambda turn: (turn.started_at is None, turn.started_at or turn.created_at, turn.number))
    told = [] if is_private(run) else turns
    said = {name: value for turn in told for name, value in (turn.output or {}).items() if isinstance(value, str)}
    working = [turn.agent for turn in turns if turn.state in (Turn.State.READY, Turn.State.CLAIMED)]
    running = (
        f"{' and '.join(working).capitalize()} {'is' if len(working) == 1 else 'are'} working" if working else "Working"
    )
    proposal = read_proposal(next((turn.output or {} for turn in reversed(told) if _names_amount(turn)), {}))
    seconds = ((run.finished_at or timezone.now()) - (run.started_at or run.created_at)).total_seconds()
    return {
        "run": run,
        "turns": turns,
        "subject": said.get("claim_number") or run.subject or run.goal,
        "who": said.get("claimant") or said.get("payee") or "",
        "now": (run.reason if told or not turns else "") or NOW.get(Run.State(run.state), running),
        "amount_cents": proposal.amount_cents,
        "currency": proposal.currency,
        "spent": run.budget.microcents if hasattr(run, "budget") else 0,
        "seconds": seconds,
        "here": room_path(run.workroom),
    }


def _names_amount(turn: Turn) -> bool:
    return isinstance((turn.output or {}).get("payout_cents"), int)


def tell_turn(run: Run, turn: Turn) -> None:
    """Say in the run's thread how a turn went. In a batch it is only logged: threads by the hundred tell nothing."""
    root = run.root_or_own
    summary = words_of(turn.purpose, turn.output or {})
    words = summary or (f"{turn.agent} {turn.state}. {turn.error}" if turn.error else f"{turn.agent} answered.")
    findings = "".join(f"\n- {finding}" for finding in turn.findings) if turn.error else ""
    payload = {
        "agent": turn.agent,
        "state": turn.state,
        "output": turn.output,
        "error": turn.error,
        "attempt": turn.attempt,
    }
    about: dict[str, Any] = {"object": f"turn:{turn.id}", "run": root.id, "turn": turn.id}
    if root.batch_id is not None or root.thread is None or turn.user is None:
        record(f"turn.{turn.state}", actor=turn.user, on_behalf_of=run.requester, ledger=run.workroom_id,
               payload=payload, **about)  # fmt: skip
        return
    answer = answer_of(run, f"{words}{findings}", _used(turn))
    entry = post_entry(
        run.workroom,
        actor=turn.user,
        html=answer.html,
        body=answer.body,
        event=f"turn.{turn.state}",
        payload=payload,
        thread=root.thread,
        on_behalf_of=run.requester,
        brain=turn.brain,
        **about,
        about=answer.about,
    )
    keep_answer(run, entry, answer)


def _used(turn: Turn) -> str:
    if not turn.saw.get("calls"):
        return ""
    return render_to_string("orchestration/run/_calls.html", {"turn": turn, "calls": turn.used, "saw": turn.saw})


def saw_of(turn: Turn) -> dict[str, Any]:
    """Return what the agent saw: the input it was given, what its tools looked up by kind, and how many it called."""
    looked: dict[str, list[str]] = {}
    withheld: set[str] = set()
    for call in turn.used:
        withheld.update((call.result or {}).get("withheld") or [])
        if call.saw:
            looked.setdefault(call.tool.partition(".")[0], []).append(call.saw)
    return {**looked, "calls": len(turn.used), "withheld": sorted(withheld), "given": _givers(turn)}


def _givers(turn: Turn) -> list[str]:
    """Return the agents whose results the turn was given: one's as they are, several under their names."""
    earlier = [one for one in (*turn.run.elsewhere, *turn.run.steps) if one.user_id is not None and one is not turn]
    given = {one.agent for one in earlier if one.output and one.output in (turn.input, turn.input.get(one.agent))}
    return sorted(given)


def tell_approval(approval: Approval, actor: User | None, event: str, on_behalf_of: User | None = None) -> None:
    """Show an approval as it stands in the timeline; an executed one folds into its receipt."""
    card = card_of(approval)
    here = room_path(approval.workroom)
    executed = approval.execution == Approval.Execution.EXECUTED and card.receipt is not None
    template = "orchestration/approval/_receipt.html" if executed else "orchestration/approval/_card.html"
    title = approval.title
    if is_private(card.run):
        template, title = "orchestration/approval/_private.html", PRIVATE
    html = render_to_string(template, {"approval": approval, "card": card, "receipt": card.receipt, "here": here})
    payload: dict[str, Any] = {"digest": approval.digest, "state": approval.state, "execution": approval.execution,
               "rules": [rule["name"] for rule in approval.rules],
               "reasons": [rule["reason"] for rule in approval.rules]}  # fmt: skip
    if card.closing:
        payload |= {"decision": card.closing.decision, "reason": card.closing.reason, "edits": card.closing.edits}
    run = card.run
    told: dict[str, Any] = {"actor": actor, "html": html, "event": event, "object": f"approval:{approval.id}"}
    if approval.entry is not None:
        kind = Message.Kind.RECEIPT if executed else Message.Kind.APPROVAL
        update_entry(
            approval.entry, payload=payload, kind=kind, turn=approval.turn_id, on_behalf_of=on_behalf_of, **told
        )
        return
    payload["action"] = approval.action
    approval.entry = post_entry(
        approval.workroom, kind=Message.Kind.APPROVAL, payload=payload, on_behalf_of=approval.requester,
        brain=card.brain, run=run.id, turn=approval.turn_id, about={"note": card.verb}, body=title, **told,
    )  # fmt: skip
    approval.save(update_fields=["entry"])
