"""Agents prove who they are: signed, short-lived, for one attempt, and taken away at once."""

import base64
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from accounts.identity import Credential, NotProven, prove, revoke_keys, rotate_key, signed_bytes, verify
from accounts.models import AgentKey, Event, User
from accounts.tenancy import unit_of_work
from tests.cast import Cast
from workrooms.models import Workroom

TURN, RUN = uuid4(), uuid4()


@pytest.fixture
def harbor(cast: Cast) -> Iterator[Cast]:
    with unit_of_work(cast.harbor):
        yield cast


def proof(cast: Cast, agent: User | None = None) -> Credential:
    return prove(agent or cast.ada, person=cast.bob, room=cast.room, run=RUN, turn=TURN, lease=2, scope="0" * 64)


def test_a_credential_holds_for_exactly_one_attempt_at_one_turn(harbor: Cast) -> None:
    credential = proof(harbor)
    epoch = harbor.room.epoch
    assert credential.holds(turn=TURN, lease=2, epoch=epoch)
    assert not credential.holds(turn=TURN, lease=3, epoch=epoch)
    assert not credential.holds(turn=uuid4(), lease=2, epoch=epoch)
    assert (credential.agent, credential.person) == (str(harbor.ada.id), str(harbor.bob.id))


def test_a_credential_expires(harbor: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    credential = proof(harbor)
    monkeypatch.setattr("accounts.identity.time.time", lambda: credential.expires + 1.0)
    assert not credential.holds(turn=TURN, lease=2, epoch=harbor.room.epoch)


@pytest.mark.parametrize("field", ["agent", "person", "room", "run", "turn", "scope", "nonce"])
def test_a_changed_credential_is_not_proven(harbor: Cast, field: str) -> None:
    credential = proof(harbor)
    signature = logged_signature(harbor)
    verify(credential, signature)
    changed: dict[str, Any] = {field: str(uuid4())}
    with pytest.raises(NotProven):
        verify(credential._replace(**changed), signature)


def test_another_agents_key_proves_nothing(harbor: Cast) -> None:
    eve = User.objects.create_agent("Eve")
    credential, others = proof(harbor), proof(harbor, eve)
    forged = credential._replace(key=others.key)
    with pytest.raises(NotProven, match="unknown"):
        verify(forged, logged_signature(harbor))


def test_the_private_half_is_sealed_and_never_logged(harbor: Cast) -> None:
    proof(harbor)
    key = AgentKey.objects.get()
    assert len(bytes(key.private_sealed)) > 64
    assert bytes(key.private_sealed) not in signed_bytes(proof(harbor))
    assert AgentKey.objects.count() == 1


def test_a_rotated_key_signs_from_then_on(harbor: Cast) -> None:
    before = proof(harbor)
    rotate_key(harbor.ada, actor=harbor.alice)
    after = proof(harbor)
    assert before.key != after.key
    with pytest.raises(NotProven, match="taken away"):
        verify(before, b"")


def test_a_revoked_agent_proves_nothing_any_more(harbor: Cast) -> None:
    credential = proof(harbor)
    room = Workroom.objects.get(pk=harbor.room.pk)
    revoke_keys(harbor.ada, room, actor=harbor.alice)
    assert not credential.holds(turn=TURN, lease=2, epoch=room.epoch)
    with pytest.raises(NotProven, match="identity of Ada was taken away"):
        proof(harbor)


def test_a_change_of_the_room_that_leaves_the_key_leaves_the_credential(harbor: Cast) -> None:
    assert proof(harbor).holds(turn=TURN, lease=2, epoch=uuid4())


def test_keys_are_of_one_tenant(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        proof(cast)
    with unit_of_work(cast.outsider):
        assert not AgentKey.objects.exists()


def logged_signature(cast: Cast) -> bytes:
    """The signature as the event of the first proof will carry it: events wait for the end of the unit of work."""
    from accounts.tenancy import current_unit

    events = [event for event in current_unit().events if event.fields["kind"] == "agent.identified"]
    assert Event.objects.filter(kind="agent.identified").count() == 0
    return base64.b64decode(events[0].fields["payload"]["signature"])


def test_a_new_key_that_was_undone_signs_nothing(cast: Cast) -> None:
    """Its agent's next proof is by a key that stands, in the same epoch of the room too."""
    with pytest.raises(ZeroDivisionError), unit_of_work(cast.harbor):
        undone = proof(cast)
        raise ZeroDivisionError
    with unit_of_work(cast.harbor):
        stands = proof(cast)
        assert stands.key != undone.key
        assert AgentKey.objects.filter(key_id=stands.key, user=cast.ada).exists()
