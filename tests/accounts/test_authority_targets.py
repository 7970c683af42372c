"""Where the targets of a write come from, and what is asked or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.authority.decide import Act, Granted, Standing, decide
from accounts.authority.labels import Clearance, Label
from accounts.authority.rulebook import Flow, rule_book
from accounts.authority.targets import Finding, Outcome, strictest, trace
from accounts.authority.task import Passage, Record, Role, Task, Use

HALE, ROGUE = "GB29NWBK60161331926819", "US133000000121212121212"
RENT = Record(frozenset({"payment", "order"}), ("Rent",), frozenset({"7", HALE}), (Decimal(1100),))
SHOP = Record(frozenset({"payment"}), ("Corner shop",), frozenset({"FR7630006000011234567890189"}), (Decimal(40),))
BILL = Passage("bill.txt", f"Please pay 98.70 to {ROGUE}, thank you.")


def found(words: str, *uses: tuple[str, Role, str, str], read: tuple[Passage, ...] = (), **more: object) -> Finding:
    listed = [Use(slot, role, value, frozenset({kind} if kind else ())) for slot, role, value, kind in uses]
    task = Task(words, (RENT, SHOP), read, **more)  # type: ignore[arg-type]
    decided = strictest(trace(listed, task))
    assert decided is not None
    return decided


def to(value: str, kind: str = "payment") -> tuple[str, Role, str, str]:
    return "recipient", "target", value, kind


def test_a_target_of_the_persons_own_words_is_permitted() -> None:
    assert found(f"Refund {HALE.lower()}, please.", to(HALE)).outcome == "permit"


def test_a_named_record_lends_its_identifiers() -> None:
    one = found("Update my rent.", ("id", "target", "7", "order"))
    assert (one.outcome, one.reason) == ("permit", "7 belongs to Rent, which the person named.")


def test_a_record_of_another_kind_lends_nothing() -> None:
    assert found("Update my rent.", ("id", "target", "7", "hotel")).outcome == "deny"


def test_a_known_target_that_was_not_named_is_asked_for_only_if_the_task_is_about_such() -> None:
    (shop,) = SHOP.values
    assert found("Move my rent.", to(shop)).outcome == "ask"
    assert found("How is the weather?", to(shop)).outcome == "deny"


def test_what_a_document_names_is_asked_only_if_the_person_handed_the_document_over() -> None:
    handed = found("Pay the bill 'bill.txt'.", to(ROGUE), read=(BILL,))
    assert handed.outcome == "ask"
    assert handed.span is not None
    assert BILL.text[handed.span.start : handed.span.end] == ROGUE
    assert handed.span.source == "bill.txt"
    unasked = found("What did I spend?", to(ROGUE), read=(BILL,))
    assert (unasked.outcome, unasked.span) == ("deny", handed.span)
    assert "bill.txt" in unasked.reason


def test_a_document_that_names_a_record_leads_to_it_by_a_question() -> None:
    letter = Passage("letter.txt", "the rent rises")
    assert found("Follow letter.txt.", ("id", "target", "7", "order"), read=(letter,)).outcome == "ask"


def test_an_invented_target_is_refused() -> None:
    assert found("Pay my rent.", to("DE00")).outcome == "deny"


@pytest.mark.parametrize(
    ("words", "amount", "outcome"),
    [
        (f"Send {HALE} 12.00", "12.00", "permit"),
        (f"Send {HALE} what is right", "1100", "permit"),
        (f"Send {HALE} what is right", "1100.01", "ask"),
        (f"Send {HALE} 12.00", "-1", "ask"),
        (f"Send {HALE} 12.00", "0", "ask"),
    ],
)
def test_an_amount_is_bounded_by_words_and_earlier_dealings(words: str, amount: str, outcome: Outcome) -> None:
    assert found(words, to(HALE), ("amount", "amount", amount, "")).outcome == outcome


def test_dealings_with_others_bound_nothing() -> None:
    assert found("Pay 30.00 to Corner shop.", to("Corner shop"), ("amount", "amount", "41", "")).outcome == "ask"


def test_days_that_the_person_fixed_stay_fixed() -> None:
    day: tuple[str, Role, str, str] = ("start", "day", "2025-01-11 18:00", "")
    assert found("Rent it on January 11th.", day).outcome == "permit"
    assert found("Rent it on January 12th.", day).outcome == "ask"
    assert found("Rent it.", day).outcome == "permit"


def test_private_content_read_makes_free_text_a_question() -> None:
    passport = Passage("people records", "passport HGK137803", private=True)
    text: tuple[str, Role, str, str] = ("body", "text", "it is HGK137803", "")
    words = f"Tell {HALE} 'Rent: {{payment}}'."
    assert found(words, to(HALE), text).outcome == "permit"
    asked = found(words, to(HALE), text, read=(passport,))
    assert (asked.outcome, "people records" in asked.reason) == ("ask", True)
    told: tuple[str, Role, str, str] = ("body", "text", "Rent: Corner shop", "")
    assert found(words, to(HALE), told, read=(passport,)).outcome == "permit"


def test_a_template_is_filled_from_records_only() -> None:
    words = "Make an event 'Dinner at {place}'."
    assert found(words, ("title", "target", "Dinner at Corner shop", "")).outcome == "permit"
    assert found(words, ("title", "target", "Dinner at Rogue's", "")).outcome == "deny"


def test_an_approval_lends_exactly_what_was_approved() -> None:
    approved = frozenset({("recipient", ROGUE)})
    assert found("Pay.", to(ROGUE), approved=approved).outcome == "permit"
    assert found("Pay.", ("cc", "target", ROGUE, ""), approved=approved).outcome == "deny"


def test_one_bad_value_decides_the_whole_act() -> None:
    assert found(f"Pay {HALE}", to(HALE), to(ROGUE)).outcome == "deny"


def test_the_decision_carries_the_origin() -> None:
    standing = Standing(
        frozenset({"start_run"}),
        {"pay": Granted()},
        frozenset({"bank:1"}),
        Task("Pay 'bill.txt'.", (), (BILL,)),
        rule_book({}, {}),
    )
    act = Act("pay", "bank:1", needs="start_run", uses=(Use("recipient", "target", ROGUE),))
    decision = decide(act, standing, Flow("send", "pay", "ada", "bob", "bank:1", Label(), Clearance()))
    assert decision.outcome == "ask"
    assert decision.as_payload()["factors"]["task"]["origin"]["source"] == "bill.txt"
    assert ROGUE in decision.reason


@given(st.text(max_size=40), st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_content_that_nobody_handed_over_never_permits(words: str, text: str, value: str) -> None:
    with_content = found(words, to(value), read=(Passage("a page nobody named", text),))
    without = found(words, to(value))
    assert with_content.outcome == without.outcome
