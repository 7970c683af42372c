"""What somebody may not see does not answer when they add a document of its name: no refusal, no id, no content."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.errors import Conflict
from accounts.labelling import set_clearance, set_label
from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.incoming.dropped import keep_files
from tests.accounts.service_house import consented, registered
from tests.cast import Cast, signed_in
from workrooms.actions.documents import add_document, revision_of
from workrooms.models import Document, Workroom
from workrooms.uploads import checked_name, numbered_name

DOCUMENTS = "/api/v1/workrooms/auto-claims/documents"
ASKED = b"the sum they asked for"


@pytest.fixture
def hidden(cast: Cast) -> Document:
    """A document that Alice, but not Bob, may see."""
    with unit_of_work(cast.harbor):
        document = add_document(cast.room, actor=cast.alice, name="report.md", content=ASKED)
        set_label(f"document:{document.id}", {"level": "confidential"}, actor=cast.alice)
        set_clearance(f"person:{cast.bob.id}", actor=cast.alice, level="internal")
    return document


def upload(name: str = "report.md", content: bytes = b"mine") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def names(cast: Cast) -> list[str]:
    with unit_of_work(cast.harbor):
        return list(Document.objects.order_by("created_at").values_list("name", flat=True))


def test_beside_it_a_document_is_added_under_a_number(cast: Cast, hidden: Document) -> None:
    bob = signed_in(cast.bob)
    added = bob.post(DOCUMENTS, {"file": upload()})
    assert (added.status_code, added.json()["name"]) == (201, "report (2).md")
    page = bob.post(f"{cast.path}docs/", {"files": upload()}, follow=True)
    assert page.status_code == 200 and "report (3).md" in page.content.decode()
    assert names(cast) == ["report.md", "report (2).md", "report (3).md"]
    with unit_of_work(cast.harbor):
        assert revision_of(Document.objects.get(pk=hidden.pk)).file.read() == ASKED
        own = json.dumps(list(Event.objects.filter(actor=cast.bob.ledger_name).values_list("payload", "object")))
    for told in (added.content.decode(), page.content.decode(), own):
        assert str(hidden.id) not in told


def test_who_sees_it_is_told_that_the_name_is_taken(cast: Cast, hidden: Document) -> None:
    refused = signed_in(cast.alice).post(DOCUMENTS, {"file": upload()})
    assert refused.status_code == 409 and refused.json()["document"] == str(hidden.id)
    signed_in(cast.bob).post(DOCUMENTS, {"file": upload()})
    again = signed_in(cast.bob).post(DOCUMENTS, {"file": upload("report (2).md")})
    assert again.status_code == 409, "that one is Bob's own"
    assert names(cast) == ["report.md", "report (2).md"]


def test_a_service_sees_no_more_than_may_flow_to_it(cast: Cast, hidden: Document) -> None:
    program = registered(cast)
    consented(program, cast.alice, cast.room, ("documents.write",))
    token = program.bearer(cast.alice, "auto-claims", "documents.write")
    added = signed_in(cast.bob).post(DOCUMENTS, {"file": upload()}, headers=token)
    assert (added.status_code, added.json()["name"]) == (201, "report (2).md")


def test_dropped_files_do_not_tell_whether_the_content_is_the_same(cast: Cast, hidden: Document) -> None:
    def dropped(actor: Any) -> list[str]:
        with unit_of_work(cast.harbor):
            room = Workroom.objects.select_related("organization").get(pk=cast.room.pk)
            return keep_files(room, actor=actor, files=[("report.md", ASKED)]).names

    assert dropped(cast.alice) == ["report.md"]
    assert dropped(cast.bob) == ["report (2).md"]
    with unit_of_work(cast.harbor), pytest.raises(Conflict):
        keep_files(cast.room, actor=cast.alice, files=[("report.md", b"other")])


@pytest.mark.parametrize(
    ("name", "numbered"),
    [
        ("report.pdf", "report (2).pdf"),
        ("archive.v1.json", "archive.v1 (2).json"),
        ("README", "README (2)"),
        (".md", ".md (2)"),
        (f"{'x' * 197}.md", f"{'x' * 193} (2).md"),
    ],
)
def test_a_numbered_name_is_a_name(name: str, numbered: str) -> None:
    assert numbered_name(name, 2) == numbered and checked_name(numbered) == numbered
