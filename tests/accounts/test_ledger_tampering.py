"""Properties: whatever single change is made to any export, it is found, at the place this file states."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.ledger import export
from tests.accounts.ledger_files import KEY, broken, manifest_of, sealed, written

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
PAYLOAD = st.dictionaries(
    TEXT,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=5,
    ),
    max_size=3,
)
EVENTS = st.lists(PAYLOAD, min_size=1, max_size=6).map(sealed)


@st.composite
def exports(draw: st.DrawFn) -> tuple[list[bytes], set[int]]:
    """The lines of an honest export, whole, filtered or partly erased, and the numbers of the events shown."""
    events: list[dict[str, Any]] = draw(EVENTS)
    for event in events:
        if draw(st.booleans()):
            event.update(payload=None, salt=None)
    everything = set(range(1, len(events) + 1))
    kept: set[int] | None = draw(st.none() | st.sets(st.sampled_from(sorted(everything))))
    return written(events, kept), everything if kept is None else kept


def next_shown(place: int, shown: set[int], last: int) -> int:
    """Where a changed leaf at `place` comes to light: at the next event shown, or at the end of the chain."""
    return min((seq for seq in shown if seq > place), default=last)


@given(exports())
def test_an_honest_export_holds(made: tuple[list[bytes], set[int]]) -> None:
    assert broken(made[0], KEY.public) is None


@settings(max_examples=400)
@given(exports(), st.data())
def test_any_flipped_byte_of_an_event_is_found_at_that_event(
    made: tuple[list[bytes], set[int]], data: st.DataObject
) -> None:
    """Of an event left out only the leaf is there: another leaf may come to light only at the next event shown."""
    lines, shown = made
    place = data.draw(st.integers(1, len(lines) - 1))
    line = bytearray(lines[place])
    line[data.draw(st.integers(0, len(line) - 1))] ^= data.draw(st.integers(1, 255))
    lines[place] = bytes(line)
    found = broken(lines)
    assert found is not None
    allowed = {place} if place in shown else {place, next_shown(place, shown, len(lines) - 1)}
    assert found.seq in allowed


@settings(max_examples=300)
@given(EVENTS, st.data())
def test_any_flipped_byte_of_an_unfiltered_manifest_is_found_with_the_key(
    events: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Only the values of room and filter are not covered; here they are null and empty, which no flip changes."""
    manifest = bytearray(export.line({**manifest_of(events), "room": None}))
    manifest[data.draw(st.integers(0, len(manifest) - 1))] ^= data.draw(st.integers(1, 255))
    assert broken([bytes(manifest), *written(events)[1:]], KEY.public) is not None


@given(exports(), st.data())
def test_any_dropped_line_is_found_at_its_place(made: tuple[list[bytes], set[int]], data: st.DataObject) -> None:
    lines, _ = made
    place = data.draw(st.integers(1, len(lines) - 1))
    del lines[place]
    found = broken(lines)
    assert found is not None
    assert found.seq == place


@given(exports(), st.data())
def test_any_repeated_line_is_found_where_it_is_repeated(
    made: tuple[list[bytes], set[int]], data: st.DataObject
) -> None:
    lines, _ = made
    place = data.draw(st.integers(1, len(lines) - 1))
    target = data.draw(st.integers(1, len(lines)))
    lines.insert(target, lines[place])
    found = broken(lines)
    assert found is not None
    assert found.seq == (place + 1 if target == place else target)


@given(exports().filter(lambda made: len(made[0]) > 2), st.data())
def test_any_two_swapped_lines_are_found_at_the_first(made: tuple[list[bytes], set[int]], data: st.DataObject) -> None:
    lines, _ = made
    first, second = sorted(data.draw(st.lists(st.integers(1, len(lines) - 1), min_size=2, max_size=2, unique=True)))
    lines[first], lines[second] = lines[second], lines[first]
    found = broken(lines)
    assert found is not None
    assert found.seq == first


@given(exports(), st.data())
def test_any_cut_is_found(made: tuple[list[bytes], set[int]], data: st.DataObject) -> None:
    """Only the last line feed may be missing."""
    whole = b"".join(made[0])
    cut = data.draw(st.integers(0, len(whole) - 2))
    assert broken([whole[:cut]]) is not None
