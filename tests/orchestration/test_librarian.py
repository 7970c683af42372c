"""The librarian quotes the room's documents, or says that it found nothing."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from config.demo.claims_papers import HANDBOOK
from orchestration.brains.assignment import Assignment, ToolFailed
from orchestration.procedures import PROCEDURES

POLICY = "# Travel policy\n\nTrains are first choice.\nA hotel costs at most $180 a night.\n"


@dataclass
class Shelf:
    """Documents by id; a search finds those that hold every word of the query, as a database does."""

    texts: dict[str, str]
    unreadable: set[str] = field(default_factory=set)

    def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        if tool == "documents.search":
            words = [word.rstrip("s") for word in re.findall(r"\w+", arguments["query"])]
            found = [id for id, text in self.texts.items() if all(word in text.casefold() for word in words)]
            return {"hits": [{"document": id, "name": f"{id}.md", "revision": 2, "snippet": ""} for id in found]}
        id = arguments["document"]
        if id in self.unreadable:
            raise ToolFailed("The document is encrypted.")
        return {
            "document": id,
            "name": f"{id}.md",
            "revision": 2,
            "media_type": "text/markdown",
            "text": self.texts[id],
        }


def answer(shelf: Shelf, question: str, *messages: str) -> dict[str, Any]:
    return PROCEDURES["librarian"](Assignment("librarian", "", question, {}, {}, (), messages), shelf)


SHELF = Shelf({"handbook": HANDBOOK, "travel": POLICY})


def test_an_answer_is_quoted_with_name_and_revision() -> None:
    found = answer(SHELF, "@Librarian what does a hotel cost a night?")
    quote = "A hotel costs at most $180 a night."
    assert found["citations"] == [{"document": "travel", "name": "travel.md", "revision": 2, "quote": quote}]
    assert quote in found["summary"]
    assert "travel.md, revision 2" in found["summary"]


def test_words_that_no_document_holds_together_are_looked_for_one_by_one() -> None:
    found = answer(SHELF, "How are deductibles handled in Wyoming?")
    assert [one["document"] for one in found["citations"]] == ["handbook"]
    assert found["citations"][0]["quote"].startswith("Deductible: the part of every claim")


def test_nothing_found_is_said_plainly() -> None:
    found = answer(SHELF, "Where is the submarine?")
    assert found == {
        "summary": "I found nothing about “submarine” in this room's documents.",
        "citations": [],
    }


@pytest.mark.parametrize("question", ["", "what is it?", "?!"])
def test_a_question_without_a_word_to_look_for(question: str) -> None:
    assert answer(SHELF, question)["citations"] == []


def test_the_last_message_is_the_question_where_there_is_no_goal() -> None:
    assert answer(SHELF, "", "Bob: hello", "Vera: which trains?")["citations"][0]["quote"] == "Trains are first choice."


def test_a_document_that_cannot_be_read_is_left_out() -> None:
    shelf = Shelf({"handbook": HANDBOOK, "travel": POLICY}, unreadable={"travel"})
    assert answer(shelf, "hotel")["citations"] == []
