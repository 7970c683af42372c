"""A run of three agents at once, each of which waits for a yes to its outward call, and people who answer."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connections

from accounts.errors import Problem
from accounts.models import User
from accounts.tenancy import unit_of_work
from orchestration.actions.approvals import decide_approval
from orchestration.actions.means import set_target
from orchestration.actions.runs import start_run
from orchestration.models import Approval, ApprovalDecision, Run
from tests.cast import Cast
from tests.live.receiver import Receiver
from tests.orchestration.rehearsals import carried, published, says, team_of
from workrooms.actions.documents import add_document
from workrooms.actions.rules import set_rules
from workrooms.models import Workroom

PARTS = ("left", "middle", "right")
ASK_FIRST = """
@id("sends") @ask @reason("What leaves the house is looked at first.")
forbid(principal, action == Action::"send", resource);
"""


def sender(part: str) -> dict[str, Any]:
    line = {"calls": [["webhook.send", {"body": {"part": part}}]], "summary": f"{part} is sent."}
    return says(line, tools=["webhook.send"], on_failure="ask")


def three_senders(cast: Cast, url: str) -> Run:
    """Begin it, as Bob, with a document; what is sent goes to `url`."""
    with unit_of_work(cast.harbor):
        room = Workroom.objects.get(pk=cast.room.pk)
        set_target(room, actor=cast.alice, url=url)
        set_rules("sends", actor=cast.alice, room=room, text=ASK_FIRST)
    team = published(cast, team_of("concurrent", {part: sender(part) for part in PARTS}))
    with unit_of_work(cast.harbor):
        room = Workroom.objects.get(pk=cast.room.pk)
        letter = add_document(room, actor=cast.bob, name="letter.md", content=b"# A letter")
        run = start_run(room, actor=cast.bob, team=team, goal="Send.", input={"a": 1}, documents=[letter])
    return carried(cast, run)


def questions(cast: Cast) -> dict[str, Approval]:
    """The open questions by the agent that asks."""
    with unit_of_work(cast.harbor):
        return {row.turn.agent: row for row in Approval.objects.filter(state="open").select_related("run", "turn")}


def decide(cast: Cast, approval: Approval, who: User, verb: str = "approve", **more: Any) -> None:
    with unit_of_work(cast.harbor):
        decide_approval(approval, actor=who, decision=verb, digest=approval.digest, reason="Because.", **more)


def together(*acts: Callable[[], Any]) -> list[str]:
    """Do all at the same moment, each on a connection of its own; return what came of each: "done" or the refusal."""
    outcomes: list[str] = [""] * len(acts)
    barrier = threading.Barrier(len(acts))

    def do(place: int, act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            act()
            outcomes[place] = "done"
        except Problem as problem:
            outcomes[place] = type(problem).__name__
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def parts(receiver: Receiver) -> Counter[str]:
    """How often each part arrived."""
    return Counter(one["body"]["part"] for one in receiver.received)


def closings(cast: Cast) -> Counter[str]:
    """How many closing answers each approval was given."""
    with unit_of_work(cast.harbor):
        return Counter(str(row.approval_id) for row in ApprovalDecision.objects.exclude(decision="ask"))
