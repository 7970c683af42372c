"""What a page shows of a document, by its type, and how two texts differ."""

import csv
import difflib
import io
import json
from dataclasses import dataclass, field

from workrooms.models import Document, Revision
from workrooms.rendering import render_document
from workrooms.uploads import CSV, JSON, LONGEST_TEXT, MARKDOWN, PDF

MOST_ROWS = 200
MOST_LINES = 4000
CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """`kind` is table, html, pdf or text; the fields of that kind are filled. `cut` says that there is more."""

    kind: str
    html: str = ""
    text: str = ""
    heading: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a comparison: `how` is same, gone, new or skipped."""

    how: str
    text: str
    left: int | None = None
    right: int | None = None


def preview(document: Document, revision: Revision) -> Preview:
    """Return what to show of `revision`."""
    text, cut = revision.text, len(revision.text) >= LONGEST_TEXT
    if document.media_type == CSV:
        rows = list(csv.reader(io.StringIO(text)))
        return Preview("table", heading=rows[0], rows=rows[1 : MOST_ROWS + 1], cut=cut or len(rows) > MOST_ROWS + 1)
    if document.media_type == MARKDOWN:
        return Preview("html", html=render_document(text), cut=cut)
    if document.media_type == PDF:
        return Preview("pdf", text=text, cut=cut)
    return Preview("text", text=_indented(text) if document.media_type == JSON else text, cut=cut)


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def differences(before: str, after: str) -> list[Row]:
    """Return the lines that differ, each with three lines around it; what is left out is one skipped row."""
    old, new = before.splitlines()[:MOST_LINES], after.splitlines()[:MOST_LINES]
    rows: list[Row] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=True)
    for number, group in enumerate(matcher.get_grouped_opcodes(CONTEXT)):
        if number or group[0][1]:
            rows.append(Row("skipped", "…"))
        for how, i1, i2, j1, j2 in group:
            if how == "equal":
                pairs = zip(range(i1, i2), range(j1, j2), strict=True)
                rows += [Row("same", old[left], left + 1, right + 1) for left, right in pairs]
                continue
            rows += [Row("gone", old[left], left + 1) for left in range(i1, i2)]
            rows += [Row("new", new[right], None, right + 1) for right in range(j1, j2)]
    return rows
