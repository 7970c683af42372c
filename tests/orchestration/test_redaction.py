"""What is taken out before a model of lower clearance, on the wire, and what comes back of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.labelling import labels_of, set_clearance
from accounts.models import Event, Withheld
from accounts.tenancy import unit_of_work
from orchestration.actions.boundaries import set_redaction
from orchestration.models import ToolCall
from tests.cast import Cast, signed_in
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.boundary_room import (
    SECRET,
    answer,
    begun,
    calling,
    calls,
    carried,
    endpoint,
    events,
    labelled_document,
    model,
    outputs,
    people,
    sent,
)
from tests.orchestration.rehearsals import says
from workrooms.models import Document

CONFIDENTIAL = {"level": "confidential", "tags": ["personal"]}
LETTER = f"Dear {SECRET}, write to dana@example.test or call +49 30 901820. IBAN DE89370400440532013000, POL-100001."
IN_LETTER = ("dana@example.test", "901820", "DE8937040044", "POL-100001")
KINDS = ["email", "phone", "iban", "card", "ssn"]


@pytest.fixture
def scripted(cast: Cast, settings: Settings) -> Iterator[ScriptedOpenAI]:
    with ScriptedOpenAI([]) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        endpoint(cast, server)
        yield server


def placeholder(server: ScriptedOpenAI, kind: str) -> str:
    """The first placeholder of a kind that the model was shown."""
    found = re.search(rf"\[{kind}-[a-z2-7]{{8}}\]", sent(server))
    assert found, sent(server)
    return found[0]


def echo(body: dict[str, object]) -> Reply:
    """A model that repeats whatever placeholder of a name it was shown."""
    found = re.search(r"\[name-[a-z2-7]{8}\]", json.dumps(body))
    return (
        answer(f"It is about {found[0] if found else 'nobody'}.")
        if found
        else calling("sources.query", source="people")
    )


def test_a_labelled_column_does_not_reach_the_model_and_comes_back_in_its_answer(
    cast: Cast, scripted: ScriptedOpenAI, tmp_path: Path
) -> None:
    source = people(cast, tmp_path, name=CONFIDENTIAL, income={"level": "confidential"})
    scripted.say(echo)
    run = carried(cast, begun(cast, {"reader": model("sources.query:people")}))
    assert (run.state, calls(cast)) == ("finished", [("sources.query", "succeeded")])
    assert SECRET not in sent(scripted) and "71000" not in sent(scripted) and "Bergen" in sent(scripted)
    assert outputs(cast) == [{"summary": f"It is about {SECRET}."}]
    with unit_of_work(cast.harbor):
        assert ToolCall.objects.get().result["rows"][0][1] == SECRET
        assert labels_of([f"run:{run.id}"])[f"run:{run.id}"].as_json() == CONFIDENTIAL
        assert all(SECRET.encode() not in bytes(row.sealed) for row in Withheld.objects.filter(run=run.id))
    assert source.slug == "people"


def test_what_was_taken_out_is_recorded_without_the_values(
    cast: Cast, scripted: ScriptedOpenAI, tmp_path: Path
) -> None:
    people(cast, tmp_path, name=CONFIDENTIAL)
    scripted.say(echo)
    run = carried(cast, begun(cast, {"reader": model("sources.query:people")}))
    told = events(cast, "prompt.redacted")
    assert told == [{"to": "scripted", "kinds": {"name": 2}, "fields": ["name"], "count": 2, "attempt": 1}]
    with unit_of_work(cast.harbor):
        event = Event.objects.get(kind="prompt.redacted")
    assert event.run == run.id and event.turn is not None
    page = signed_in(cast.bob).get(f"{cast.path}runs/{run.number}/").content.decode()
    assert "Withheld before the model: 2 × name; fields name, before scripted" in page


def test_a_placeholder_in_a_call_stands_for_the_value_and_is_the_same_in_the_whole_run(
    cast: Cast, scripted: ScriptedOpenAI, tmp_path: Path
) -> None:
    people(cast, tmp_path, name=CONFIDENTIAL)
    seen: list[str] = []

    def script(body: dict[str, object]) -> Reply:
        seen.extend(re.findall(r"\[name-[a-z2-7]{8}\]", json.dumps(body["messages"][-1])))  # type: ignore[index]
        if not seen:
            return calling("sources.query", source="people")
        if len(scripted.requests) == 2:
            return calling("sources.query", source="people", where=[["name", "=", seen[0]]])
        return (
            calling("documents.write", name="l.md", text=f"Dear {seen[0]}") if len(scripted.requests) == 3 else answer()
        )

    scripted.say(script)
    carried(cast, begun(cast, {"reader": model("sources.query:people", "documents.write")}))
    assert seen[0] == seen[2] != seen[1] and SECRET not in sent(scripted)
    with unit_of_work(cast.harbor):
        assert ToolCall.objects.order_by("created_at")[1].result["row_count"] == 1
        letter = Document.objects.get(name="l.md")
        assert letter.revisions.get().text == f"Dear {SECRET}"
        assert labels_of([f"document:{letter.id}"])[f"document:{letter.id}"].level == "confidential"


def test_text_that_the_room_redacts_reaches_the_model_without_what_has_a_form(
    cast: Cast, scripted: ScriptedOpenAI
) -> None:
    labelled_document(cast, "letter.md", LETTER, {"level": "confidential"})
    with unit_of_work(cast.harbor):
        set_redaction(cast.room, actor=cast.alice, kinds=KINDS, shapes={"policy": "POL-######"}, up_to="confidential")
        document = Document.objects.get()
    scripted.say([calling("documents.read", document="letter.md"), answer()])
    run = carried(cast, begun(cast, {"reader": model("documents.read")}, documents=[document]))
    assert run.state == "finished"
    assert not [secret for secret in IN_LETTER if secret in sent(scripted)]
    assert placeholder(scripted, "policy") and "write to" in sent(scripted)
    assert events(cast, "prompt.redacted")[0]["kinds"] == {"email": 1, "phone": 1, "iban": 1, "policy": 1}


def test_what_redaction_cannot_bring_down_is_refused_whole(cast: Cast, scripted: ScriptedOpenAI) -> None:
    labelled_document(cast, "letter.md", LETTER, {"level": "restricted"})
    with unit_of_work(cast.harbor):
        set_redaction(cast.room, actor=cast.alice, kinds=KINDS, up_to="confidential")
        document = Document.objects.get()
    scripted.say([calling("documents.read", document="letter.md"), answer()])
    carried(cast, begun(cast, {"reader": model("documents.read", clearance="restricted")}, documents=[document]))
    assert calls(cast) == [("documents.read", "denied")]
    assert "write to" not in sent(scripted)
    assert events(cast, "authority.denied")[0]["factors"]["data"]["boundary"] == "clearance of the destination"


def test_an_agent_that_is_not_cleared_itself_gets_nothing_redacted_either(
    cast: Cast, scripted: ScriptedOpenAI, tmp_path: Path
) -> None:
    people(cast, tmp_path, name={"level": "restricted"})
    scripted.say([calling("sources.query", source="people"), answer()])
    carried(cast, begun(cast, {"reader": model("sources.query:people")}))
    assert calls(cast) == [("sources.query", "denied")]
    assert events(cast, "authority.denied")[0]["factors"]["data"]["boundary"] == "clearance of the agent"


def marked(**more: object) -> dict[str, object]:
    """Code that reads the people and names one of them in a field of its answer."""
    line = {"calls": [["sources.query", {"source": "people"}]], "name": "$calls.0.rows.0.1", "city": "Bergen",
            "summary": "Found."}  # fmt: skip
    properties = {"name": {"type": "string", **more}, "city": {"type": "string"}, "summary": {"type": "string"}}
    return says(line, tools=["sources.query:people"], output={"type": "object", "properties": properties})


def test_a_field_that_a_contract_marks_is_taken_out_of_an_earlier_result(
    cast: Cast, scripted: ScriptedOpenAI, tmp_path: Path
) -> None:
    people(cast, tmp_path, name={"level": "confidential"})
    scripted.say([answer("Written.")])
    run = carried(cast, begun(cast, {"finder": marked(label="confidential"), "writer": model()}))
    assert (run.state, len(scripted.requests)) == ("finished", 1)
    assert SECRET not in sent(scripted) and "Bergen" in sent(scripted) and placeholder(scripted, "name")


def test_an_earlier_result_without_marks_is_refused_whole(cast: Cast, scripted: ScriptedOpenAI, tmp_path: Path) -> None:
    people(cast, tmp_path, name={"level": "confidential"})
    scripted.say([answer()])
    run = carried(cast, begun(cast, {"finder": marked(), "writer": model()}))
    assert (run.state, scripted.requests) == ("failed", [])


def test_a_mark_that_says_less_than_what_was_read_frees_nothing(
    cast: Cast, scripted: ScriptedOpenAI, tmp_path: Path
) -> None:
    people(cast, tmp_path, name=CONFIDENTIAL)
    scripted.say([answer()])
    carried(cast, begun(cast, {"finder": marked(label="confidential"), "writer": model()}))
    assert scripted.requests == []


def test_an_endpoint_that_is_cleared_gets_everything(cast: Cast, scripted: ScriptedOpenAI, tmp_path: Path) -> None:
    people(cast, tmp_path, name=CONFIDENTIAL)
    with unit_of_work(cast.harbor):
        set_clearance("endpoint:scripted", actor=cast.alice, level="confidential")
    scripted.say([calling("sources.query", source="people"), answer()])
    carried(cast, begun(cast, {"reader": model("sources.query:people")}))
    assert SECRET in sent(scripted) and events(cast, "prompt.redacted") == []


def test_a_label_counts_where_columns_are_not_named(cast: Cast, scripted: ScriptedOpenAI, tmp_path: Path) -> None:
    people(cast, tmp_path, name={"level": "confidential"})
    scripted.say([calling("sources.query", source="people", where=[["city", "=", "Bergen"]]), answer()])
    carried(cast, begun(cast, {"reader": model("sources.query:people")}))
    assert SECRET not in sent(scripted) and "Bergen" in sent(scripted)
