"""Text of PDFs, with limits on pages, characters and time."""

import io
import time

import structlog
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from accounts.errors import Invalid

MOST_PAGES = 500
MOST_SECONDS = 20.0
log = structlog.get_logger()


def pdf_text(name: str, content: bytes, longest: int) -> str:
    """Return the text of the first 500 pages, at most `longest` characters; a page that cannot be read is skipped.

    Raises Invalid when the file is encrypted or no PDF can be read in it.
    """
    reader = _reader(name, content)
    pages: list[str] = []
    until, length = time.monotonic() + MOST_SECONDS, 0
    for number in range(min(len(reader.pages), MOST_PAGES)):
        if length >= longest or time.monotonic() > until:
            break
        pages.append(_page_text(reader, number))
        length += len(pages[-1])
    text = "\n\n".join(pages).replace("\0", " ")[:longest]
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _reader(name: str, content: bytes) -> PdfReader:
    try:
        reader = PdfReader(io.BytesIO(content))
        encrypted, count = reader.is_encrypted, 0
        if not encrypted:
            count = len(reader.pages)
    except (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OSError) as error:
        detail = f"{name} is no readable PDF: {type(error).__name__}."
        raise Invalid(detail, [("file", "expected a complete PDF")]) from None
    if encrypted:
        detail = f"{name} is encrypted. Save it without a password and add it again."
        raise Invalid(detail, [("file", "expected a PDF without a password")])
    if count == 0:
        raise Invalid(f"{name} has no pages.", [("file", "expected at least one page")])
    return reader


def _page_text(reader: PdfReader, number: int) -> str:
    try:
        return reader.pages[number].extract_text()
    except Exception as error:  # pypdf raises whatever a malformed page runs into
        log.info("pdf.page_unreadable", page=number + 1, error=type(error).__name__)
        return ""
