"""What a run was given, as the authority traces the targets of writes to it: words, records, and what was read."""

from dataclasses import replace
from pathlib import PurePath

from django.utils import timezone

from accounts.authority.decide import Act
from accounts.authority.task import Passage, Record, Task, Use
from accounts.models import Lending
from orchestration.models import Run, ToolCall
from orchestration.tools.context import Context
from workrooms.models import Document, Participant, Workroom

DOCUMENT, PERSON = frozenset({"document"}), frozenset({"participant"})


def task_of(context: Context, act: Act) -> Task:
    """Return what the values of `act` are traced to; an act that names none needs only the words.

    What a service asked for in the person's name is not in the person's words: it was handed over.
    """
    run = context.run
    words = "\n".join([run.goal, *(reference["name"] for reference in run.documents)])
    if not act.uses:
        return Task(words)
    service, passages = run.root_or_own.through, _passages(run)
    if service is not None:
        named = {reference["id"] for reference in run.documents}
        handed = (replace(one, given=one.document in named) for one in passages)
        words, passages = "", (Passage(service.name, run.goal, given=True), *handed)
    return Task(words, _records(context.room), passages, _lent(context, act.tool))


def overwriting(room: Workroom, name: str) -> tuple[Use, ...]:
    """Return the target that writing under `name` reaches: a document of people's; a new one or an agent's is none."""
    existing = Document.objects.filter(workroom=room, name=name).exclude(author__kind="agent").exists()
    return (Use("name", "target", name, DOCUMENT),) if existing else ()


def _records(room: Workroom) -> tuple[Record, ...]:
    documents = Document.objects.filter(workroom=room).values_list("id", "name")
    people = Participant.objects.filter(workroom=room, user__kind="person").values_list("user__name", "user__email")
    return (
        *(Record(DOCUMENT, (name, PurePath(name).stem), frozenset({str(identity)})) for identity, name in documents),
        *(Record(PERSON, (name,), frozenset({email})) for name, email in people),
    )


def _passages(run: Run) -> tuple[Passage, ...]:
    """The texts of documents that the whole run has read so far."""
    read = ToolCall.objects.filter(tool="documents.read", state=ToolCall.State.SUCCEEDED)
    root = run.root_id_or_own
    results = (read.filter(turn__run=root) | read.filter(turn__run__root=root)).values_list("result", flat=True)
    return tuple(
        Passage(result["name"], result["text"], document=result["document"], revision=result["revision"])
        for result in results
        if result
    )


def _lent(context: Context, tool: str) -> frozenset[tuple[str, str]]:
    """Values that people lent to this run, or to the room for a while."""
    now, root = timezone.now(), context.run.root_id_or_own
    standing = Lending.objects.filter(room=context.room.id, tool=tool, revoked_at=None)
    held = standing.filter(run=root) | standing.filter(run=None, until__gt=now)
    return frozenset(held.values_list("slot", "value"))
