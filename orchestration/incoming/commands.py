"""Commands in the timeline: `/run TEAM goal` and `/stop [number]`."""

from accounts.errors import Invalid
from accounts.models import User
from orchestration.actions.runs import start_run, stop_all, stop_run
from orchestration.incoming.naming import documents_named
from orchestration.models import Run
from orchestration.policies import access_run, access_team
from workrooms.actions.entries import post_entry
from workrooms.models import Message
from workrooms.policies import access_workroom
from workrooms.rendering import render_message

RUN = "Write /run, the team's short name and the goal: /run auto-claims Settle claim-17.pdf"
STOP = "Write /stop and the number of a run, or /stop alone for all runs of the room."


def obey(message: Message, actor: User) -> bool:
    """Do what `message` commands; False when it is no command. Raises Problem when it cannot be done."""
    command, _, rest = message.body.partition(" ")
    if command == "/run":
        _run(message, actor, rest.strip())
    elif command == "/stop":
        _stop(message, actor, rest.strip())
    else:
        return False
    return True


def answer(message: Message, text: str) -> Message:
    """Reply to `message` in the product's own name."""
    html = render_message(text)
    return post_entry(message.workroom, actor=None, html=html, event="message.answered", body=text, thread=message)


def _run(message: Message, actor: User, rest: str) -> None:
    slug, _, goal = rest.partition(" ")
    if not slug or not goal.strip():
        raise Invalid(RUN)
    team = access_team(actor, message.workroom, slug, "start_run")
    documents = documents_named(message)
    start_run(message.workroom, actor=actor, team=team, goal=goal, documents=documents, message=message)


def _stop(message: Message, actor: User, number: str) -> None:
    room = access_workroom(actor, message.workroom, "start_run")
    if number and not number.isdecimal():
        raise Invalid(STOP)
    if number:
        run = stop_run(access_run(actor, number, "start_run", room), actor=actor)
        answer(message, f"Run {run.number} stops before its next model or tool call.")
    elif message.thread_id and (own := _run_of(message.thread_id)):
        run = stop_run(own, actor=actor)
        answer(message, f"Run {run.number} stops before its next model or tool call.")
    else:
        count = stop_all(room, actor=actor)
        answer(message, f"{count} {'run stops' if count == 1 else 'runs stop'}." if count else "Nothing runs here.")


def _run_of(thread_id: object) -> Run | None:
    """Return the run that is told in this thread and still goes on."""
    told = Run.objects.filter(thread=thread_id, parent=None).exclude(state__in=Run.ENDED)
    found: Run | None = told.order_by("number").last()
    return found
