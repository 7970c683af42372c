"""Prices in integers: stated, listed or unknown, never silently 0."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.inference.prices import Price, known_price, listed_price, parse_price

OPENAI = "https://api.openai.com/v1"


def test_a_stated_price_is_usd_per_million_tokens() -> None:
    price = parse_price("2.50/10.00")
    assert price == Price(250_000_000, 1_000_000_000)
    assert price.cost(1_000_000, 0) == 250_000_000


def test_a_fraction_of_a_microcent_is_rounded_up() -> None:
    assert parse_price("0.0375/0").cost(1, 0) == 4


@pytest.mark.parametrize("text", ["", "2.50", "2,50/10", "-1/1", "a/b", "1/2/3", "NaN/1", "1e9/1"])
def test_what_is_not_a_price_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected USD per million input/output tokens"):
        parse_price(text)


def test_a_free_model_says_so_and_an_unknown_price_is_none() -> None:
    assert known_price("0/0", "http://127.0.0.1:1/v1", "llama") == Price(0, 0)
    assert known_price("", "http://127.0.0.1:1/v1", "llama") is None
    assert known_price(" ", OPENAI, "no-such-model-at-all") is None


def test_the_list_is_asked_by_address_not_by_name_alone() -> None:
    assert listed_price(OPENAI, "gpt-4o") == parse_price("2.50/10.00")
    assert listed_price("http://127.0.0.1:8000/v1", "gpt-4o") is None


def test_a_stated_price_wins_over_the_list() -> None:
    assert known_price("1/2", OPENAI, "gpt-4o") == parse_price("1/2")


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_price_reads_back_as_it_was_written(per_input: int, per_output: int) -> None:
    price = Price(per_input, per_output)
    assert parse_price(str(price)) == price


@given(st.integers(0, 10**10), st.integers(0, 10**10), st.integers(0, 10**6), st.integers(0, 10**6))
def test_cost_is_never_below_the_exact_amount(per_input: int, per_output: int, tokens_in: int, tokens_out: int) -> None:
    exact = tokens_in * per_input + tokens_out * per_output
    cost = Price(per_input, per_output).cost(tokens_in, tokens_out)
    assert 0 <= cost * 1_000_000 - exact < 1_000_000
