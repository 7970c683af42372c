"""What must hold after the fire: each function names what is wrong, one line each, or nothing."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.under_fire.errands import ERRANDS
from benchmarks.under_fire.evidence import Evidence
from benchmarks.under_fire.people import Said
from orchestration.purposes import WORK

Wrongs = Iterator[str]
AFTERWARDS = ("approval.", "turn.edited", "model.called", "document.added", "document.revised")


def starts_kept(evidence: Evidence, said: Said) -> Wrongs:
    """A run that was answered with 202 is there, and one start makes one run, however often it was repeated."""
    goals = Counter(run.goal for run in evidence.roots.values())
    yield from (f"{goal} was started {count} times" for goal, count in goals.items() if count > 1)
    ids = {str(identity) for identity in evidence.roots}
    yield from (f"{goal} was accepted and is not there" for goal, run in said.started.items() if run not in ids)


def none_hang(evidence: Evidence) -> Wrongs:
    """Every run has ended, or waits for a person who is asked."""
    asked = {evidence.root_of[row.run_id] for row in evidence.approvals if row.state == "open"}
    for run in evidence.runs:
        if not run.ended and not (run.state == "waiting" and evidence.root_of[run.id] in asked):
            yield f"run {run.id} of {run.goal} is {run.state}"


def only_people_end(evidence: Evidence) -> Wrongs:
    """No run fails or is stopped but by a person's no."""
    for run in evidence.roots.values():
        if run.state == "failed" or (run.state == "stopped" and not run.reason.startswith("Rejected by")):
            yield f"{run.goal} ({run.version.team.slug}) is {run.state}: {run.reason}"


def turns_kept(evidence: Evidence) -> Wrongs:
    """A finished run consists of what its team's turns are; numbers have no gap; each begun turn is logged."""
    begun = evidence.told("turn.started")
    for root in evidence.roots.values():
        tree = evidence.tree(root.id)
        done = Counter(
            turn.agent for turn in tree if turn.state == "finished" and turn.purpose in WORK and turn.user_id
        )
        expected = Counter(ERRANDS[root.version.team.slug].turns)
        if root.state == "finished" and (lost := expected - done):
            yield f"{root.goal} ({root.version.team.slug}) is finished without {dict(lost)}"
        yield from (f"turn {turn.id} of {root.goal} was never logged" for turn in tree if not begun[turn.id])
    numbers: dict[Any, list[int]] = {}
    for turn in evidence.turns:
        numbers.setdefault(turn.run_id, []).append(turn.number)
    for run, found in numbers.items():
        if found != list(range(1, len(found) + 1)):
            yield f"run {run} has turns {found}"
    known = {turn.id for turn in evidence.turns}
    yield from (f"turn {turn} was begun and is not there" for turn in begun if turn not in known)


def none_repeated(evidence: Evidence) -> Wrongs:
    """A finished turn is told once, and nothing is done in it afterwards; no agent's work stands there twice."""
    told = evidence.told("turn.finished")
    for turn in evidence.turns:
        if turn.user_id and told[turn.id] != (turn.state == "finished"):
            yield f"turn {turn.id} ({turn.agent}, {turn.state}) was told {told[turn.id]} times"
    over: set[Any] = set()
    for event in evidence.events:
        if event.turn in over and not event.kind.startswith(AFTERWARDS):
            yield f"turn {event.turn}: {event.kind} after it was finished"
        if event.kind == "turn.finished":
            over.add(event.turn)
    for root in evidence.roots.values():
        tree = evidence.tree(root.id)
        done = Counter(
            turn.agent for turn in tree if turn.state == "finished" and turn.purpose in WORK and turn.user_id
        )
        if more := done - Counter(ERRANDS[root.version.team.slug].turns):
            yield f"{root.goal} ({root.version.team.slug}) has {dict(more)} too many"
    yield from (f"event {event}" for event, count in _begun_twice(evidence) if count > 1)


def _done(tree: list[Any]) -> Counter[str]:
    return Counter(turn.agent for turn in tree if turn.state == "finished" and turn.purpose in WORK and turn.user_id)


def _begun_twice(evidence: Evidence) -> list[tuple[str, int]]:
    return [(f"turn.started of {turn} {count} times", count) for turn, count in evidence.told("turn.started").items()]


