"""Who is meant by `@name` in a room."""

from collections import Counter
from uuid import UUID

from workrooms.models import Participant, Workroom
from workrooms.rendering import mention_pattern

Names = dict[str, UUID]


def names_in(room: Workroom) -> Names:
    """Return by which names, in lower case, participants are mentioned: the whole name; the first word where unique."""
    pairs = list(Participant.objects.filter(workroom=room).values_list("user__name", "user_id"))
    first = Counter(name.split()[0].lower() for name, _ in pairs if name.split())
    names: Names = {}
    for name, user_id in pairs:
        words = name.lower().split()
        if words and first[words[0]] == 1:
            names[words[0]] = user_id
    names.update({name.lower(): user_id for name, user_id in pairs})
    return names


def people_named(text: str, names: Names) -> set[UUID]:
    """Return who is mentioned in `text`."""
    pattern = mention_pattern(names)
    return {names[found.lower()] for found in pattern.findall(text)} if pattern else set()
