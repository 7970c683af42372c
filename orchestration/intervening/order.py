"""Which turns of a run came after which: read from the pattern, not from clocks."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from accounts.errors import NotFound
from orchestration.models import Run, Turn
from orchestration.standing import plan_of
from orchestration.verification import MARK


def find_turn(run: Run, wanted: UUID | int) -> Turn:
    """Return a turn of a root run: one of its own by its number, or any, nested ones included, by its id.

    For a verifier's turn that is the turn whose output it verified. Raises NotFound for one that was set aside, too.
    """
    turns = Turn.objects.filter(Q(run=run) | Q(run__root=run)).exclude(state=Turn.State.SUPERSEDED)
    rows = turns.select_related("run__parent__run__parent__run", "run__version", "user")
    of_run = rows.filter(run=run, number=wanted) if isinstance(wanted, int) else rows.filter(pk=wanted)
    found: Turn | None = of_run.first()
    if found is not None and found.purpose == "verify":
        found = rows.filter(run=found.run_id, member=verified_step(found)).first()
    if found is None:
        raise NotFound(f"Run {run.number} has no such turn.", [("turn", "expected the id or number of a turn")])
    return found


def verified_step(turn: Turn) -> str:
    """Return the step whose output a verifier's turn is about."""
    return turn.member.rpartition(MARK)[0]


def around(turn: Turn) -> list[tuple[Run, Turn]]:
    """Return the run of a turn with the turn, then the run it is nested in with the turn it stands for, to the root."""
    levels = [(turn.run, turn)]
    while levels[-1][0].parent is not None:
        parent = levels[-1][0].parent
        levels.append((parent.run, parent))
    return levels


def came_after(run: Run, turns: Sequence[Turn], turn: Turn) -> list[Turn]:
    """Return those of the run's `turns` that may rest on `turn`: all later ones, but not who worked beside it."""
    beside = plan_of(run).pattern == "concurrent" and turn.purpose == "work"
    later = [one for one in turns if one.number > turn.number and one.purpose != "verify"]
    return with_verifiers(turns, [one for one in later if not (beside and one.purpose == "work")])


def with_verifiers(turns: Sequence[Turn], chosen: Sequence[Turn]) -> list[Turn]:
    """Return the chosen turns, and those in which what they gave was verified."""
    steps = {one.member for one in chosen}
    return [*chosen, *(one for one in turns if one.purpose == "verify" and verified_step(one) in steps)]


def standing_turns(run: Run) -> list[Turn]:
    """Return the turns of one run that were not set aside, in order."""
    return list(Turn.objects.filter(run=run).exclude(state=Turn.State.SUPERSEDED).order_by("number"))
