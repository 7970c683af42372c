"""What a message names: teams of its room, and documents."""

import re

from django.db.models import F, Value
from django.db.models.functions import Lower

from orchestration.models import Agent, Team
from workrooms.models import Document, Message, Workroom

MOST_DOCUMENTS = 50


def team_names(room: Workroom) -> dict[str, Team]:
    """Return by which names, in lower case, teams of the room are called: slug, name, and the agent that begins one."""
    teams = list(Team.objects.filter(workroom=room).exclude(published=None).select_related("published"))
    beginners: dict[str, list[Team]] = {}
    for team in teams:
        first = team.published.definition["members"][0].get("agent")
        if first:
            beginners.setdefault(first, []).append(team)
    names = {name: found[0] for name, found in beginners.items() if len(found) == 1}
    shown = Agent.objects.filter(workroom=room, name__in=names).values_list("name", "user__name")
    names |= {user_name.lower(): names[name] for name, user_name in shown}
    for team in teams:
        names |= {team.slug: team, team.name.lower(): team}
    return names | {f'"{name}"': team for name, team in names.items()}


def documents_named(message: Message) -> list[Document]:
    """Return the room's documents that the message has attached, or names by their file names."""
    attached = [each["id"] for each in message.about.get("documents", [])]
    rooms = Document.objects.filter(workroom=message.workroom_id).order_by("name")
    body = message.body.lower()
    within = rooms.annotate(body=Value(body), lower=Lower("name")).filter(body__contains=F("lower"))
    named = [one for one in within if re.search(rf"(?<![\w.-]){re.escape(one.lower)}(?![\w-])", body)]
    return list(dict.fromkeys([*rooms.filter(pk__in=attached), *named]))[:MOST_DOCUMENTS]
