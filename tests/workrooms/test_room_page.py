"""The room page stays small and cheap however long the room's history is."""

import gzip
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tenancy import unit_of_work
from tests.cast import Cast, signed_in
from workrooms.actions.messages import post_message

MOST_BYTES, MOST_QUERIES = 60_000, 12
WORDS = "Two estimates: **$9,795.00** and **$9,966.00**. I used their mean, `9880.50`. See the [police report](/x/{n})."


def write_many(cast: Cast, count: int) -> None:
    """Write `count` messages by two people and an agent."""
    authors = (cast.alice, cast.bob, cast.ada)
    for start in range(0, count, 100):
        with unit_of_work(cast.harbor):
            for n in range(start, min(start + 100, count)):
                body = f"No {n}: {WORDS.format(n=n)} {n * 7919}"
                post_message(cast.room, actor=authors[n % 3], body=body)


def test_a_thousand_messages(cast: Cast) -> None:
    write_many(cast, 1000)
    browser = signed_in(cast.bob)
    browser.get(cast.path)
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(cast.path).content
    assert len(queries) <= MOST_QUERIES, "\n".join(query["sql"] for query in queries)
    assert len(gzip.compress(page, 6)) <= MOST_BYTES
    entries = re.findall(rb'<article class="entry[^>]*id="entry-', page)
    assert len(entries) == 50
    assert b"No 999:" in page and b"No 950:" in page and b"No 949:" not in page


def test_earlier_entries_are_reached_page_by_page(cast: Cast) -> None:
    write_many(cast, 120)
    browser, address, seen = signed_in(cast.bob), cast.path, 0
    while address:
        page = browser.get(address).content.decode()
        seen += page.count('id="entry-')
        older = re.search(r'class="older" href="([^"]+)"', page)
        address = older[1] if older else ""
    assert seen == 120
