"""A person's message may start runs: by mentioning a team or the agent that begins one, or by a command. What a service
began is looked after when people take back what they let it do."""

import re
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.errors import Problem
from accounts.models import User
from accounts.signals import consent_ended
from orchestration.actions.runs import start_run
from orchestration.incoming.commands import answer, obey
from orchestration.incoming.naming import documents_named, team_names
from orchestration.models import Run
from orchestration.queue import enqueue
from orchestration.spoken import interrupt
from workrooms.models import Message
from workrooms.policies import access_workroom
from workrooms.rendering import mention_pattern
from workrooms.signals import message_posted

CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)


@receiver(consent_ended)
def look_after(sender: Any, service: User, person: UUID | None, room: UUID | None, **kwargs: Any) -> None:
    """Let the open runs that a service began see that it may not any more: those that wait for people stop too."""
    about = {name: value for name, value in (("requester", person), ("workroom", room)) if value}
    for run in Run.objects.filter(through=service, parent=None, **about).exclude(state__in=Run.ENDED).order_by("id"):
        enqueue(run)


@receiver(message_posted)
def hear(sender: Any, message: Message, actor: User, **kwargs: Any) -> None:
    """Do what a person's message asks for; a refusal is answered in its thread. Nobody else is heard."""
    if not actor.is_person or message.kind != Message.Kind.MESSAGE:
        return
    try:
        if not obey(message, actor):
            _start_mentioned(message, actor)
            if message.thread_id is not None:
                interrupt(message, actor)
    except Problem as problem:
        answer(message, problem.detail)


def _start_mentioned(message: Message, actor: User) -> None:
    room, text = message.workroom, CODE.sub(" ", message.body)
    if "@" not in text or (pattern := mention_pattern(names := team_names(room))) is None:
        return
    teams = dict.fromkeys(names[found.lower()] for found in pattern.findall(text))
    if not teams:
        return
    access_workroom(actor, room, "start_run")
    goal = " ".join(pattern.sub(" ", message.body).split(" ")).strip(" ,:;\n\t")
    for team in teams:
        if not goal:
            answer(message, f"Say what {team.name} should do, after its name.")
        else:
            start_run(room, actor=actor, team=team, goal=goal, documents=documents_named(message), message=message)
