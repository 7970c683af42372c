"""docs/security.md says nothing that is not there: every requirement has its row, every test and file named exists."""

import ast
import re
from pathlib import Path

import pytest
from django.urls import get_resolver

from accounts.passwords import OBVIOUS

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "security.md").read_text()
# Levels 1 and 2 of ASVS 5.0.0, as its list of requirements has them: section, then the numbers of each level.
REQUIRED = {
    "4.1": ((1,), (2, 3)), "4.2": ((), (1,)), "4.3": ((), (1, 2)), "4.4": ((1,), (2, 3, 4)),
    "6.1": ((1,), (2, 3)), "6.2": ((1, 2, 3, 4, 5, 6, 7, 8), (9, 10, 11, 12)), "6.3": ((1, 2), (3, 4)),
    "6.4": ((1, 2), (3, 4)), "6.5": ((), (1, 2, 3, 4, 5)), "6.6": ((), (1, 2, 3)), "6.8": ((), (1, 2, 3, 4)),
    "7.1": ((), (1, 2, 3)), "7.2": ((1, 2, 3, 4), ()), "7.3": ((), (1, 2)), "7.4": ((1, 2), (3, 4, 5)),
    "7.5": ((), (1, 2)), "7.6": ((), (1, 2)),
    "8.1": ((1,), (2,)), "8.2": ((1, 2), (3,)), "8.3": ((1,), ()), "8.4": ((), (1,)),
    "9.1": ((1, 2, 3), ()), "9.2": ((1,), (2, 3, 4)),
    "10.3": ((), (1, 2, 3, 4)), "10.4": ((1, 2, 3, 4, 5), (6, 7, 8, 9, 10, 11)), "10.7": ((), (1, 2, 3)),
    "16.1": ((), (1,)), "16.2": ((), (1, 2, 3, 4, 5)), "16.3": ((), (1, 2, 3, 4)), "16.4": ((), (1, 2, 3)),
    "16.5": ((), (1, 2, 3)),
}  # fmt: skip
STATES = ("met", "partly", "not met", "does not apply")
ROW = re.compile(r"^\| ([0-9.]+) \| (\d) \| ([a-z ]+) \| (.+) \| (.*) \|$", re.MULTILINE)
NAMED = re.compile(r"`((?:tests|accounts|workrooms|orchestration|config|benchmarks)/[\w/]+\.py)(?:::(\w+))?`")


def test_every_requirement_has_its_row_and_no_other_has() -> None:
    wanted = {
        f"{section}.{number}": str(level)
        for section, levels in REQUIRED.items()
        for level, numbers in enumerate(levels, start=1)
        for number in numbers
    }
    assert {row[0]: row[1] for row in ROW.findall(TEXT)} == wanted
    assert re.findall(r"^\| (ASI\d\d) \|", TEXT, re.MULTILINE) == [f"ASI{number:02}" for number in range(1, 11)]


def test_every_row_says_whether_it_is_met_and_the_counts_are_right() -> None:
    rows = ROW.findall(TEXT)
    assert {row[2] for row in rows} <= {*STATES}
    counts = [sum(row[2] == state for row in rows) for state in STATES]
    said = re.search(r"Of (\d+) requirements (\d+) are met, (\d+) partly, (\d+) not, and (\d+) do not apply", TEXT)
    assert said and [int(each) for each in said.groups()] == [len(rows), *counts]
    for number, _, state, _, _ in rows:
        summary = TEXT.split("## ASVS")[0]
        assert (f"({number})" in summary) == (state in ("partly", "not met")), number


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED.findall(TEXT))))
def test_what_is_named_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text())
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert not name or name in defined


def test_what_is_met_is_shown_by_a_test_or_said_to_have_none() -> None:
    silent = [row[0] for row in ROW.findall(TEXT) if row[2] == "met" and not row[4] and "Not tested" not in row[3]]
    assert silent == []


def test_the_words_are_those_that_are_refused() -> None:
    section = TEXT.split("## Words that are no password")[1].split("##")[0]
    assert sorted(re.findall(r"\*(\w+)\*", section)) == sorted(OBVIOUS)


def test_every_way_in_is_named() -> None:
    """allauth's own list of ways, with those that are shut: what is new has to be named in the document first."""
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str) and name.startswith("account_")}
    assert names == {
        "account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate",
        "account_email", "account_email_verification_sent", "account_confirm_email", "account_change_password",
        "account_set_password", "account_reset_password", "account_reset_password_done",
        "account_reset_password_from_key", "account_reset_password_from_key_done", "account_confirm_login_code",
    }  # fmt: skip
