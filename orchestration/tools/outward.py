"""The one tool whose effect leaves the house."""

from django.conf import settings

from accounts.authority.decide import Act
from accounts.tenancy import unit_of_work
from orchestration.boundaries.egress import allowed_hosts
from orchestration.brains.assignment import ToolDenied, ToolFailed
from orchestration.models import Target
from orchestration.tools.context import Arguments, Context, Performed, Tool, described
from orchestration.tools.outbound import place_of
from orchestration.tools.sharing import note_sent
from orchestration.tools.webhook import Refused, Unknown, send


def target_of(context: Context) -> Target | None:
    """Return where the room's outward calls go, if anywhere."""
    found: Target | None = Target.objects.filter(workroom=context.room).first()
    return found


def _act(context: Context, arguments: Arguments) -> Act:
    target = target_of(context)
    if target is None:
        raise ToolDenied("webhook.send is not offered: this room has no target configured.")
    return Act("webhook.send", f"target:{target.id}", needs="start_run", place=place_of(target.url))


def _send(context: Context, arguments: Arguments) -> Performed:
    with unit_of_work(context.room.organization_id):
        target, allowed = target_of(context), allowed_hosts(context.room)
    if target is None:
        raise ToolFailed("The target of this room was removed meanwhile.")
    trusted = settings.WORKROOM_TRUSTED_HOSTS
    try:
        patience = float(settings.TURN_LEASE_SECONDS)
        sent = send(target.url, arguments["body"], context.key, trusted=trusted, allowed=allowed, timeout=patience)
    except Refused as refusal:
        if refusal.status is None:
            note_sent(context.room.organization_id, target, context.room, str(refusal))
        raise ToolFailed(str(refusal)) from refusal
    except Unknown as unknown:
        note_sent(context.room.organization_id, target, context.room, str(unknown))
        raise
    note_sent(context.room.organization_id, target, context.room)
    return Performed({"status": sent.status}, {"status": sent.status, "target": str(target.id)})


SEND = Tool(
    name="webhook.send",
    event="webhook.sent",
    kind="outward",
    description="POST a JSON body to the room's configured target, once.",
    parameters=described({"body": {"type": "object"}}, "body"),
    act=_act,
    perform=_send,
    pretended={"status": 200},
)
