"""What is stored as HTML: whatever people and agents call themselves and say, only the templates make elements."""

from datetime import UTC, datetime
from html import escape
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from workrooms.entries import Author, _head
from workrooms.stored import stored_html

SHARP = "<>&\"'"
TEXTS = st.text(alphabet=st.sampled_from(SHARP + "=/ {}%#;:ab\u00e9\n`$"), max_size=40) | st.sampled_from(
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'onmouseover='x", "{{ 7*7 }}", "&lt;b&gt;", "</p>"]
)
AT = datetime(2026, 11, 22, 9, 41, tzinfo=UTC)
ID = UUID(int=7)


class Skeleton(HTMLParser):
    """The elements of HTML with the names of their attributes, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.values: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.values += [value or "" for _, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.elements.append((f"/{tag}", ()))

    def handle_comment(self, data: str) -> None:
        self.elements.append(("!", (data,)))

    def handle_data(self, data: str) -> None:
        self.text += data


def head(name: str, brain: str, aside: str, kind: str = "person") -> str:
    return str(_head(Author(kind, name), brain, aside))


def message(document: str, content: str, **more: Any) -> str:
    about = {"documents": [{"id": ID, "name": document}]}
    fields = {"state": "", "created_at": AT, "about": about, "id": ID, "thread_id": None, "kind": "message", **more}
    return stored_html(
        "message.jinja", {"head": "", "message": SimpleNamespace(**fields), "body": content, "here": "/"}
    )


def headline(subject: str, who: str, agent: str, now: str, currency: str) -> str:
    run = SimpleNamespace(number=3, state="running", pretends="rehearsal", get_pretends_display=lambda: subject)
    context = {
        "run": run, "turns": [SimpleNamespace(agent=agent, state="claimed")], "subject": subject, "who": who,
        "now": now, "amount_cents": 5, "currency": currency, "spent": 0, "seconds": 3.0, "here": "/o/a/r/b/",
    }  # fmt: skip
    return stored_html("headline.jinja", context)


@given(TEXTS.filter(str.strip), TEXTS.filter(bool), TEXTS.filter(bool), st.sampled_from(["person", "agent", "service"]))
def test_who_says_it_makes_no_element(name: str, brain: str, aside: str, kind: str) -> None:
    found, usual = Skeleton(head(name, brain, aside, kind)), Skeleton(head("x", "x", "x", kind))
    assert found.elements == usual.elements
    assert brain in found.text and aside in found.text and name[1:] in found.text


@given(*[TEXTS.filter(bool)] * 5)
def test_what_a_run_is_called_makes_no_element(subject: str, who: str, agent: str, now: str, currency: str) -> None:
    found, usual = Skeleton(headline(subject, who, agent, now, currency)), Skeleton(headline(*"xxxxx"))
    assert found.elements == usual.elements
    assert all(text in found.text for text in (who, now))
    assert any(value.startswith(agent) for value in found.values)


@given(TEXTS, TEXTS)
def test_what_is_not_marked_safe_makes_no_element(document: str, content: str) -> None:
    found, usual = Skeleton(message(document, content)), Skeleton(message("x", "x"))
    assert found.elements == usual.elements
    assert document in found.text and content in found.text


@given(st.lists(st.tuples(TEXTS.filter(str.strip), TEXTS, TEXTS, st.sampled_from(["person", "agent"])), max_size=6))
def test_a_kept_head_is_nobody_elses(authors: list[tuple[str, str, str, str]]) -> None:
    """A head is kept by all it shows: twice the same words in other places are another head."""
    for name, brain, aside, kind in [*authors, *authors]:
        fresh = _head.__wrapped__(Author(kind, name), brain, aside)
        assert head(name, brain, aside, kind) == fresh
    system = str(_head(None, "", ""))
    assert "<b>Workroom</b>" in system and system != head("Workroom", "", "")


def test_words_in_another_place_are_another_head() -> None:
    assert head("Ann", "b", "") != head("Ann", "", "b")
    assert head("Ann", "", "", "person") != head("Ann", "", "", "agent")
    assert escape("<Ann>") in head("<Ann>", "", "") and "<Ann>" not in head("<Ann>", "", "")


def test_a_deleted_message_shows_nothing_of_what_it_was() -> None:
    html = message("plan.pdf", "a secret", state="deleted")
    assert "secret" not in html and "plan.pdf" not in html and "tombstone" in html
