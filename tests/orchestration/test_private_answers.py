"""An answer says as much as everybody in the room may see; the rest is for those who are cleared, and may be shared."""

import json
from pathlib import Path
from typing import Any

import pytest

from accounts.clearances import limited_people
from accounts.errors import Invalid
from accounts.labelling import labels_of, set_label
from accounts.models import ObjectLabel, User
from accounts.tenancy import unit_of_work
from orchestration.models import Run
from tests.cast import Cast, signed_in
from tests.orchestration.boundary_room import (
    SECRET,
    begun,
    carried,
    events,
    labelled_document,
    people,
)
from tests.orchestration.offices import Program
from tests.orchestration.rehearsals import says
from workrooms.actions.clearances import clear_person
from workrooms.actions.erasing import erase_subject
from workrooms.actions.rules import set_rules
from workrooms.models import Document, Message, PrivateAnswer, Workroom

TELLS = {"calls": [["documents.read", {"document": "report.md"}]], "summary": f"It was {SECRET}."}
READER = says(TELLS, tools=["documents.read"])


def limit(cast: Cast, user: User, level: str | None = "internal") -> None:
    """Clear a person for this much."""
    with unit_of_work(cast.harbor):
        clear_person(user, actor=cast.alice, level=level)


def told(cast: Cast, run: Run) -> Message:
    """The entry with the answer."""
    with unit_of_work(cast.harbor):
        found: Message = Message.objects.get(run=run.id, kind="message")
        return found


def answered(cast: Cast, level: str = "confidential") -> Run:
    """A run that has read a labelled report and says whom it is about."""
    labelled_document(cast, "report.md", f"About {SECRET}.", {"level": level})
    with unit_of_work(cast.harbor):
        document = Document.objects.get(name="report.md")
    return carried(cast, begun(cast, {"reader": READER}, documents=[document]))


def test_where_everybody_may_see_it_the_answer_stands_there_with_its_label(cast: Cast) -> None:
    entry = told(cast, answered(cast))
    assert (entry.body, entry.about) == (f"It was {SECRET}.", {"label": {"level": "confidential", "tags": []}})
    page = signed_in(cast.vera).get(f"{cast.path}threads/{entry.thread_id}/").content.decode()
    assert SECRET in page and ">confidential</span>" in page


def test_what_read_an_outsiders_words_says_so_with_no_label(cast: Cast) -> None:
    labelled_document(cast, "report.md", f"About {SECRET}.", None)
    with unit_of_work(cast.harbor):
        document = Document.objects.get()
    run = carried(cast, begun(cast, {"reader": READER}, documents=[document]))
    assert told(cast, run).about == {}
    with unit_of_work(cast.harbor):
        assert "outside" in labels_of([f"run:{run.id}"])[f"run:{run.id}"].tags
        assert not ObjectLabel.objects.filter(object__startswith="message:").exists()


def test_where_somebody_may_not_it_is_for_the_requester_alone(cast: Cast) -> None:
    limit(cast, cast.vera)
    entry = told(cast, answered(cast))
    assert SECRET not in entry.body + entry.html + json.dumps(entry.about)
    assert entry.body == "This answer is confidential, and not everybody here may see it. It waits for Bob."
    private = f"/workrooms/auto-claims/messages/{entry.id}/private"
    assert Program(cast, cast.bob).get(private)["body"] == f"It was {SECRET}."
    for outsider in (cast.vera, cast.olivia):
        assert SECRET not in str(Program(cast, outsider).get(private, 404))
    assert [one["label"]["level"] for one in events(cast, "answer.read")] == ["confidential"]


def test_a_requester_who_is_not_cleared_does_not_get_it_either(cast: Cast) -> None:
    run = answered(cast)
    limit(cast, cast.bob)
    with unit_of_work(cast.harbor):
        assert cast.bob.id in limited_people(Workroom.objects.get(pk=cast.room.pk))
    bob = Program(cast, cast.bob)
    bob.get(f"/runs/{run.id}", 404)
    assert SECRET not in json.dumps(bob.get("/workrooms/auto-claims/messages?after=0"))


def test_who_decides_and_is_cleared_can_share_it_and_says_why(cast: Cast) -> None:
    limit(cast, cast.vera)
    entry = told(cast, answered(cast))
    share = f"/workrooms/auto-claims/messages/{entry.id}/share"
    Program(cast, cast.bob).send("POST", share, {"reason": "x"}, 403)
    Program(cast, cast.pat).send("POST", share, {"reason": "  "}, 422)
    shared = Program(cast, cast.pat).send("POST", share, {"reason": "It is in the papers."})
    assert shared["shared_by"]["name"] == "Pat"
    assert told(cast, Run(id=entry.run)).body == f"It was {SECRET}."
    assert SECRET in json.dumps(Program(cast, cast.vera).get("/workrooms/auto-claims/messages?after=0"))
    assert events(cast, "answer.shared") == [
        {"label": {"level": "confidential", "tags": []}, "reason": "It is in the papers."}
    ]
    Program(cast, cast.pat).send("POST", share, {"reason": "Again."}, 409)


