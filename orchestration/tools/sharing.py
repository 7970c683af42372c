"""What tools reach outside is shared by all runs: sources and targets have rates, rest after failures, or are held."""

from uuid import UUID

from accounts.models import Organization
from accounts.tenancy import unit_of_work
from orchestration.limits.breakers import OutOfUse, check_in_use, note_failure, note_success
from orchestration.limits.buckets import queue_up
from orchestration.limits.rates import shared_bucket
from orchestration.models import Source, Target
from workrooms.models import Workroom


def not_now(object: str, room: Workroom) -> str:
    """Return why what a permitted call would touch may not be used now, "" if it may. Raises Later over its rate."""
    row = _shared(object, room)
    if row is None:
        return ""
    name = row.slug if isinstance(row, Source) else room.name
    kind = object.partition(":")[0]
    try:
        check_in_use(object, f"The {kind} {name}" if kind == "source" else f"The target of {name}")
    except OutOfUse as out:
        return str(out)
    if row.rate is not None:
        queue_up(shared_bucket(kind, row.id, name, row), patience=0.0)
    return ""


def note_sent(organization: Organization | UUID, target: Target, room: Workroom, problem: str = "") -> None:
    """Keep whether an outward call arrived; too many that did not, and the target is left alone for a while."""
    with unit_of_work(organization):
        if problem:
            note_failure(f"target:{target.id}", problem, room)
        else:
            note_success(f"target:{target.id}")


def _shared(object: str, room: Workroom) -> Source | Target | None:
    kind, _, identity = object.partition(":")
    if kind == "target":
        found: Source | Target | None = Target.objects.filter(workroom=room).first()
        return found
    return Source.objects.usable_in(room).filter(pk=identity).first() if kind == "source" and _is_id(identity) else None


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
