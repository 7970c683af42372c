"""A room with a table of people, a scripted model and a receiver: what tests of boundaries share."""

import json
from pathlib import Path
from typing import Any

import yaml

from accounts.labelling import set_label
from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.means import set_endpoint, set_source
from orchestration.actions.runs import start_run
from orchestration.engine import work
from orchestration.models import Run, Source, ToolCall, Turn
from tests.cast import Cast
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.claims_room import published
from workrooms.actions.documents import add_document

SECRET = "Dana Quillfeather"
PEOPLE = f"number,name,income,city\nPOL-100001,{SECRET},71000,Bergen\nPOL-100002,Ole Brandt,52000,Oslo\n"
SUMMARY = {"type": "object", "required": ["summary"], "properties": {"summary": {"type": "string"}}}
ALL_TOOLS = ("documents.read", "documents.search", "documents.write", "messages.search", "webhook.send")


def answer(summary: str = "Done.") -> Reply:
    """A model that gives its result."""
    return Reply(calls=(("final_answer", {"summary": summary}),))


def calling(tool: str, **arguments: Any) -> Reply:
    """A model that uses a tool."""
    return Reply(calls=((tool.replace(".", "_"), arguments),))


def model(*tools: str, endpoint: str = "scripted", **more: Any) -> dict[str, Any]:
    """An agent on a scripted endpoint."""
    return {"role": "Reads", "brain": {"model": {"endpoint": endpoint}}, "tools": list(tools), "output": SUMMARY,
            "on_failure": "stop", **more}  # fmt: skip


def begun(cast: Cast, agents: dict[str, Any], goal: str = "Say what you find.", **given: Any) -> Run:
    """Publish a team of these agents, one after the other, and start it for Bob."""
    team = {"schema": 1, "name": "Readers", "pattern": "sequential", "agents": agents,
            "members": [{"agent": name} for name in agents]}  # fmt: skip
    with unit_of_work(cast.harbor):
        found = published(cast, f"readers-{abs(hash(json.dumps(team))) % 10**9}", yaml.safe_dump(team))
        return start_run(cast.room, actor=cast.bob, team=found, goal=goal, **given)


def carried(cast: Cast, run: Run) -> Run:
    """Carry the run as far as it goes."""
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        kept: Run = Run.objects.get(pk=run.pk)
        return kept


def people(cast: Cast, folder: Path, **labels: dict[str, Any]) -> Source:
    """Make the table of people a source of the room, with these labels of its columns."""
    file = folder / "people.csv"
    file.write_text(PEOPLE)
    with unit_of_work(cast.harbor):
        source = set_source(actor=cast.alice, slug="people", location=str(file), rooms=[cast.room])
        for column, label in labels.items():
            set_label(f"source:{source.id}/{column}", label, actor=cast.alice, ledger=cast.room.id)
    return source


def endpoint(cast: Cast, server: ScriptedOpenAI, slug: str = "scripted") -> None:
    """Name the scripted server as a model endpoint."""
    with unit_of_work(cast.harbor):
        set_endpoint(actor=cast.alice, slug=slug, url=server.url, model="scripted-1", key="k", price="1/2")


def labelled_document(cast: Cast, name: str, text: str, label: dict[str, Any] | None) -> Any:
    """Put a document with this label into the room."""
    with unit_of_work(cast.harbor):
        document = add_document(cast.room, actor=cast.bob, name=name, content=text.encode())
        if label:
            set_label(f"document:{document.id}", label, actor=cast.alice, ledger=cast.room.id)
        return document


def sent(server: ScriptedOpenAI) -> str:
    """Everything that arrived at the model, as text."""
    return json.dumps([request.body for request in server.requests], ensure_ascii=False)


def events(cast: Cast, kind: str) -> list[dict[str, Any]]:
    """The payloads of the room's events of one kind, in order."""
    with unit_of_work(cast.harbor):
        found = Event.objects.filter(kind=kind, ledger_id=cast.room.id).order_by("seq")
        return list(found.values_list("payload", flat=True))


def outputs(cast: Cast) -> list[Any]:
    """What the turns came to: their output, or their error."""
    with unit_of_work(cast.harbor):
        return [turn.output or turn.error for turn in Turn.objects.order_by("started_at", "number")]


def calls(cast: Cast) -> list[tuple[str, str]]:
    """Every use of a tool and how it ended."""
    with unit_of_work(cast.harbor):
        return list(ToolCall.objects.order_by("created_at").values_list("tool", "state"))
