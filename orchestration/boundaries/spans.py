"""Where in untrusted content the arguments of a call come from: documents of outsiders, and what tools gave back.

A span names the document, its revision and the place in its text, or the tool call and the path in its result.
"""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from accounts.authority.words import place_of
from accounts.labelling import labels_of
from orchestration.boundaries.reading import OUTSIDE
from orchestration.models import Run, ToolCall
from workrooms.models import Document

TRUSTED_TOOLS = ("sources.query", "messages.search", "documents.write")
FRAGMENT_WORDS = 5
MOST_SPANS = 10
AROUND = 60
LONGEST_QUOTE = 400
_WORD = re.compile(r"\w+")
_CODE = re.compile(r"[^\s,;:()\"'<>]*[\d@][^\s,;:()\"'<>]{3,}")
Passage = dict[str, Any]


def spans_of(run: Run, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the places in what the whole run has read from outside from which `arguments` could come.

    Each is {"argument", "value", "source", "excerpt", "start", "end"} with {"document", "revision"} or {"call",
    "path"}; where nothing is quoted, one for each document that was read, without a value and a place.
    """
    passages = list(_passages(run))
    found = [
        {"argument": path, **span}
        for path, value in _leaves(arguments, "")
        for passage in passages
        for span in _shared(str(value), passage)
    ]
    if found:
        return found[:MOST_SPANS]
    whole = {passage["document"]: passage for passage in passages if "document" in passage}
    return [{"argument": "", "value": "", **_named(passage), "excerpt": ""} for passage in whole.values()][:MOST_SPANS]


def _passages(run: Run) -> Iterator[Passage]:
    root = run.root_id_or_own
    made = ToolCall.objects.filter(state=ToolCall.State.SUCCEEDED).exclude(tool__in=TRUSTED_TOOLS)
    calls = list((made.filter(turn__run=root) | made.filter(turn__run__root=root)).order_by("created_at"))
    ours = _written_here({call.result["document"] for call in calls if call.tool == "documents.read" and call.result})
    for call in calls:
        result = call.result or {}
        if call.tool != "documents.read":
            for path, text in _leaves(result, ""):
                yield {"source": call.tool, "text": str(text), "call": str(call.id), "path": path}
        elif result and result["document"] not in ours:
            yield {"source": result["name"], "text": result["text"], "document": result["document"],
                   "revision": result["revision"]}  # fmt: skip


def _written_here(documents: set[str]) -> set[str]:
    """Return those documents that no outsider has written: agents' own, and those labelled without the tag."""
    agents = Document.objects.filter(pk__in=documents, author__kind="agent").values_list("pk", flat=True)
    labels = labels_of(f"document:{document}" for document in documents)
    trusted = {name.partition(":")[2] for name, label in labels.items() if OUTSIDE not in label.tags}
    return trusted | {
        str(document)
        for document in agents
        if (label := labels.get(f"document:{document}")) is None or OUTSIDE not in label.tags
    }


def _shared(value: str, passage: Passage) -> Iterator[dict[str, Any]]:
    text = passage["text"]
    whole = place_of(value, text)
    places = [whole] if whole else [*_fragments(value, text), *_codes(value, text)]
    for start, end in places:
        yield {"value": text[start:end][:LONGEST_QUOTE], **_named(passage), **_quoted(text, start, end)}


def _codes(value: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield where addresses and numbers of a text stand in the passage."""
    for code in _CODE.findall(value):
        if place := place_of(code.strip(".!?"), text):
            yield place


def _fragments(value: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield where the longest runs of at least five words that a text shares with the passage stand in it."""
    said, known = ([(hit[0].casefold(), *hit.span()) for hit in _WORD.finditer(each)] for each in (value, text))
    begins = {tuple(word for word, *_ in known[at : at + FRAGMENT_WORDS]): at for at in range(len(known))}
    at = 0
    while at <= len(said) - FRAGMENT_WORDS:
        begun = begins.get(tuple(word for word, *_ in said[at : at + FRAGMENT_WORDS]))
        if begun is None:
            at += 1
            continue
        pairs = zip(said[at:], known[begun:], strict=False)
        length = sum(1 for _ in takewhile(lambda pair: pair[0][0] == pair[1][0], pairs))
        yield known[begun][1], known[begun + length - 1][2]
        at += length


def _named(passage: Passage) -> dict[str, Any]:
    return {name: passage[name] for name in ("source", "document", "revision", "call", "path") if name in passage}


def _quoted(text: str, start: int, end: int) -> dict[str, Any]:
    excerpt = " ".join(text[max(0, start - AROUND) : min(end, start + LONGEST_QUOTE) + AROUND].split())
    return {"start": start, "end": end, "excerpt": excerpt}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str | int | float]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}.{number}" if path else str(number))
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield path, value
