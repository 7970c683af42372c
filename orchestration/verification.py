"""Verification: before an output counts, each of its verifiers, none of whom wrote it, has to approve it.

While it is verified, the author's turn stays claimed, by nobody: no lease can run out, no late answer can come in.
"""

from accounts.tenancy import keep
from orchestration.beginning import begin_turn
from orchestration.models import Run, Turn
from orchestration.patterns.base import place_of
from orchestration.purposes import WORK, hands_on, prose
from orchestration.standing import plan_of
from orchestration.teams.plan import MemberPlan

MARK = "?"


def verify_next(run: Run, author: Turn) -> bool:
    """Begin the turn of the next verifier of the author's output; False when there is none left. Raises OverLimit."""
    verifiers = _verifiers(run, author)
    if not verifiers or author.purpose not in WORK or hands_on(plan_of(run), author.output):
        return False
    number = _asked(author)
    if number >= len(verifiers):
        return False
    asked = prose(plan_of(run).agents[author.agent].instructions)
    given = {"agent": author.agent, "asked": asked, "input": author.input, "output": author.output}
    step, place = f"{_prefix(author)}{number}", MemberPlan("", verifiers[number], "agent")
    begin_turn(run, len(run.steps) + 1, place, step, "verify", given)
    author.state, author.attempt, author.lease_until = Turn.State.CLAIMED, author.attempt + 1, None
    keep(author, "state", "attempt", "lease_until", "output", "saw")
    return True


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
