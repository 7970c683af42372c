"""Whatever is taken from a standing, nothing that was refused becomes permitted; a task handed on only shrinks."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from accounts.authority.decide import Act, Decision, Granted, Standing, decide
from accounts.authority.labels import Clearance, Label
from accounts.authority.rulebook import Flow, rule_book
from accounts.authority.scope import covers, narrowed
from accounts.authority.task import Task

BOOK = rule_book({}, {})
STRICTNESS = {"permit": 0, "ask": 1, "deny": 2}
TOOLS, TARGETS, COLUMNS = ["read", "write", "send"], ["claims", "policies"], ["name", "sum", "zip"]
OBJECTS = ["document:1", "document:2", "source:1", "document:*", "source:*", "workroom:1"]

permissions = st.frozensets(st.sampled_from(["view", "start_run", "edit_document"]))
columns = st.none() | st.dictionaries(st.sampled_from(TARGETS), st.frozensets(st.sampled_from(COLUMNS), min_size=1))
grants = st.dictionaries(
    st.sampled_from(TOOLS), st.builds(Granted, st.none() | st.frozensets(st.sampled_from(TARGETS)), columns)
)
scopes = st.frozensets(st.sampled_from(OBJECTS))
standings = st.builds(Standing, permissions, grants, scopes, st.just(Task("Do it.")), st.just(BOOK))
acts = st.builds(
    Act,
    st.sampled_from(TOOLS),
    st.sampled_from(["document:1", "document:2", "source:1", "workroom:1"]),
    st.sampled_from(["view", "start_run"]),
    st.none() | st.sampled_from(TARGETS),
    st.frozensets(st.sampled_from(COLUMNS)),
)
levels = st.sampled_from(["public", "internal", "confidential", "restricted"])


def decided(act: Act, standing: Standing, clearance: str = "confidential") -> Decision:
    return decide(act, standing, Flow("read", act.tool, "ada", "bob", act.object, Label(), Clearance(clearance)))


@given(acts, standings, permissions, scopes, st.frozensets(st.sampled_from(TOOLS)), levels)
def test_less_never_permits_more(
    act: Act, whole: Standing, fewer: frozenset[str], scope: frozenset[str], tools: frozenset[str], level: str
) -> None:
    part = replace(
        whole,
        permissions=whole.permissions & fewer,
        objects=frozenset(narrowed(whole.objects, scope)),
        grants={tool: held for tool, held in whole.grants.items() if tool in tools},
    )
    lower = min(level, "confidential", key=["public", "internal", "confidential", "restricted"].index)
    assert STRICTNESS[decided(act, part, lower).outcome] >= STRICTNESS[decided(act, whole).outcome]


@given(st.lists(scopes, min_size=2, max_size=6), st.sampled_from(["document:1", "source:1", "workroom:1", "target:1"]))
def test_handed_on_over_any_depth_a_task_reaches_what_every_hand_reached(
    hands: list[frozenset[str]], object: str
) -> None:
    scope: list[str] = sorted(hands[0])
    for hand in hands[1:]:
        scope = narrowed(scope, hand)
    assert covers(scope, object) == all(covers(hand, object) for hand in hands)


@given(acts, standings)
def test_every_factor_has_to_permit(act: Act, standing: Standing) -> None:
    decision = decided(act, standing)
    assert [factor.name for factor in decision.factors] == ["person", "agent", "task", "data", "room"]
    assert (decision.outcome == "permit") == all(factor.outcome == "permit" for factor in decision.factors)
