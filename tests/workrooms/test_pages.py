"""Every page of a room answers, and says what it should."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Event
from accounts.tenancy import unit_of_work
from tests.cast import Cast, signed_in
from workrooms.actions.documents import add_document
from workrooms.actions.messages import post_message
from workrooms.models import Document, Message


@pytest.mark.parametrize(
    "page",
    ["", "details/", "people/", "docs/", "ledger/", "messages/?after=0", "ledger/1/", "ledger/?kind=workroom&q=room"],
)
def test_a_page_of_an_empty_room(cast: Cast, page: str) -> None:
    response = signed_in(cast.alice).get(cast.path + page)
    assert response.status_code == 200, response.content[:2000]


@pytest.mark.parametrize("page", ["/", "/o/harbor/", "/o/harbor/rooms/new/", "/o/harbor/search/?q=claims"])
def test_a_page_of_the_organization(cast: Cast, page: str) -> None:
    response = signed_in(cast.alice).get(page, follow=True)
    assert response.status_code == 200
    assert b"Auto claims" in response.content


@pytest.mark.parametrize("page", ["/o/harbor/settings/", "/organizations/"])
def test_own_pages(cast: Cast, page: str) -> None:
    response = signed_in(cast.alice).get(page)
    assert response.status_code == 200
    assert b"Harbor" in response.content


def test_a_message_with_a_file_is_written_once(cast: Cast) -> None:
    browser = signed_in(cast.bob)
    for _ in range(2):
        file = SimpleUploadedFile("claim.md", b"# Claim\n\nA deer.")
        response = browser.post(
            f"{cast.path}messages/", {"body": "See @alice", "files": file}, headers={"Idempotency-Key": "one"}
        )
        assert response.status_code == 204
    with unit_of_work(cast.harbor):
        message, document = Message.objects.get(), Document.objects.get()
        assert message.about["documents"] == [{"id": str(document.id), "name": "claim.md"}]
    page = signed_in(cast.alice).get(cast.path).content.decode()
    assert f'id="entry-{message.id}"' in page and "claim.md" in page


def test_the_page_and_the_catch_up_are_the_same_bytes(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        message = post_message(cast.room, actor=cast.bob, body="Hello **there** @alice")
    browser = signed_in(cast.vera)
    page = browser.get(cast.path).content.decode()
    caught_up = browser.get(f"{cast.path}messages/?after={message.seq - 1}").content.decode()
    assert caught_up.startswith("<article") and caught_up in page
    assert browser.get(f"{cast.path}messages/?after={message.seq}").content == b""


def test_a_viewer_reads_and_does_not_write(cast: Cast) -> None:
    browser = signed_in(cast.vera)
    assert browser.get(cast.path).status_code == 200
    assert browser.post(f"{cast.path}messages/", {"body": "hi"}).status_code == 403
    assert browser.get(f"{cast.path}ledger/").status_code == 403
    assert (
        browser.post(f"{cast.path}people/", {"email": "charlie@example.test", "relation": "owner"}).status_code == 403
    )


def test_opening_and_downloading_are_events(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        document = add_document(cast.room, actor=cast.bob, name="table.csv", content=b"name,amount\nDana,12\n")
    browser = signed_in(cast.olivia)
    shown = browser.get(f"{cast.path}docs/{document.id}/")
    assert b"Dana" in shown.content
    downloaded = browser.get(f"{cast.path}docs/{document.id}/content/")
    assert downloaded.getvalue() == b"name,amount\nDana,12\n"
    assert downloaded["Content-Disposition"].startswith("attachment")
    with unit_of_work(cast.harbor):
        kinds = Event.objects.filter(object=f"document:{document.id}").order_by("seq").values_list("kind", flat=True)
        assert list(kinds) == ["document.added", "document.opened", "document.downloaded"]


def test_a_conflict_shows_both_texts_and_loses_nothing(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        document = add_document(cast.room, actor=cast.bob, name="note.md", content=b"one\n")
    address = f"{cast.path}docs/{document.id}/"
    assert signed_in(cast.alice).post(f"{address}revisions/", {"text": "hers", "expected": "1"}).status_code == 302
    refused = signed_in(cast.bob).post(f"{address}revisions/", {"text": "his own words", "expected": "1"})
    assert refused.status_code == 409
    assert b"hers" in refused.content and b"his own words" in refused.content
    with unit_of_work(cast.harbor):
        assert Document.objects.get(pk=document.id).revision == 2
    for page in ("compare/?from=1&to=2", "edit/", "?revision=1"):
        assert signed_in(cast.bob).get(address + page).status_code == 200


def test_threads_edits_and_history(cast: Cast) -> None:
    browser = signed_in(cast.bob)
    browser.post(f"{cast.path}messages/", {"body": "first words"})
    with unit_of_work(cast.harbor):
        root = Message.objects.get()
    browser.post(f"{cast.path}messages/", {"body": "a reply", "thread": str(root.id)})
    address = f"{cast.path}messages/{root.id}/"
    assert b"first words" in browser.get(f"{address}edit/").content
    assert browser.post(f"{address}edit/", {"body": "better words"}).status_code == 204
    assert b"first words" in browser.get(f"{address}history/").content
    thread = browser.get(f"{cast.path}threads/{root.id}/").content
    assert b"better words" in thread and b"a reply" in thread
    assert browser.post(f"{address}delete/").status_code == 204
    assert b"better words" not in browser.get(f"{cast.path}threads/{root.id}/").content


def test_the_ledger_is_exported_as_shown(cast: Cast) -> None:
    response = signed_in(cast.olivia).get(f"{cast.path}ledger/audit.jsonl?kind=participant")
    lines = response.getvalue().splitlines()
    assert b'"workroom-audit/1"' in lines[0] and b"participant.added" in b"".join(lines)
    assert signed_in(cast.vera).get(f"{cast.path}ledger/audit.csv").status_code == 403
