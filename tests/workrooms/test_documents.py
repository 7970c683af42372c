"""Documents: what is taken, what is refused and why, and where files lie."""

import io
from pathlib import Path

import pytest
from django.conf import settings as installed
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter
from pytest_django import Settings
from reportlab.pdfgen.canvas import Canvas

from accounts.errors import Conflict, Invalid, NotFound, TooLarge
from accounts.models import Event
from accounts.tenancy import unit_of_work
from tests.cast import Cast, signed_in
from workrooms.actions.documents import add_document, add_revision, revision_of, write_document
from workrooms.models import Document, Revision
from workrooms.uploads import checked_upload
from workrooms.views.documents import content_of


def pdf(text: str = "Claim CL-1", password: str = "") -> bytes:
    """A PDF with one page of `text`."""
    drawn, made = io.BytesIO(), io.BytesIO()
    canvas = Canvas(drawn)
    canvas.drawString(72, 720, text)
    canvas.save()
    writer = PdfWriter(clone_from=drawn)
    if password:
        writer.encrypt(password)
    writer.write(made)
    return made.getvalue()


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> None:
    """A folder for files that only this test fills."""
    settings.MEDIA_ROOT = tmp_path


def files() -> list[Path]:
    """Every stored file."""
    return [path for path in Path(installed.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "content", "media_type", "text"),
    [
        ("a.txt", b"words", "text/plain", "words"),
        ("a.md", "# Grüße".encode(), "text/markdown", "# Grüße"),
        ("a.csv", b"\xef\xbb\xbfa,b\r\n1,2\r\n", "text/csv", "a,b\n1,2\n"),
        ("a.json", b'{"a": 1}', "application/json", '{"a": 1}'),
        ("a.pdf", pdf("Dana Whitfield"), "application/pdf", "Dana Whitfield"),
        ("C:\\papers\\a.TXT", b"x", "text/plain", "x"),
    ],
)
def test_what_is_taken(name: str, content: bytes, media_type: str, text: str) -> None:
    upload = checked_upload(name, content)
    assert (upload.media_type, upload.text.strip()) == (media_type, text.strip())


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", b"", r"a\.pdf is empty \(0 bytes\)"),
        ("a.pdf", b"plain words", "claims to be PDF but holds no PDF header"),
        ("a.txt", pdf(), "claims to be text but holds PDF"),
        ("a.csv", b"\x89PNG\r\n", "claims to be CSV but holds a PNG image"),
        ("a.csv", b'{"a": 1}', "claims to be CSV but holds JSON"),
        ("a.json", b"a,b\n1,2\n", r"a\.json is not JSON: line 1, column 1"),
        ("a.pdf", pdf(password="s3cret"), "is encrypted. Save it without a password"),
        ("a.pdf", b"%PDF-1.7 and nothing else", "is no readable PDF"),
        ("a.md", b"one\0two", "NUL byte at position 4"),
        ("a.txt", b"caf\xe9", "byte 4 cannot be read. Save it as UTF-8"),
        ("a.csv", b'a,b\n"1,2', "line 2"),
        ("a.exe", b"MZ", r"files ending in \.exe are not taken"),
        ("a.txt", b" \n ", "holds only blanks"),
        (" ", b"x", "has no name"),
        ("a\u202e.txt", b"x", "name cannot be used"),
        ("a" * 200 + ".txt", b"x", "name cannot be used"),
    ],
)
def test_what_is_refused(name: str, content: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        checked_upload(name, content)


def test_sixty_megabytes_are_refused_before_they_are_read(cast: Cast) -> None:
    class Endless(SimpleUploadedFile):
        def read(self, *_: object) -> bytes:
            raise AssertionError("was read")

    endless = Endless("a.txt", b"")
    endless.size = 60 * 1024 * 1024
    with pytest.raises(TooLarge, match="60.0 MB"):
        content_of(endless)
    with pytest.raises(TooLarge, match="60.0 MB; at most 50 MB"):
        checked_upload("a.txt", b"x" * (60 * 1024 * 1024))
    large = SimpleUploadedFile("large.txt", b"x" * (51 * 1024 * 1024))
    refused = signed_in(cast.bob).post("/api/v1/workrooms/auto-claims/documents", {"file": large})
    assert refused.status_code == 413 and "51.0 MB" in refused.json()["detail"]
    assert files() == []


def test_nothing_of_a_refused_upload_stays(cast: Cast) -> None:
    good, bad = SimpleUploadedFile("good.md", b"fine"), SimpleUploadedFile("bad.pdf", b"not one")
    assert signed_in(cast.bob).post(f"{cast.path}docs/", {"files": [good, bad]}).status_code == 422
    with unit_of_work(cast.harbor):
        assert not Document.objects.exists()
        assert not Event.objects.filter(kind="document.added").exists()
    assert files() == []


def test_a_file_lives_and_dies_with_its_transaction(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        document = add_document(cast.room, actor=cast.bob, name="a.md", content=b"one")
    [kept] = files()
    assert kept.read_bytes() == b"one"
    with pytest.raises(ZeroDivisionError), unit_of_work(cast.harbor):
        add_revision(document, actor=cast.bob, content=b"two", expected=1)
        assert len(files()) == 2
        raise ZeroDivisionError
    assert files() == [kept]


def test_a_name_is_taken_once(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        add_document(cast.room, actor=cast.bob, name="a.md", content=b"one")
    with pytest.raises(Conflict, match="already has a document named a.md"), unit_of_work(cast.harbor):
        add_document(cast.room, actor=cast.alice, name="a.md", content=b"two")


def test_a_revision_goes_on_top_of_the_one_it_began_with(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        document = add_document(cast.room, actor=cast.bob, name="a.md", content=b"one")
        add_revision(document, actor=cast.alice, content=b"two", expected=1)
    with pytest.raises(Conflict) as refused, unit_of_work(cast.harbor):
        add_revision(document, actor=cast.bob, content=b"mine", expected=1)
    assert refused.value.extra == {"current": 2, "theirs": "two", "yours": "mine"}
    with unit_of_work(cast.harbor):
        assert [row.number for row in Revision.objects.order_by("number")] == [1, 2]
        assert revision_of(document, 1).file.read() == b"one"
        with pytest.raises(NotFound, match="revisions 1 to 2; there is no 7"):
            revision_of(document, 7)
        with pytest.raises(Invalid, match="holds PDF"):
            add_revision(document, actor=cast.bob, content=pdf(), expected=2)


def test_an_agent_writes_a_document_anew_or_on_top(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        for text in ("Dear Dana", "Dear Ms Whitfield"):
            revision = write_document(cast.room, actor=cast.ada, on_behalf_of=cast.bob, name="letter.md", text=text)
        assert (revision.number, revision.text) == (2, "Dear Ms Whitfield")
    with unit_of_work(cast.harbor):
        event = Event.objects.get(kind="document.revised")
        assert (event.actor, event.on_behalf_of) == (cast.ada.ledger_name, cast.bob.ledger_name)
        assert event.payload["sha256"] == revision.sha256


def test_a_huge_text_is_searchable_and_does_not_break_the_index(cast: Cast) -> None:
    content = " ".join(f"w{n:x}" for n in range(400_000)).encode()
    with unit_of_work(cast.harbor):
        document = add_document(cast.room, actor=cast.bob, name="huge.txt", content=content)
        assert len(revision_of(document).text) == 200_000
        assert revision_of(document).file.size == len(content)
