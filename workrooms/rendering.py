"""Markdown to the HTML that is stored: sanitised, without images, ids or classes, with the host of every link shown."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "em", "hr", "li", "ol", "p", "pre", "s", "span", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
ATTRIBUTES = {"a": {"href"}, "td": {"align"}, "th": {"align"}, "ol": {"start"}, "pre": {"tabindex"}}
SCHEMES = {"http", "https", "mailto"}
ADDRESS = re.compile(r"(https?://[^\s<>\"'()\[\]]*[^\s<>\"'()\[\].,;:!?*_])")
# One line of words in which nothing is Markdown, an address, a mention or HTML: what most turns say.
PLAIN = re.compile(r"[^\W\d_](?:[^\W_]|[ ,.;:?!'()%$-])*(?<! )")
MARKS = re.compile(r"\*\*|(?<!\w)\*|\*(?!\w)|`+|(?m:^[ \t]*(?:[>#-]+[ \t]*)+)")


def _show_hosts(state: StateCore) -> None:
    for block in state.tokens:
        children: list[Token] = []
        target, shown = "", ""
        for token in block.children or []:
            children.append(token)
            if token.type == "link_open":
                target, shown = str(token.attrGet("href") or ""), ""
            elif token.type == "link_close":
                host = _host(target)
                if host and host not in shown:
                    children.append(_text(f" ({host})"))
            else:
                shown += token.content
        if block.children is not None:
            block.children = children


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return "unreadable address"


def _text(content: str) -> Token:
    token = Token("text", "", 0)
    token.content = content
    return token


def _link_addresses(state: StateCore) -> None:
    """Make links of bare web addresses, outside links and code."""
    for block in state.tokens:
        depth, children = 0, []
        for token in block.children or []:
            depth += token.type == "link_open"
            depth -= token.type == "link_close"
            children += _linked(token.content) if token.type == "text" and depth == 0 else [token]
        if block.children is not None:
            block.children = children


def _linked(text: str) -> list[Token]:
    tokens: list[Token] = []
    for index, piece in enumerate(ADDRESS.split(text)):
        if index % 2:
            tokens += [Token("link_open", "a", 1, {"href": piece}), _text(piece), Token("link_close", "a", -1)]
        elif piece:
            tokens.append(_text(piece))
    return tokens


def _flatten_headings(state: StateCore) -> None:
    for before, block, after in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if before.type == "heading_open" and after.type == "heading_close" and block.children is not None:
            before.tag = after.tag = "p"
            block.children = [Token("strong_open", "strong", 1), *block.children, Token("strong_close", "strong", -1)]


def _scrollable_code(self: Any, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    return f'<pre tabindex="0"><code>{nh3.clean_text(tokens[index].content)}</code></pre>\n'


def _align_columns(state: StateCore) -> None:
    """Say a column's side with an attribute, for the content policy forbids styles."""
    for token in state.tokens:
        style = str(token.attrGet("style") or "")
        if token.type in ("th_open", "td_open") and style.startswith("text-align:"):
            token.attrs = {"align": style.removeprefix("text-align:")}


def _parser(flat: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20})
    parser.enable(["table", "strikethrough"]).disable("image")
    parser.core.ruler.push("addresses", _link_addresses)
    parser.core.ruler.push("hosts", _show_hosts)
    parser.core.ruler.push("columns", _align_columns)
    if flat:
        parser.core.ruler.push("headings", _flatten_headings)
    parser.add_render_rule("fence", _scrollable_code)
    parser.add_render_rule("code_block", _scrollable_code)
    return parser


_message, _document = _parser(flat=True), _parser(flat=False)


def render_message(body: str, names: Iterable[str] = ()) -> str:
    """Return the HTML of a message; `@` followed by one of `names` becomes `<span class="at">`."""
    if PLAIN.fullmatch(body):
        return f"<p>{body}</p>\n"
    state_tokens = _message.parse(body)
    if pattern := mention_pattern(names):
        for block in state_tokens:
            if block.children is not None:
                block.children = [part for token in block.children for part in _with_mentions(token, pattern)]
    html = _message.renderer.render(state_tokens, _message.options, {})
    return _clean(html, TAGS)


def render_document(text: str) -> str:
    """Return the HTML of a Markdown document, headings kept."""
    return _clean(_document.render(text), TAGS | HEADINGS)


def mention_pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern that finds `@name` for each of `names`, longest first, as a whole word and in any case."""
    ordered = sorted((re.escape(name) for name in names if name), key=len, reverse=True)
    return re.compile(rf"(?<![\w@])@({'|'.join(ordered)})(?!\w)", re.IGNORECASE) if ordered else None


def _with_mentions(token: Token, pattern: re.Pattern[str]) -> list[Token]:
    if token.type != "text":
        return [token]
    parts: list[Token] = []
    for index, piece in enumerate(pattern.split(token.content)):
        if index % 2:
            opening, closing = Token("mention_open", "span", 1, {"class": "at"}), Token("mention_close", "span", -1)
            parts += [opening, _text(f"@{piece}"), closing]
        elif piece:
            parts.append(_text(piece))
    return parts


def plain_words(text: str) -> str:
    """Return `text` on one line, without the marks of Markdown."""
    return " ".join(MARKS.sub("", text).split())


def _clean(html: str, tags: set[str]) -> str:
    return nh3.clean(
        html,
        tags=tags,
        attributes=ATTRIBUTES,
        allowed_classes={"span": {"at"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
