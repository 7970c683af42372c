"""What was used: the same numbers by room, person, team, agent, run and month, on the page, as JSON and as CSV."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import Settings

from accounts.tenancy import unit_of_work
from orchestration.engine import work
from orchestration.models import Turn
from tests.cast import Cast, signed_in
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.model_room import begin_helper

API = "/api/v1"
CALL = 100 * 100 + 20 * 200


@pytest.fixture
def used(cast: Cast, settings: Settings) -> Iterator[Cast]:
    """Two finished runs of one call each, and one whose price nobody knows."""
    answer = Reply(calls=(("final_answer", {"summary": "Three.", "count": 3}),))
    with ScriptedOpenAI(lambda _: answer) as model:
        settings.WORKROOM_TRUSTED_HOSTS = [model.place]
        for price in ("1/2", "1/2", ""):
            work(cast.harbor.id, begin_helper(cast, model, price=price).id)
        yield cast


def asked(cast: Cast, path: str) -> dict[str, Any]:
    answer = signed_in(cast.alice).get(f"{API}{path}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


COUNTED = {"room": ["Auto claims"], "person": ["Bob"], "team": ["Helper"], "agent": ["helper"], "run": ["1", "2", "3"]}


@pytest.mark.parametrize(("by", "names"), COUNTED.items())
def test_the_same_sum_whatever_one_counts_by(used: Cast, by: str, names: list[str]) -> None:
    found = asked(used, f"/organization/usage?by={by}")
    assert sorted(row["name"] for row in found["items"]) == names
    for amount in ("turns", "tokens", "microcents", "unpriced_tokens"):
        assert sum(row[amount] for row in found["items"]) == found["total"][amount]
    assert found["total"] | {"cost_cents": 0} == {
        "runs": 3, "turns": 3, "tokens": 360, "unpriced_tokens": 120, "microcents": 2 * CALL, "cost_cents": 0,
    }  # fmt: skip
    assert found["total"]["cost_cents"] == 1, "a part of a cent is a cent"
    assert asked(used, "/workrooms/auto-claims/usage")["total"] == found["total"]


def test_a_period_leaves_out_what_began_before_or_after(used: Cast) -> None:
    with unit_of_work(used.harbor):
        first = Turn.objects.order_by("created_at")[0]
        Turn.objects.filter(pk=first.pk).update(created_at=datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
    january = asked(used, "/organization/usage?by=month&since=2026-01-01&until=2026-01-31")
    assert [(row["name"], row["turns"]) for row in january["items"]] == [("2026-01", 1)]
    assert asked(used, "/organization/usage?since=2026-01-01&until=2026-01-30")["items"] == []


@pytest.mark.parametrize("query", ["by=mood", "since=yesterday", "since=2026-02-02&until=2026-02-01"])
def test_what_cannot_be_counted_is_refused_with_the_reason(cast: Cast, query: str) -> None:
    answer = signed_in(cast.alice).get(f"{API}/organization/usage?{query}")
    assert answer.status_code == 422 and answer.json()["errors"][0]["message"].startswith("expected")


def test_the_file_holds_the_rows_and_nothing_that_a_spreadsheet_would_execute(used: Cast) -> None:
    with unit_of_work(used.harbor):
        Turn.objects.filter(run__number=1).update(agent="=HYPERLINK(1)")
    answer = signed_in(used.alice).get(f"{API}/workrooms/auto-claims/usage.csv?by=agent")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0] == ["agent", "runs", "turns", "tokens", "unpriced_tokens", "microcents", "cost_cents"]
    assert {row[0]: row[3] for row in rows[1:]} == {"helper": "240", "'=HYPERLINK(1)": "120"}
    page = signed_in(used.alice).get(f"{used.path}usage/usage.csv?by=agent")
    assert page.content == answer.content


def test_pages_say_what_was_used_and_what_is_left(used: Cast) -> None:
    alice = signed_in(used.alice)
    refused = alice.post("/o/harbor/usage/budget/", {"room": "auto-claims", "cost": "a lot"})
    assert refused.status_code == 422 and "expected an amount in USD" in refused.content.decode()
    alice.post("/o/harbor/usage/budget/", {"room": "auto-claims", "cost": "12.50", "tokens": "1,000"})
    assert asked(used, "/budgets/workroom:auto-claims") == {
        "scope": "workroom:auto-claims", "month": f"{datetime.now(UTC):%Y-%m}", "cost_cents": 1250, "tokens": 1000,
        "spent": {"cost_cents": 1, "tokens": 360, "unpriced_tokens": 120}, "reserved": {"cost_cents": 0, "tokens": 0},
    }  # fmt: skip
    for path in ("/o/harbor/usage/", f"{used.path}usage/"):
        text = alice.get(path).content.decode()
        assert "of $12.50" in text and "360 tokens of 1,000" in text and "120 without a price" in text
    assert signed_in(used.bob).get(f"{used.path}usage/").status_code == 403
    assert signed_in(used.mallory).get("/o/harbor/usage/").status_code == 404


def test_a_cap_over_the_api_and_away_again(cast: Cast) -> None:
    alice = signed_in(cast.alice)
    for caps in ({"cost_cents": 500, "tokens": None}, {"cost_cents": None, "tokens": None}):
        answer = alice.put(f"{API}/budgets/organization", caps, content_type="application/json")
        assert answer.status_code == 200 and caps.items() <= answer.json().items()
    assert alice.put(f"{API}/budgets/planet", {}, content_type="application/json").status_code == 404
    assert alice.put(f"{API}/budgets/organization", {"tokens": -1}, content_type="application/json").status_code == 422


def test_the_start_page_shows_the_worst_case_beside_what_is_left(used: Cast) -> None:
    bob, path = signed_in(used.bob), f"{used.path}runs/new/"
    text = bob.get(path).content.decode()
    assert "<b>Helper</b>: 1 turn, 100,000 tokens, $5.00" in text and "No budget is set for this month." in text
    signed_in(used.alice).post("/o/harbor/usage/budget/", {"cost": "2", "tokens": "1000"})
    signed_in(used.alice).post("/o/harbor/usage/budget/", {"room": "auto-claims", "cost": "9"})
    text = bob.get(path).content.decode()
    assert "Left here this month: $2.00, 640 tokens." in text and "more than is left" in text
