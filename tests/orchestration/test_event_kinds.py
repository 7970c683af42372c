"""Everything that DESIGN §7 wants in the ledger is there when it happens: each kind, with who, when and about what."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.actions.consents import refuse_consent, revoke_consent
from accounts.actions.keeping import lift_hold, set_hold, set_retention
from accounts.actions.members import take_out
from accounts.actions.organizations import rename_organization
from accounts.actions.registering import replace_key, revoke_service
from accounts.actions.tokens import create_token, revoke_token
from accounts.identity import rotate_key
from accounts.labelling import set_clearance, set_label
from accounts.models import Event
from accounts.sessions import end_sessions_of
from accounts.tenancy import unit_of_work
from orchestration.access.asking import ask_for_access, withdraw
from orchestration.access.deciding import decide_access, take_access_back
from orchestration.access.wanted import Given
from orchestration.actions.approvals import decide_approval
from orchestration.actions.means import set_target
from orchestration.actions.runs import stop_run
from orchestration.actions.teams import publish_team, roll_back_team
from orchestration.limits.quarantine import quarantine_agent, release_agent
from orchestration.models import AccessRequest, Agent, Approval, Run, Team
from tests.accounts.service_house import consented, registered
from tests.cast import PASSWORD, signed_in
from tests.isolation.world import World, make_world
from tests.live.scripted_openai import ScriptedOpenAI
from tests.orchestration.test_compromised_agent import obey, scripted
from workrooms.actions.delegating import delegate, end_delegation
from workrooms.actions.erasing import erase_subject
from workrooms.actions.messages import delete_message, edit_message
from workrooms.actions.participants import change_relation
from workrooms.actions.rooms import archive_workroom, rename_workroom, restore_workroom
from workrooms.actions.rules import remove_rules, set_rules
from workrooms.models import Workroom

__all__ = ["scripted"]
KINDS = {
    "reads and searches by agents": {"document.read", "document.searched", "message.searched", "source.queried"},
    "opening and downloading by people": {"document.opened", "document.downloaded"},
    "exports": {"ledger.exported", "case.exported"},
    "denials": {"access.denied", "authority.denied", "session.denied"},
    "sign-ins": {"session.opened", "session.closed", "session.ended", "password.changed"},
    "policies, labels and clearances": {"policy.set", "policy.removed", "label.set", "clearance.set"},
    "teams": {"team.created", "team.published", "team.rolled_back"},
    "keys, tokens and identities": {
        "key.created", "agent.key_created", "agent.key_rotated", "agent.identified", "agent.revoked",
        "agent.quarantined", "agent.released", "token.created", "token.revoked",
    },
    "services and consents": {
        "service.registered", "service.key_replaced", "service.revoked", "service.denied", "consent.given",
        "consent.refused", "consent.revoked", "token.issued",
    },
    "members and relations": {
        "organization.created", "organization.renamed", "membership.added", "membership.removed", "participant.added",
        "participant.changed", "participant.removed", "relation.granted", "relation.revoked",
    },
    "means": {"source.set", "endpoint.set", "target.set"},
    "rooms, messages and documents": {
        "workroom.created", "workroom.renamed", "workroom.archived", "workroom.restored", "message.posted",
        "message.edited", "message.deleted", "document.added", "document.revised",
    },
    "runs and turns": {"run.started", "run.stopping", "turn.started", "turn.finished", "model.called"},
    "approvals": {"approval.opened", "approval.approved"},
    "access that is asked for, and deputies": {
        "access.requested", "access.granted", "access.refused", "access.withdrawn", "access.ended", "delegation.set",
        "delegation.ended",
    },
    "keeping": {"hold.set", "hold.lifted", "retention.set", "subject.erased"},
}  # fmt: skip


@pytest.fixture
def world(cast: object, tmp_path: Path) -> Iterator[World]:
    """A room with something of everything."""
    cache.clear()
    yield make_world(cast, tmp_path)  # type: ignore[arg-type]


def by_pages(world: World) -> None:
    """What people do with a browser or the API."""
    cast, bob, olivia = world.cast, Client(), world.browser("olivia")
    bob.post("/account/login/", {"login": cast.bob.email, "password": "not the password"})
    bob.post("/account/login/", {"login": cast.bob.email, "password": PASSWORD})
    document = world.document()
    assert bob.get(f"{cast.path}docs/{document.id}/").status_code == 200
    assert bob.get(f"/api/v1/workrooms/{cast.room.slug}/documents/{document.id}/content").status_code == 200
    assert bob.post("/o/harbor/settings/name/", {"name": "Mine"}).status_code == 403
    given = {"oldpassword": PASSWORD, "password1": "another long horse", "password2": "another long horse"}
    assert bob.post("/account/password/change/", given).status_code == 302
    bob.post("/account/logout/")
    assert b"".join(olivia.get(f"{cast.path}ledger/audit.jsonl").streaming_content)  # type: ignore[attr-defined]
    run, _ = world.waiting()
    assert olivia.get(f"/api/v1/workrooms/{cast.room.slug}/runs/{run.id}/case.zip").status_code == 200


def by_a_service(world: World) -> None:
    """What a service does, and what is done about it."""
    cast, program = world.cast, registered(world.cast)
    given = consented(program, cast.bob, cast.room, ("messages.read",))
    bearer = program.bearer(cast.bob, "auto-claims", "messages.read")
    assert Client().get("/api/v1/approvals", headers=bearer).status_code == 403
    assert program.token(cast.pat, "auto-claims", "messages.read").status_code == 400
    with unit_of_work(cast.harbor):
        refuse_consent(program.service, cast.room, actor=cast.bob, verbs=["runs.start"])
        revoke_consent(given, actor=cast.bob)
        replace_key(program.service, actor=cast.alice, pem="")
        revoke_service(program.service, actor=cast.alice)


def by_actions(world: World) -> None:
    """What owners change."""
    cast, alice = world.cast, world.cast.alice
    room = Workroom.objects.get(pk=cast.room.pk)
    set_rules("gdpr", actor=alice, room=room)
    remove_rules("gdpr", actor=alice, room=room)
    set_label(f"workroom:{room.id}", {"level": "confidential"}, actor=alice)
    set_clearance("endpoint:harbors", level="public", actor=alice)
    set_target(room, actor=alice, url="https://9.9.9.9/hook")
    team = Team.objects.get(slug="librarian")
    publish_team(team, actor=alice, note="again")
    roll_back_team(team, actor=alice, to=1)
    token, _ = create_token(cast.harbor, actor=alice, name="program")
    revoke_token(token, actor=alice)
    end_sessions_of(cast.pat, actor=alice)
    rotate_key(Agent.objects.select_related("user").get(name="intake").user, actor=alice)
    quarantine_agent(room, "fraud", actor=alice, reason="Odd.")
    release_agent(Workroom.objects.get(pk=room.pk), "fraud", actor=alice)
    rename_organization(cast.harbor, actor=alice, name="Harbor Mutual")
    rename_workroom(room, actor=alice, name="Cars")
    change_relation(room, actor=alice, user=cast.vera, relation="editor")
    take_out(cast.harbor, actor=alice, user_id=cast.charlie.id)
    message = world.message()
    edit_message(message, actor=alice, body="another word")
    delete_message(message, actor=alice)


def by_asking(world: World) -> None:
    """What people ask for, and whom they let decide."""
    cast, room = world.cast, Workroom.objects.get(pk=world.cast.room.pk)

    def asked(relation: str) -> AccessRequest:
        given = Given("relation", str(room.id), relation)
        return ask_for_access(actor=cast.olivia, given=given, reason="x", until=timezone.now() + timedelta(hours=1))

    withdraw(asked("owner"), actor=cast.olivia)
    decide_access(asked("approver"), actor=cast.alice, decision="deny", note="No.")
    take_access_back(decide_access(asked("editor"), actor=cast.alice, decision="approve"), actor=cast.alice)
    away = delegate(actor=cast.pat, deputy=cast.olivia, until=timezone.now() + timedelta(hours=1))
    end_delegation(away.id, actor=cast.pat)


def by_deciding_and_keeping(world: World) -> None:
    """What ends things."""
    cast, alice = world.cast, world.cast.alice
    room = Workroom.objects.get(pk=cast.room.pk)
    approval = Approval.objects.select_related("run").filter(state="open").first()
    assert approval is not None
    decide_approval(approval, actor=cast.pat, decision="approve", digest=approval.digest, reason="Fine.")
    stop_run(Run.objects.get(pk=approval.run_id), actor=alice)
    archive_workroom(room, actor=alice)
    restore_workroom(Workroom.objects.get(pk=room.pk), actor=alice)
    hold = set_hold(room.id, actor=alice, reason="A suit.")
    lift_hold(room.id, hold.id, actor=alice)
    set_retention(room.id, actor=alice, days=400)
    erase_subject(room, actor=alice, words=["Nobody Atall"], reason="Asked for.")


def test_every_kind_of_the_design_is_logged(
    world: World, scripted: ScriptedOpenAI, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    by_pages(world)
    by_a_service(world)
    searches = [("documents_search", {"query": "x"}), ("messages_search", {"query": "x"})]
    obey(world.cast, scripted, *searches, ("documents_read", {"document": "z"}))  # type: ignore[arg-type]
    for act in (by_actions, by_asking, by_deciding_and_keeping):
        with unit_of_work(world.cast.harbor):
            act(world)
    with unit_of_work(world.cast.harbor):
        events = list(Event.objects.all())
    logged = {event.kind for event in events}
    with capsys.disabled():
        for family, kinds in KINDS.items():
            print(f"\n{family}: {', '.join(sorted(kinds))}", end="")
    assert {family: kinds - logged for family, kinds in KINDS.items() if kinds - logged} == {}
    assert all(re.fullmatch(r"system|(person|agent|service):[0-9a-f-]{36}", event.actor) for event in events)
    assert all(event.object is None or re.fullmatch(r"[a-z_]+:\S+", event.object) for event in events)
    assert not any(PASSWORD in str(event.payload) or "not the password" in str(event.payload) for event in events)
    assert signed_in(world.cast.olivia).get(f"{world.cast.path}ledger/").status_code == 200