def none_sent_twice(evidence: Evidence) -> Wrongs:
    """Whatever reached the receiver reached it once, by its key and by what it says."""
    yield from (f"key {key} arrived {count} times" for key, count in evidence.keys.items() if count > 1)
    yield from (f"{part} arrived {count} times" for part, count in evidence.parts.items() if count > 1)


def none_unsent(evidence: Evidence) -> Wrongs:
    """What a finished run was to send arrived, and so did what a call says it sent."""
    for root in evidence.roots.values():
        for part in ERRANDS[root.version.team.slug].sends if root.state == "finished" else ():
            if not evidence.parts[root.goal, part]:
                yield f"{part} of {root.goal} ({root.version.team.slug}) never arrived"
    for call in evidence.calls:
        key = evidence.key_of(call)
        if call.tool == "webhook.send" and call.state == "succeeded" and not evidence.keys[key]:
            yield f"call {key} is {call.result} and never arrived"


def none_unapproved(evidence: Evidence, asked_room: str) -> Wrongs:
    """In the room that asks first, nothing arrives without a yes to that very call."""
    yes = {row.action.get("call") for row in evidence.approvals if row.state == "approved"}
    approved = {evidence.key_of(call) for call in evidence.calls if str(call.id) in yes}
    asked = {run.id for run in evidence.runs if str(run.workroom_id) == asked_room}
    turns = {turn.id for turn in evidence.turns if turn.run_id in asked}
    keys = {evidence.key_of(call) for call in evidence.calls if call.turn_id in turns}
    yield from (f"call {key} arrived without a yes" for key in sorted(keys - approved) if evidence.keys[key])


def ambiguous_asked(evidence: Evidence) -> Wrongs:
    """Each call whose outcome was unknown was put to people."""
    asked = Counter(row.action["call"] for row in evidence.approvals if row.action["act"] == "confirm")
    for event in evidence.events:
        if event.kind == "tool.ambiguous" and not asked[str(event.object).removeprefix("call:")]:
            yield f"{event.object} was ambiguous and nobody was asked"


def decided_once(evidence: Evidence, said: Said) -> Wrongs:
    """One closing answer a question; one that was acknowledged is there, and no other was."""
    given = Counter(str(row.approval_id) for row in evidence.decisions)
    yield from (f"approval {row} was closed {count} times" for row, count in given.items() if count > 1)
    states = {str(row.id): row.state for row in evidence.approvals}
    for row, answers in said.closed.items():
        if len(answers) > 1:
            yield f"approval {row}: {len(answers)} answers were accepted: {answers}"
        wanted = "rejected" if answers[0][1] == "reject" else "approved"
        if not given[row] or states.get(row) != wanted:
            yield f"approval {row}: {answers[0][1]} was accepted, and it is {states.get(row)}"


def budgets_hold(evidence: Evidence) -> Wrongs:
    """Spent is what the turns spent, within the caps; nothing stays reserved in what has ended."""
    for budget in evidence.budgets:
        tree = evidence.tree(budget.run_id)
        spent = (sum(turn.tokens for turn in tree), sum(turn.microcents for turn in tree), len(tree))
        if spent != (budget.tokens, budget.microcents, budget.turns):
            yield f"budget of {budget.run_id}: {(budget.tokens, budget.microcents, budget.turns)}, its turns {spent}"
        if budget.tokens > budget.tokens_cap or budget.microcents > budget.microcents_cap:
            yield f"budget of {budget.run_id} is over its cap"
        if evidence.roots[budget.run_id].ended and (budget.tokens_reserved or budget.microcents_reserved):
            yield f"budget of {budget.run_id} holds {budget.tokens_reserved} tokens for nobody"


def files_kept(evidence: Evidence, folder: Path) -> Wrongs:
    """Every revision has its file."""
    yield from (f"{name} is gone" for name in evidence.files if not (folder / name).is_file())


def stray_files(evidence: Evidence, folder: Path) -> Wrongs:
    """Files that no revision names: written by a process that was killed before its commit."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    yield from (f"{name} belongs to nothing" for name in sorted(found - evidence.files))
