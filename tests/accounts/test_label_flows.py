"""Data flows, one a row: what is labelled how, where it would go, what is expected, and which boundary says no."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.authority.labels import LEVELS, Clearance, Destination, Label, joined, read_label
from accounts.authority.rulebook import Flow, judge, rule_book

BOOK = rule_book({}, {"bob": "editor"})
HOME = Destination("endpoint", "in house", "restricted", frozenset({"DE"}))
CLOUD = Destination("endpoint", "cloud", "internal", frozenset({"US"}))
NOWHERE = Destination("endpoint", "says not where", "restricted")
PARTNER = Destination("outside", "partner", "internal", frozenset({"FR"}))
PEER = Destination("peer", "other agents", "confidential", frozenset({"DE"}))
EXPORT = Destination("export", "a file", "confidential", frozenset({"DE"}))
OTHER = Destination("room", "Burrow", "internal", frozenset({"DE"}))
EU = frozenset({"DE", "FR"})
AGENT, LOCAL = "clearance of the agent", "label of the room"
THERE, WHERE, CONTENT = "clearance of the destination", "residency", "untrusted content"

PUBLIC, INTERNAL, SECRET, TOP = (Label(level) for level in LEVELS)
BOUND = Label("internal", residency=EU)
STUCK = BOUND.join(Label(residency=frozenset({"US"})))
LEGAL = Label("internal", frozenset({"need:legal"}))
FLOWS: list[tuple[str, Label, dict[str, object], str]] = [
    ("read public", PUBLIC, {}, ""),
    ("read internal", INTERNAL, {}, ""),
    ("read confidential", SECRET, {}, ""),
    ("read restricted", TOP, {}, AGENT),
    ("read restricted when cleared", TOP, {"clearance": Clearance("restricted")}, ""),
    ("read confidential when cleared for internal", SECRET, {"clearance": Clearance("internal")}, AGENT),
    ("read internal when cleared for public", INTERNAL, {"clearance": Clearance("public")}, AGENT),
    ("read a compartment", LEGAL, {}, AGENT),
    ("read one's compartment", LEGAL, {"clearance": Clearance(compartments=frozenset({"need:legal"}))}, ""),
    ("read another compartment", LEGAL, {"clearance": Clearance(compartments=frozenset({"need:hr"}))}, AGENT),
    ("read internal into the cloud", INTERNAL, {"to": CLOUD}, ""),
    ("read confidential into the cloud", SECRET, {"to": CLOUD}, THERE),
    ("read confidential at home", SECRET, {"to": HOME}, ""),
    ("read what may stay in Europe at home", BOUND, {"to": HOME}, ""),
    ("read what has to stay in Europe into the cloud", BOUND, {"to": CLOUD}, WHERE),
    ("read what has to stay into an unknown place", BOUND, {"to": NOWHERE}, WHERE),
    ("read free data into an unknown place", INTERNAL, {"to": NOWHERE}, ""),
    ("read what may be nowhere, by code in the house", STUCK, {}, ""),
    ("read what may be nowhere at home's endpoint", STUCK, {"to": HOME}, WHERE),
    ("write internal into an internal room", INTERNAL, {"kind": "write", "into": "internal"}, ""),
    ("write confidential into an internal room", SECRET, {"kind": "write", "into": "internal"}, LOCAL),
    ("write internal into a confidential room", INTERNAL, {"kind": "write", "into": "confidential"}, ""),
    ("write public into a public room", PUBLIC, {"kind": "write", "into": "public"}, ""),
    ("write internal into a public room", INTERNAL, {"kind": "write", "into": "public"}, LOCAL),
    ("post confidential into another room", SECRET, {"kind": "write", "to": OTHER, "into": "internal"}, THERE),
    ("post internal into another room", INTERNAL, {"kind": "write", "to": OTHER, "into": "internal"}, ""),
    ("send internal to a partner", INTERNAL, {"kind": "send", "to": PARTNER}, ""),
    ("send confidential to a partner", SECRET, {"kind": "send", "to": PARTNER}, THERE),
    ("send what has to stay in Europe to France", BOUND, {"kind": "send", "to": PARTNER}, ""),
    ("send what has to stay in Germany to France", Label(residency=frozenset({"DE"})), {"kind": "send", "to": PARTNER},
     WHERE),
    ("send what may be nowhere", STUCK, {"kind": "send", "to": PARTNER}, WHERE),
    ("hand confidential to a peer", SECRET, {"kind": "send", "to": PEER}, ""),
    ("hand restricted to a peer", TOP, {"kind": "send", "to": PEER, "clearance": Clearance("restricted")}, THERE),
    ("export confidential", SECRET, {"kind": "export", "to": EXPORT}, ""),
    ("export restricted", TOP, {"kind": "export", "to": EXPORT, "clearance": Clearance("restricted")}, THERE),
    ("send by a model after outside content", INTERNAL,
     {"kind": "send", "to": PARTNER, "untrusted": True, "swayable": True}, CONTENT),
    ("send by code after outside content", INTERNAL, {"kind": "send", "to": PARTNER, "untrusted": True}, ""),
    ("send by a model after own content", INTERNAL, {"kind": "send", "to": PARTNER, "swayable": True}, ""),
    ("read by a model after outside content", INTERNAL, {"untrusted": True, "swayable": True}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "label", "facts", "boundary"), FLOWS, ids=[row[0] for row in FLOWS])
def test_flow(name: str, label: Label, facts: dict[str, object], boundary: str) -> None:
    given = {"kind": "read", "tool": "t", "agent": "ada", "person": "bob", "resource": "document:1",
             "clearance": Clearance(), **facts}  # fmt: skip
    ruling = judge(BOOK, Flow(label=label, **given))[0]  # type: ignore[arg-type]
    expected = "permit" if not boundary else "ask" if boundary == CONTENT else "deny"
    assert (ruling.outcome, ruling.boundary) == (expected, boundary)


labels = st.builds(
    Label,
    st.sampled_from(LEVELS),
    st.frozensets(st.sampled_from(["personal", "phi", "need:legal"])),
    st.none() | st.frozensets(st.sampled_from(["DE", "FR", "US"])),
    st.none() | st.frozensets(st.sampled_from(["claims", "billing"])),
)


@given(labels, labels)
def test_a_join_is_never_laxer_than_its_parts(one: Label, other: Label) -> None:
    both = one.join(other)
    assert both == other.join(one)
    for part in (one, other):
        assert both.rank >= part.rank
        assert both.tags >= part.tags
        assert part.residency is None or (both.residency is not None and both.residency <= part.residency)
        assert part.purposes is None or (both.purposes is not None and both.purposes <= part.purposes)


@given(labels)
def test_a_label_is_read_as_it_was_stored(label: Label) -> None:
    assert read_label(label.as_json()) == label


@given(st.lists(labels), st.sampled_from([HOME, CLOUD, NOWHERE, PARTNER]))
def test_what_one_reading_forbids_no_further_reading_allows(read: list[Label], to: Destination) -> None:
    def outcome(label: Label) -> str:
        clearance = Clearance("restricted", frozenset({"need:legal"}))
        return judge(BOOK, Flow("send", "t", "ada", "bob", "target:1", label, clearance, to=to))[0].outcome

    if any(outcome(label) == "deny" for label in read):
        assert outcome(joined(read)) == "deny"


@pytest.mark.parametrize("stored", [{"level": "secret"}, {"tags": [1]}, {"residency": [""]}, {"lvl": "public"}])
def test_a_label_that_cannot_be_read_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(stored))):
        read_label(stored)
