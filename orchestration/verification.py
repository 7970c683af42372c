"""Verification: before an output counts, each of its verifiers, none of whom wrote it, has to approve it.

While it is verified, the author's turn stays claimed, by nobody: no lease can run out, no late answer can come in. It
stays so, too, while its run is paused: then nothing begins, and verifying does when people go on with the run.
"""

from accounts.tenancy import keep
from orchestration.beginning import begin_turn
from orchestration.intervening.pausing import paused
from orchestration.models import Run, Turn
from orchestration.patterns.base import place_of
from orchestration.purposes import WORK, hands_on, prose
from orchestration.standing import plan_of
from orchestration.teams.plan import MemberPlan

MARK = "?"


def verify_next(run: Run, author: Turn) -> bool:
    """Begin the turn of the next verifier of the author's output, in a paused run later; False when there is none left.

    Raises OverLimit.
    """
    verifiers = _verifiers(run, author)
    if not verifiers or author.purpose not in WORK or hands_on(plan_of(run), author.output):
        return False
    number = _asked(author)
    if number >= len(verifiers):
        return False
    asked = prose(plan_of(run).agents[author.agent].instructions)
    given = {"agent": author.agent, "asked": asked, "input": author.input, "output": author.output}
    step, place = f"{_prefix(author)}{number}", MemberPlan("", verifiers[number], "agent")
    if not paused(run):
        begin_turn(run, len(run.steps) + 1, place, step, "verify", given)
    author.state, author.attempt, author.lease_until = Turn.State.CLAIMED, author.attempt + 1, None
    keep(author, "state", "attempt", "lease_until", "output", "saw")
    return True


def verify_held(run: Run) -> None:
    """Begin to verify what came in while the run was paused. Raises OverLimit."""
    if run.root_or_own.resumed_at is None:
        return
    held = (turn for turn in run.steps if turn.state == Turn.State.CLAIMED and turn.lease_until is None)
    for author in [turn for turn in held if turn.user_id is not None and turn.output is not None]:
        if not any(turn.member.startswith(_prefix(author)) and turn.state in Turn.OPEN for turn in run.steps):
            verify_next(run, author)


def own_verifier(run: Run, author: Turn) -> bool:
    """Whether a substitute wrote what it would have to verify: then nobody has verified it."""
    return author.agent in _verifiers(run, author)


def author_of(verifying: Turn) -> Turn | None:
    """Return the turn whose output `verifying` is about, if it still waits for that."""
    step = verifying.member.rpartition(MARK)[0]
    claimed = (turn for turn in verifying.run.steps if turn.member == step and turn.state == Turn.State.CLAIMED)
    found = next(claimed, None)
    return found if found is not None and verifying.member.startswith(_prefix(found)) else None


def _verifiers(run: Run, author: Turn) -> tuple[str, ...]:
    """The verifiers of whoever's place it is, also when a substitute took it."""
    team = plan_of(run)
    place = team.places.get(place_of(author.member))
    agent = team.agents.get(place.name) if place is not None and place.kind == "agent" else None
    return agent.verifiers if agent is not None else ()


def _asked(author: Turn) -> int:
    return sum(turn.member.startswith(_prefix(author)) for turn in author.run.steps)


def _prefix(author: Turn) -> str:
    """Begins the steps in which one try of the author is verified."""
    return f"{author.member}{MARK}{author.tries}."
