"""Outward calls on their way: nobody else takes the turn meanwhile, and what came of them is not forgotten."""

import time
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from accounts.tenancy import unit_of_work
from orchestration.models import ToolCall, Turn
from orchestration.tools.context import Context, Performed
from orchestration.tools.journal import close

PAUSE_SECONDS = 0.5


def key_of(call: ToolCall) -> str:
    """Return what names the effect of a call for ever: the first call of its turn that was to have it."""
    same = ToolCall.objects.filter(turn_id=call.turn_id, digest=call.digest).order_by("response", "position")
    response, position = same.values_list("response", "position")[0]
    return f"{call.turn_id}:{response}:{position}"


def hold_while_underway(turn: Turn) -> None:
    """Hold a turn for as long as its outward call may take, one lease, and for another to keep what came of it."""
    until = timezone.now() + timedelta(seconds=2 * settings.TURN_LEASE_SECONDS)
    Turn.objects.filter(pk=turn.pk).update(lease_until=until)


def close_outside(
    context: Context, call: ToolCall, state: ToolCall.State, started: float, performed: Performed | None, error: str
) -> None:
    """Close a call that was under way; nobody else knows what came of it, so a database that is away is waited for.

    Where others have closed it meanwhile (the turn was lost), theirs stands. Raises OperationalError after one lease.
    """
    until = time.monotonic() + settings.TURN_LEASE_SECONDS
    while True:
        try:
            with unit_of_work(context.room.organization_id):
                row = ToolCall.objects.select_for_update(no_key=True).get(pk=call.pk)
                if row.state == ToolCall.State.EXECUTING:
                    close(context, call, state, started, performed, error)
                else:
                    call.state, call.result, call.error = row.state, row.result, row.error
            return
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE_SECONDS)
