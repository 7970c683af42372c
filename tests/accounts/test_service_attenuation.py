"""Whatever a service asks for, it may no more than its token, the consent and the person allow at that moment."""

import itertools

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.authority.labels import LEVELS, Clearance, Label
from accounts.bounds import VERBS, Bound, bound_to
from accounts.clearances import covers
from accounts.models import Service, User
from accounts.relations import PERMISSIONS, held_in, permissions_of
from accounts.tenancy import unit_of_work
from tests.accounts.service_house import Program, registered
from tests.cast import Cast
from workrooms.actions.participants import change_relation
from workrooms.api.narrowed import decide_call
from workrooms.models import Workroom

verbs = st.frozensets(st.sampled_from(sorted(VERBS)))
levels = st.sampled_from(LEVELS)
tags = st.frozensets(st.sampled_from(["need:a", "need:b"]))
places = st.frozensets(st.sampled_from(["EU", "US"]))
clearances = st.builds(Clearance, levels, tags, places)
labels = st.builds(Label, levels, tags, st.none() | places)


def at_work(cast: Cast) -> Program:
    """The service of this house: registered by the first example."""
    with unit_of_work(cast.harbor):
        found = Service.objects.select_related("user").first()
    return Program(found, Ed25519PrivateKey.generate()) if found else registered(cast)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(relation=st.sampled_from(["editor", "approver", "auditor", "viewer"]), consent=verbs, asked=verbs)
def test_the_authority_lets_a_service_no_more_than_all_three(
    cast: Cast, relation: str, consent: frozenset[str], asked: frozenset[str]
) -> None:
    program = at_work(cast)
    with unit_of_work(cast.harbor):
        change_relation(cast.room, actor=cast.alice, user=cast.bob, relation=relation)
        room = Workroom.objects.get(pk=cast.room.pk)
        held = held_in(room, cast.bob)
        bound = Bound("consent:x", cast.bob, consent & asked, room.id, program.service.user, Clearance("internal"))
        with bound_to(bound):
            effective = permissions_of(cast.bob, room)
            assert effective <= held
            for verb in VERBS:
                decision = decide_call(bound, room, verb, f"workroom:{room.id}")
                allowed = verb in consent and verb in asked and VERBS[verb].permission in PERMISSIONS[relation]
                assert (decision.outcome == "permit") == allowed, (verb, decision.reason)
                assert not allowed or VERBS[verb].permission in effective


@pytest.mark.parametrize(("relation", "verb"), list(itertools.product(PERMISSIONS, VERBS)))
def test_no_verb_brings_a_right_that_decides_or_governs(relation: str, verb: str) -> None:
    person = User(name="Bob")
    narrow = Bound("x", person, frozenset({verb}))
    left = narrow.narrow(person, person.id, PERMISSIONS[relation])
    assert left <= PERMISSIONS[relation]
    assert left <= {"view", "post_message", "edit_document", "start_run"}


@given(person=st.none() | st.builds(Clearance, levels, tags), service=clearances, label=labels)
def test_through_a_service_a_person_sees_what_both_may_see(
    person: Clearance | None, service: Clearance, label: Label
) -> None:
    bound = Bound("x", User(name="Bob"), frozenset({"messages.read"}), clearance=service)
    assert covers(bound.lower(person), label) == (covers(person, label) and covers(service, label))
