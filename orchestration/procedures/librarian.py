"""The librarian answers a question from the room's documents, with citations, and never from anything else."""

import re
from typing import Any

from orchestration.brains.assignment import Assignment, ToolFailed, Tools

MOST_TERMS = 6
MOST_DOCUMENTS = 3
LONGEST_QUOTE = 300
COMMON = frozenset(
    re.findall(
        r"\w+",
        "a about an and any are as at be been by can could did do does for from give had has have how i in is it its "
        "librarian me my of on or our please say says should show tell that the their them there these they this to us "
        "was we were what when where which who whose why will with would you your",
    )
)


def librarian(assignment: Assignment, tools: Tools) -> dict[str, Any]:
    """The passages of the room's documents that hold most of the question's words; says so when there are none."""
    last = assignment.messages[-1].partition(": ")[2] if assignment.messages else ""
    question = assignment.goal.strip() or last
    terms = terms_of(question)
    if not terms:
        return {"summary": "Please ask with at least one word to look for.", "citations": []}
    citations: list[dict[str, Any]] = []
    for document in _found(terms, tools):
        try:
            read = tools.call("documents.read", document=document)
        except ToolFailed:
            continue
        quote = best_passage(str(read["text"]), terms)
        if quote:
            about = {key: read[key] for key in ("document", "name", "revision")}
            citations.append(about | {"quote": quote})
    return {"summary": _summary(terms, citations), "citations": citations}


def terms_of(question: str) -> list[str]:
    """The words worth looking for, in order, the longest ones where there are many."""
    words = dict.fromkeys(
        word for word in re.findall(r"[\w-]+", question.casefold()) if word not in COMMON and len(word) > 1
    )
    kept = sorted(words, key=len, reverse=True)[:MOST_TERMS]
    return [word for word in words if word in kept]


def _found(terms: list[str], tools: Tools) -> list[str]:
    """Ids of the best documents: one search for all terms; without a hit one for each, most terms first."""
    together = tools.call("documents.search", query=" ".join(terms))["hits"]
    if together or len(terms) == 1:
        return list(dict.fromkeys(hit["document"] for hit in together))[:MOST_DOCUMENTS]
    counted: dict[str, int] = {}
    for term in terms:
        for document in {hit["document"]: None for hit in tools.call("documents.search", query=term)["hits"]}:
            counted[document] = counted.get(document, 0) + 1
    return sorted(counted, key=lambda document: -counted[document])[:MOST_DOCUMENTS]


def best_passage(text: str, terms: list[str]) -> str:
    """The line with most of the terms (the first of equals), shortened; empty when none holds any."""
    lines = [" ".join(line.strip(" \t#|*->").split()) for line in text.splitlines()]
    scored = [(sum(stem(term) in line.casefold() for term in terms), line) for line in lines]
    score, line = max(scored, key=lambda pair: pair[0], default=(0, ""))
    if score == 0:
        return ""
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1].rstrip() + "…"


def stem(term: str) -> str:
    """A crude stem, so that `deductibles` finds `deductible`."""
    return re.sub(r"(ies|es|s|ed|ing)$", "", term) if len(term) > 4 else term


def _summary(terms: list[str], citations: list[dict[str, Any]]) -> str:
    if not citations:
        return f"I found nothing about {', '.join(f'“{term}”' for term in terms)} in this room's documents."
    found = [f"> {one['quote']}\n>\n> *{one['name']}, revision {one['revision']}*" for one in citations]
    return "From this room's documents:\n\n" + "\n\n".join(found)
