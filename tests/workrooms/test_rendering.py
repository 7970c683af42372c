"""Everything people and agents write is untrusted: what becomes of it as HTML."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workrooms.rendering import PLAIN, render_document, render_message

NAMES = ("Ada Lindqvist", "Ada", "R&D <b>")
ALLOWED = re.compile(
    r"</?(?:a|b|blockquote|br|code|del|em|hr|li|ol|p|pre|s|span|strong|table|tbody|td|th|thead|tr|ul|h[1-6])"
    r"(?: (?:href=\"(?:https?:|mailto:|[^:\"]*(?:[/?#\"]|$))[^\"]*\"|rel=\"noopener noreferrer nofollow\"|class=\"at\""
    r"|tabindex=\"0\"|start=\"\d+\"))*>"
)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<b id=x class=y onclick=z>", "<p>&lt;b id=x class=y onclick=z&gt;</p>"),
        (
            "![photo](https://evil.example/a.png)",
            '<p>!<a href="https://evil.example/a.png" rel="noopener noreferrer nofollow">photo</a> (evil.example)</p>',
        ),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](data:text/html,hi)", "<p>[x](data:text/html,hi)</p>"),
        ("# Loud", "<p><strong>Loud</strong></p>"),
        ("a\nb", "<p>a<br>\nb</p>"),
        (
            "see https://a.example/x.",
            '<p>see <a href="https://a.example/x" rel="noopener noreferrer nofollow">https://a.example/x</a>.</p>',
        ),
        ("`https://a.example @Ada`", "<p><code>https://a.example @Ada</code></p>"),
        (
            "ask @ada lindqvist, @Ada!",
            '<p>ask <span class="at">@ada lindqvist</span>, <span class="at">@Ada</span>!</p>',
        ),
        ("mail ada@Ada.example, @Adam", "<p>mail ada@Ada.example, @Adam</p>"),
        ("@R&D <b> here", '<p><span class="at">@R&amp;D &lt;b&gt;</span> here</p>'),
        ('<span class="at">@Ada</span>', '<p>&lt;span class="at"&gt;<span class="at">@Ada</span>&lt;/span&gt;</p>'),
    ],
)
def test_what_is_shown(written: str, shown: str) -> None:
    assert render_message(written, NAMES).strip() == shown


def test_a_link_that_looks_like_another_shows_its_host() -> None:
    assert "(evil.example)" in render_message("[https://bank.example](https://evil.example/)")


def test_a_document_keeps_its_headings() -> None:
    assert render_document("# Title").strip() == "<h1>Title</h1>"


@given(st.text(alphabet=st.sampled_from("<>\"'()[]!*_`#@&;:/.=- \nahrefonclickscriptjavascript:imgsrc"), max_size=80))
def test_nothing_but_harmless_elements_comes_out(written: str) -> None:
    for tag in re.findall(r"<[^>]*>", render_message(written, NAMES)):
        assert ALLOWED.fullmatch(tag), tag


@given(st.from_regex(PLAIN, fullmatch=True))
def test_plain_words_are_shown_as_markdown_would_show_them(words: str) -> None:
    assert render_message(f"{words}\n\n*more*") == f"{render_message(words)}<p><em>more</em></p>\n"
