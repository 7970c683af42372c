"""A comparison shows each change once, with its numbers, and hides nothing that changed."""

from hypothesis import given
from hypothesis import strategies as st

from orchestration.teams.diffing import DiffLine, compare

OLD = "\n".join(f"line {number}" for number in range(1, 21))
NEW = OLD.replace("line 5\n", "").replace("line 18", "line eighteen")


def test_changes_stand_between_what_stayed() -> None:
    lines = compare(OLD, NEW, context=1)
    assert lines == [
        DiffLine("gap", hidden=3),
        DiffLine("same", 4, 4, "line 4"),
        DiffLine("removed", 5, None, "line 5"),
        DiffLine("same", 6, 5, "line 6"),
        DiffLine("gap", hidden=10),
        DiffLine("same", 17, 16, "line 17"),
        DiffLine("removed", 18, None, "line 18"),
        DiffLine("added", None, 17, "line eighteen"),
        DiffLine("same", 19, 18, "line 19"),
        DiffLine("gap", hidden=1),
    ]


def test_the_same_text_has_no_changes() -> None:
    assert compare(OLD, OLD) == compare("", "") == compare("a\n", "a") == []


TEXTS = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12).map("\n".join)


@given(TEXTS, TEXTS, st.integers(0, 3))
def test_both_texts_can_be_told_from_the_comparison(old: str, new: str, context: int) -> None:
    lines = compare(old, new, context)
    before, after = old.splitlines(), new.splitlines()
    if before == after:
        assert lines == []
        return
    assert all(before[line.old - 1] == line.text for line in lines if line.old)
    assert all(after[line.new - 1] == line.text for line in lines if line.new)
    hidden = sum(line.hidden for line in lines)
    assert sum(1 for line in lines if line.old) + hidden == len(before)
    assert sum(1 for line in lines if line.new) + hidden == len(after)
