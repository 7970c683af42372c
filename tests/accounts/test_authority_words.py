"""What a person's words name."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.authority.words import Day, amounts_in, days_in, place_of, plain, stands_in, templates_in


@pytest.mark.parametrize(
    ("value", "text", "stands"),
    [
        ("Le Marais Boutique", "my friend recommended 'Le Marais\n  boutique' to me", True),
        ("jane@example.test", "send it to jane@example.test.", True),
        ("Paris", "a comparison", False),
        ("GB29NW", "account GB29NWBK60161331926819", False),
        ("7", "in 7 days", False),
        ("", "anything", False),
    ],
)
def test_only_whole_distinctive_words_stand_in_a_text(value: str, text: str, stands: bool) -> None:
    assert stands_in(value, text) is stands


def test_the_place_is_where_the_words_are() -> None:
    text = "pay  Marcus  Hale now"
    place = place_of("marcus hale", text)
    assert place is not None
    assert text[slice(*place)] == "Marcus  Hale"


def test_days_are_read_with_and_without_a_year() -> None:
    text = "from January 11th to January 15th 2025, the 14th of November, and 2024-05-01"
    assert days_in(text) == {Day(1, 11), Day(1, 15, 2025), Day(11, 14), Day(5, 1, 2024)}
    assert Day(1, 11).is_day(date(2031, 1, 11))
    assert not Day(1, 15, 2025).is_day(date(2024, 1, 15))


def test_may_is_a_month_only_beside_a_day() -> None:
    assert days_in("you may pay 5 of them") == frozenset()


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("We spent 12.00 in total", {"12.00"}),
        ("at most $30,000, in parts of 2200.", {"30000", "2200"}),
        ("an additional 19.5% plus a fee of 5.29", {"5.29"}),
        ("in March 2022 and on May 1st, 2024", set()),
        ("account GB29NWBK60161331926819, password 1j1l-2k3j", set()),
    ],
)
def test_amounts_are_not_dates_shares_or_parts_of_codes(text: str, amounts: set[str]) -> None:
    assert amounts_in(text) == {Decimal(amount) for amount in amounts}


def test_a_quoted_text_with_placeholders_is_a_template() -> None:
    (template,) = templates_in("title it 'Dinner at {place}', please; don't mind the rest")
    filled = template.fullmatch(plain("Dinner at  Le Baratin"))
    assert filled is not None
    assert filled.groups() == ("le baratin",)
    assert template.fullmatch(plain("Booking a room")) is None
