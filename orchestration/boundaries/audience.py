"""Whether everybody who can read a room's timeline may see what a run has come to know."""

from accounts.authority.labels import Label
from accounts.clearances import covers, limited_people
from orchestration.boundaries.held import label_of_run
from orchestration.models import Run
from workrooms.models import Participant, Workroom


def everyone_may_see(room: Workroom, label: Label) -> bool:
    """True when nobody in the room is cleared for less than `label`."""
    kept_out = [person for person, clearance in limited_people(room).items() if not covers(clearance, label)]
    return not kept_out or not Participant.objects.filter(workroom=room, user__in=kept_out).exists()


def is_private(run: Run) -> bool:
    """True when somebody in the room may not see what the run knows; without a query where nobody is limited."""
    return bool(limited_people(run.workroom)) and not everyone_may_see(run.workroom, label_of_run(run, run.workroom))