def test_the_page_shows_it_and_shares_it(cast: Cast) -> None:
    limit(cast, cast.vera)
    entry = told(cast, answered(cast))
    path = f"{cast.path}messages/{entry.id}/private/"
    thread = f"{cast.path}threads/{entry.thread_id}/"
    assert "Read the whole answer" in signed_in(cast.bob).get(thread).content.decode()
    assert "can share it" in signed_in(cast.bob).get(path).content.decode()
    assert signed_in(cast.vera).get(path).status_code == 404
    pat = signed_in(cast.pat)
    assert SECRET in pat.get(path).content.decode()
    assert "Say why" in pat.post(path, {"reason": ""}).content.decode()
    assert pat.post(path, {"reason": "Known."}).headers["Location"] == thread
    assert SECRET in signed_in(cast.vera).get(thread).content.decode()


def test_what_can_be_taken_out_is_taken_out_and_the_rest_said_to_everybody(cast: Cast, tmp_path: Path) -> None:
    people(cast, tmp_path, name={"level": "confidential"})
    limit(cast, cast.vera)
    line = {"calls": [["sources.query", {"source": "people"}]], "name": "$calls.0.rows.0.1",
            "summary": f"In Bergen it is {SECRET}."}  # fmt: skip
    properties = {"name": {"type": "string", "label": "confidential"}, "summary": {"type": "string"}}
    finder = says(line, tools=["sources.query:people"], output={"type": "object", "properties": properties})
    entry = told(cast, carried(cast, begun(cast, {"finder": finder})))
    assert entry.body.startswith("In Bergen it is [name-") and SECRET not in entry.html
    with unit_of_work(cast.harbor):
        assert PrivateAnswer.objects.get().body == f"In Bergen it is {SECRET}."


def everything_vera_gets(cast: Cast, run: Run) -> dict[str, Any]:
    """Every door that a viewer with too little clearance can knock at."""
    vera, browser = Program(cast, cast.vera), signed_in(cast.vera)
    room = "/workrooms/auto-claims"
    asked = [f"{room}/messages?after=0", f"{room}/search?q=Quillfeather", f"{room}/documents", f"{room}/runs",
             f"/runs/{run.id}", f"/runs/{run.id}/turns", "/approvals"]  # fmt: skip
    pages = ["", "docs/", "runs/", f"runs/{run.number}/", f"runs/{run.number}/replay/", "messages/?after=0"]
    return {
        **{path: vera.call("GET", path).content.decode() for path in asked},
        **{path: browser.get(cast.path + path).content.decode() for path in pages},
    }


def test_a_viewer_who_is_not_cleared_finds_it_at_no_door(cast: Cast) -> None:
    limit(cast, cast.vera)
    run = answered(cast)
    leaks = [path for path, body in everything_vera_gets(cast, run).items() if SECRET in body]
    assert leaks == []


def test_who_loses_the_clearance_later_loses_what_was_said(cast: Cast) -> None:
    run = answered(cast)
    assert [path for path, body in everything_vera_gets(cast, run).items() if SECRET in body]
    limit(cast, cast.vera)
    assert [path for path, body in everything_vera_gets(cast, run).items() if SECRET in body] == []
    limit(cast, cast.vera, None)
    assert [path for path, body in everything_vera_gets(cast, run).items() if SECRET in body]


def test_an_agent_does_no_more_than_the_person_is_cleared_for(cast: Cast) -> None:
    limit(cast, cast.bob)
    run = answered(cast)
    assert run.state != "finished"
    assert events(cast, "authority.denied")[0]["factors"]["data"]["boundary"] == "clearance of the person"


def test_a_room_above_a_persons_clearance_is_not_there_for_them(cast: Cast) -> None:
    limit(cast, cast.vera, "public")
    with unit_of_work(cast.harbor):
        set_label(f"workroom:{cast.room.id}", {"level": "internal"}, actor=cast.alice, ledger=cast.room.id)
    assert signed_in(cast.vera).get(cast.path).status_code == 404
    assert signed_in(cast.bob).get(cast.path).status_code == 200


def test_erasure_takes_the_private_answer_and_keeps_agents_from_the_document(cast: Cast) -> None:
    limit(cast, cast.vera)
    answered(cast)
    with unit_of_work(cast.harbor):
        assert PrivateAnswer.objects.filter(body__contains=SECRET).exists()
        erase_subject(cast.room, actor=cast.alice, words=[SECRET], reason="Request 7")
        assert not PrivateAnswer.objects.exists()
        document = Document.objects.get()
        assert "erased" in labels_of([f"document:{document.id}"])[f"document:{document.id}"].tags
        set_rules("gdpr", actor=cast.alice, room=Workroom.objects.get(pk=cast.room.pk))
    line = {"calls": [["documents.read", {"document": str(document.id)}]], "summary": "Read."}
    carried(cast, begun(cast, {"again": says(line, tools=["documents.read"])}, documents=[document]))
    denied = events(cast, "authority.denied")[-1]["factors"]["room"]
    assert denied["boundary"] == "erasure (GDPR Article 17)"


@pytest.mark.parametrize(("level", "named"), [("secret", []), ("internal", ["legal"])])
def test_a_clearance_that_is_none_is_refused(cast: Cast, level: str, named: list[str]) -> None:
    with pytest.raises(Invalid, match="cannot be used"), unit_of_work(cast.harbor):
        clear_person(cast.vera, actor=cast.alice, level=level, compartments=named)
