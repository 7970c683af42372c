"""How numbers, times, people and agents look on a page. Presentation only: nothing here reads the database."""

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from workrooms.templatetags.pictograms import GLYPHS, ICONS, STATES

register = template.Library()

OWN_NUMBER = "<!--own number-->"
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}


@register.simple_tag
@lru_cache(maxsize=1024, typed=True)
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """One icon of the sprite; decorative unless it has a label. Its address has no hash: stored messages keep it."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(f"No icon is called {name!r}; known: {', '.join(sorted(ICONS))}")
    meaning = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" {}><use href="{}icons.svg#{}"/></svg>',
        f"icon {css}".strip(), meaning, settings.STATIC_URL, name,
    )  # fmt: skip


@register.filter
def money(cents: int | None, currency: str = "USD") -> str:
    """8124000 → "$81,240.00"; a missing amount is a dash. Cents are integers of the currency's hundredth."""
    if not isinstance(cents, int):
        return "—"
    return f"{'−' if cents < 0 else ''}{SYMBOLS.get(currency, currency + ' ')}{abs(Decimal(cents)) / 100:,.2f}"


@register.filter
def microcents(spent: int | None) -> str:
    """Millionths of a cent → "$0.11"; what rounds to nothing but is not nothing is "< $0.01"."""
    if not isinstance(spent, int):
        return "—"
    return "< $0.01" if 0 < spent < 500_000 else money(round(spent / 1_000_000))


@register.filter
def amount(cents: int | None) -> str:
    """8124000 → "81,240.00", for a column whose total carries the currency."""
    return "—" if cents is None else f"{'−' if cents < 0 else ''}{abs(Decimal(cents)) / 100:,.2f}"


@register.simple_tag
def stamp(at: datetime) -> SafeString:
    """A moment as "09:41", with all of it on demand; in UTC, for what is stored is the same for every viewer."""
    at = at.astimezone(UTC)
    whole = f"{at.day} {at:%b %Y %H:%M:%S} UTC"
    return SafeString(f'<time datetime="{at.isoformat()}" title="{whole}">{at:%H:%M}</time>')


@register.filter
def seq(number: int | None) -> str:
    """8412 → "#8,412"; an entry without a number yet is "· · ·"."""
    return "· · ·" if number is None else f"#{number:,}"


@register.filter
def numbered(html: str, number: int) -> SafeString:
    """Stored HTML whose receipt cites its own ledger number, which is not known yet when the HTML is written."""
    return SafeString(html.replace(OWN_NUMBER, seq(number)))


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds → "0.8 s", "41 s", "3 min 46 s", "2 h 05 min", "3 d 4 h"."""
    if seconds is None:
        return "—"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s" if whole < 600 else f"{whole // 60} min"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


@register.filter
def milliseconds(elapsed: int | None) -> str:
    """Milliseconds → a duration."""
    return duration(None if elapsed is None else elapsed / 1000)


@register.filter
def ago(moment: datetime | None) -> str:
    """Time since a moment, as a duration; one in the future is "now"."""
    return "—" if moment is None else duration(max(0, (timezone.now() - moment).total_seconds()))


@register.filter
def clock(moment: datetime | None, with_seconds: bool = False) -> str:
    """09:20 today, "Tue 10:16" within six days, else "21 Nov 2025 09:20", in the current time zone."""
    if moment is None:
        return "—"
    local, today = timezone.localtime(moment), timezone.localdate()
    hour = local.strftime("%H:%M:%S" if with_seconds else "%H:%M")
    distance = abs((local.date() - today).days)
    if distance == 0:
        return hour
    if distance < 7:
        return f"{local:%a} {hour}"
    return f"{local.day} {local:%b %Y} {hour}"


@register.filter
def short_hash(digest: bytes | str | None) -> str:
    """f785…5664: enough of a digest to compare by eye."""
    text = bytes(digest).hex() if isinstance(digest, (bytes, memoryview)) else str(digest or "")
    return f"{text[:4]}…{text[-4:]}" if len(text) > 9 else text


@register.filter
def plain_json(value: Any, indent: int | None = None) -> str:
    """JSON for reading: on one line, or indented."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=indent)


@register.filter
def of(values: dict[Any, Any] | None, key: Any) -> Any:
    """The value of a mapping under `key`, or None."""
    return (values or {}).get(key)


@register.filter
def calls_line(calls: list[Any]) -> str:
    """Tool calls → "81 tool calls · 38 s · documents.read ×61, sources.query ×20"."""
    names = Counter(call.tool for call in calls)
    told = ", ".join(f"{name} ×{number}" if number > 1 else name for name, number in names.items())
    number = f"{len(calls)} tool call{'' if len(calls) == 1 else 's'}"
    return f"{number} · {milliseconds(sum(call.milliseconds for call in calls))} · {told}"


@register.filter
def troubled(calls: list[Any]) -> int:
    """How many of the tool calls did not succeed."""
    return sum(call.state in ("failed", "denied", "ambiguous") for call in calls)


@register.filter
def initials(name: str) -> str:
    """Ruth Abara → RA."""
    words = [word for word in str(name).split() if word[0].isalnum()]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper() if words else "?"


@register.filter
def glyph(agent: Any) -> str:
    """Icon of an agent, by the words of its name and then its role."""
    for text in (getattr(agent, "name", agent), getattr(agent, "role", "")):
        for word, drawing in GLYPHS.items():
            if word in str(text).lower():
                return drawing
    return "agent"


@register.simple_tag
def avatar(actor: Any, size: str = "") -> SafeString:
    """A person is round with initials; agents and services are square with a glyph; no actor is the product.

    Size: "mini" or "".
    """
    if getattr(actor, "kind", "agent") != "person":
        shape, inside = "who agent", icon(glyph(actor or "workroom"))
    else:
        shape, inside = "who", SafeString(conditional_escape(initials(actor.name)))
    return format_html('<span class="{}" aria-hidden="true">{}</span>', f"{shape} {size}".strip(), inside)


@register.simple_tag
def state_icon(state: str) -> SafeString:
    """Icon of a state, with its word for those who do not see it."""
    drawing, css, word = STATES[state]
    return icon(drawing, label=word, css=css)


@register.simple_tag
def state_label(state: str, word: str = "") -> SafeString:
    """Icon and word of a state in its colour; `word` replaces the ordinary word ("Paid" for a finished payout)."""
    drawing, css, usual = STATES[state]
    return format_html('<span class="{}">{}{}</span>', f"row {css}".strip(), icon(drawing), word or usual)
