"""A ledger on paper, for people: the filtered view as a PDF. It reports; what proves is the JSON Lines export."""

import io
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from accounts.models import Event

FONT = "IBMPlexSans"
SIZE, LEAD, MARGIN = 8, 10.5, 36
COLUMNS = (("No.", 44), ("Time (UTC)", 100), ("Who", 130), ("Kind", 110), ("What", 386))
MOST_LINES = 3
NOTE = "This report is for reading. To prove it, export JSON Lines with the same filter and check that with verify.py."


def report(
    title: str,
    manifest: Mapping[str, Any],
    events: Iterable[Event],
    name_of: Callable[[str], str],
    sentence: Callable[[Event], str],
) -> bytes:
    """Return `events` as a PDF under an export's `manifest`; `name_of` names actors, `sentence` says what happened."""
    buffer = io.BytesIO()
    page = Page(Canvas(buffer, pagesize=landscape(A4), invariant=True), title)
    page.begin()
    for line in _heading(manifest):
        page.line([line], [sum(width for _, width in COLUMNS)])
    page.columns([name for name, _ in COLUMNS])
    for event in events:
        who = name_of(event.actor)
        who = f"{who}, for {name_of(event.on_behalf_of)}" if event.on_behalf_of else who
        page.columns([f"#{event.seq}", f"{event.at:%Y-%m-%d %H:%M:%S}", who, event.kind, sentence(event)])
    page.end()
    return buffer.getvalue()


class Page:
    """The pages being written, from top to bottom."""

    def __init__(self, canvas: Canvas, title: str) -> None:
        self.canvas, self.title, self.number, self.top = canvas, title, 0, 0.0
        self.canvas.setTitle(title)
        _font()

    def begin(self) -> None:
        """Start a page with its title and its foot."""
        width, height = landscape(A4)
        self.number += 1
        self.canvas.setFont(FONT, 13)
        self.canvas.drawString(MARGIN, height - MARGIN, self.title)
        self.canvas.setFont(FONT, SIZE)
        self.canvas.drawString(MARGIN, MARGIN - LEAD, NOTE)
        self.canvas.drawRightString(width - MARGIN, MARGIN - LEAD, f"Page {self.number}")
        self.top = height - MARGIN - 2 * LEAD

    def columns(self, cells: list[str]) -> None:
        """Write one row of the table."""
        self.line(cells, [width for _, width in COLUMNS])

    def line(self, cells: list[str], widths: list[int]) -> None:
        """Write cells beside each other, each in at most three lines; begin a new page where this one is full."""
        wrapped = [_lines(cell, width - 8) for cell, width in zip(cells, widths, strict=True)]
        height = max(len(lines) for lines in wrapped) * LEAD
        if self.top - height < MARGIN:
            self.canvas.showPage()
            self.begin()
        left = MARGIN
        for lines, width in zip(wrapped, widths, strict=True):
            for place, text in enumerate(lines):
                self.canvas.drawString(left, self.top - place * LEAD, text)
            left += width
        self.top -= height + 2

    def end(self) -> None:
        """Close the document."""
        self.canvas.save()


def _heading(manifest: Mapping[str, Any]) -> list[str]:
    given = ", ".join(f"{name} = {value}" for name, value in manifest["filter"].items())
    return [
        f"Ledger {manifest['ledger']}, events 1 to {manifest['last']}; shown: {manifest['count']}"
        + (f", those with {given}" if given else ", all"),
        f"Head {manifest['head']}, signed with the key {manifest['key_id']}",
    ]


def _lines(text: str, width: int) -> list[str]:
    lines = simpleSplit(" ".join(text.split()), FONT, SIZE, width) or [""]
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1][:-1]}…"]


@cache
def _font() -> None:
    with as_file(files("fontpkg_ibm_plex_sans") / "files" / "IBMPlexSans[wdth,wght].ttf") as path:
        pdfmetrics.registerFont(TTFont(FONT, str(path)))
