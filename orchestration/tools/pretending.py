"""In a rehearsal or trial nothing is written or sent: a call is decided as always, and its agent told it was done."""

from orchestration.models import ToolCall
from orchestration.tools.catalogue import TOOLS
from orchestration.tools.context import Context
from orchestration.tools.journal import log


def is_pretended(context: Context, call: ToolCall) -> bool:
    """Whether a call that would write or send is only pretended, because its whole run pretends."""
    return bool(context.run.root_or_own.pretends) and TOOLS[call.tool].kind != "read"


def pretend(context: Context, call: ToolCall) -> None:
    """Close the call as done, without doing it."""
    call.state, call.result = ToolCall.State.SUCCEEDED, TOOLS[call.tool].pretended
    call.saw = "pretended, nothing was done"
    call.save(update_fields=["state", "result", "saw", "decision"])
    log("tool.pretended", context, call, {"tool": call.tool})
