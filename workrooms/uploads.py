"""What an upload really is: its type is read from its content, and its text taken out."""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import PurePosixPath

from accounts.errors import Invalid, TooLarge
from workrooms.pdf import pdf_text

LARGEST_UPLOAD = 50 * 1024 * 1024
LONGEST_TEXT = 200_000
LONGEST_NAME = 200
PDF, CSV, JSON = "application/pdf", "text/csv", "application/json"
MARKDOWN, PLAIN = "text/markdown", "text/plain"
SUFFIXES = {
    ".pdf": PDF, ".csv": CSV, ".json": JSON, ".md": MARKDOWN, ".markdown": MARKDOWN, ".txt": PLAIN, ".text": PLAIN,
    "": PLAIN,
}  # fmt: skip
WORDS = {PDF: "PDF", CSV: "CSV", JSON: "JSON", MARKDOWN: "Markdown", PLAIN: "text"}
MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive or Office file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"MZ\x90", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"SQLite format 3", "a database"),
)


@dataclass(frozen=True, slots=True)
class Upload:
    """Checked content: `media_type` as found, `text` for reading and searching (the first 200,000 characters)."""

    name: str
    media_type: str
    content: bytes
    text: str


def checked_name(name: str) -> str:
    """Return the document name for an upload's file name, or raise Invalid."""
    clean = " ".join(name.replace("\\", "/").rsplit("/", 1)[-1].split())
    if not clean or clean in (".", ".."):
        raise Invalid("The document has no name.", [("name", "expected a file name such as report.pdf")])
    if len(clean) > LONGEST_NAME or not clean.isprintable():
        raise Invalid("The document's name cannot be used.", [("name", "at most 200 printable characters")])
    return clean


def numbered_name(name: str, number: int) -> str:
    """Return a name that fits beside one that is taken: "report.pdf" becomes "report (2).pdf"."""
    path, mark = PurePosixPath(name), f" ({number})"
    return f"{path.stem[: LONGEST_NAME - len(mark) - len(path.suffix)]}{mark}{path.suffix}"


def checked_size(size: int, name: str) -> None:
    """Raise TooLarge or Invalid for a size (bytes) that cannot be stored."""
    if size > LARGEST_UPLOAD:
        detail = f"{name} has {size / 1024 / 1024:.1f} MB; at most 50 MB are taken."
        raise TooLarge(detail, [("file", f"at most {LARGEST_UPLOAD} bytes, found {size}")])
    if size == 0:
        raise Invalid(f"{name} is empty (0 bytes).", [("file", "expected some content")])


def checked_upload(name: str, content: bytes) -> Upload:
    """Read what `content` is and take its text.

    Raises Invalid when it is not what its name claims or cannot be read, TooLarge over 50 MB.
    """
    name = checked_name(name)
    checked_size(len(content), name)
    suffix = PurePosixPath(name).suffix.lower()
    claimed = SUFFIXES.get(suffix)
    if claimed is None:
        raise Invalid(
            f"{name}: files ending in {suffix} are not taken.",
            [("file", "expected .pdf, .csv, .json, .md or .txt")],
        )
    if content[:1024].lstrip().startswith(b"%PDF-"):
        _expect(name, claimed, PDF)
        return Upload(name, PDF, content, pdf_text(name, content, LONGEST_TEXT))
    text = _decoded(name, claimed, content)
    _CHECKS.get(claimed, _any_text)(name, text)
    return Upload(name, claimed, content, text[:LONGEST_TEXT])


def _expect(name: str, claimed: str, found: str) -> None:
    if claimed != found:
        raise _mislabelled(name, claimed, WORDS[found])


def _mislabelled(name: str, claimed: str, found: str) -> Invalid:
    detail = f"{name} claims to be {WORDS[claimed]} but holds {found}. Rename it or choose the right file."
    return Invalid(detail, [("file", f"claimed {WORDS[claimed]}, found {found}")])


def _decoded(name: str, claimed: str, content: bytes) -> str:
    for magic, found in MAGIC:
        if content.startswith(magic):
            raise _mislabelled(name, claimed, found)
    if claimed == PDF:
        raise _mislabelled(name, claimed, "no PDF header")
    if (where := content.find(b"\0")) >= 0:
        raise Invalid(f"{name} holds a NUL byte at position {where + 1}.", [("file", f"NUL byte at {where + 1}")])
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        detail = f"{name} is not UTF-8 text: byte {error.start + 1} cannot be read. Save it as UTF-8."
        raise Invalid(detail, [("file", f"expected UTF-8, byte {error.start + 1} is not")]) from None


def _any_text(name: str, text: str) -> None:
    if not text.strip():
        raise Invalid(f"{name} holds only blanks.", [("file", "expected some text")])


def _json(name: str, text: str) -> None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        detail = f"{name} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        raise Invalid(detail, [("file", f"line {error.lineno}: {error.msg}")]) from None
    except RecursionError:
        raise Invalid(f"{name} is nested too deeply.", [("file", "expected less nesting")]) from None


def _csv(name: str, text: str) -> None:
    _any_text(name, text)
    if text.lstrip()[:1] in "{[<":
        raise _mislabelled(name, CSV, "JSON" if text.lstrip()[0] != "<" else "markup")
    rows = csv.reader(io.StringIO(text), strict=True)
    try:
        for _ in rows:
            pass
    except csv.Error as error:
        raise Invalid(
            f"{name}: line {rows.line_num}: {error}.", [(f"file, line {rows.line_num}", str(error))]
        ) from None


_CHECKS = {JSON: _json, CSV: _csv}
