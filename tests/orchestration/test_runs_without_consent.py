"""A run that a service began stops with what stands behind it, and says why: it never goes on as the person's own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone

from accounts.actions.consents import revoke_consent
from accounts.actions.registering import revoke_service
from accounts.models import Consent, Event, Service
from accounts.tenancy import unit_of_work
from orchestration.actions.runs import start_run
from orchestration.engine import work
from orchestration.models import Approval, Run, Team, Turn
from orchestration.teams.dumping import dump
from tests.accounts.service_house import consented
from tests.cast import signed_in
from tests.live.scripted_openai import Reply
from tests.orchestration.claims_room import published
from tests.orchestration.rehearsals import says, team_of
from tests.orchestration.test_authority_runs import ANSWER
from tests.orchestration.test_runs_through_services import Office, office, writing

__all__ = ["office"]
LETTER = Reply(calls=(("documents_write", {"name": "letter.md", "text": "Dear all"}),))


def withdrawn(office: Office) -> None:
    with unit_of_work(office.cast.harbor):
        revoke_consent(Consent.objects.select_related("service__user").get(revoked_at=None), actor=office.cast.bob)


def run_out(office: Office) -> None:
    with unit_of_work(office.cast.harbor):
        Consent.objects.update(until=timezone.now() - timedelta(minutes=1))


def revoked(office: Office) -> None:
    with unit_of_work(office.cast.harbor):
        revoke_service(Service.objects.select_related("user").get(), actor=office.cast.alice)


def narrowed(office: Office) -> None:
    consented(office.program, office.cast.bob, office.cast.room, ("messages.read",))


ENDS = [
    (withdrawn, "Bob no longer lets Claims portal start runs here"),
    (run_out, "What Bob let Claims portal do here ended on"),
    (revoked, "Claims portal was revoked"),
    (narrowed, "Bob no longer lets Claims portal start runs here"),
]


@pytest.mark.parametrize(("end", "why"), ENDS, ids=["withdrawn", "run out", "service revoked", "narrowed"])
def test_it_stops_at_its_next_step(office: Office, end: Callable[[Office], None], why: str) -> None:
    """In the middle of a turn: what its model answers then is not acted on."""

    def reply(body: dict[str, Any]) -> Reply:
        if len(office.server.requests) == 1:
            end(office)
            return LETTER
        return ANSWER

    office.server.say(reply)
    run = office.worked(office.begun("How are things?"))
    assert run.state == "stopped" and run.reason.startswith(why), run.reason
    assert (office.written(), len(office.server.requests)) == ([], 1)
    with unit_of_work(office.cast.harbor):
        assert Turn.objects.get().state == "stopped"
        event = Event.objects.get(kind="run.stopped")
        assert event.payload["reason"] == run.reason and event.on_behalf_of == office.cast.bob.ledger_name
    assert why in signed_in(office.cast.bob).get(f"{office.cast.path}runs/{run.number}/").content.decode()


def test_it_does_not_even_begin(office: Office) -> None:
    office.server.say([ANSWER])
    begun = office.begun("How are things?")
    withdrawn(office)
    assert office.worked(begun).state == "stopped" and office.server.requests == []


def test_one_that_waits_for_people_is_looked_after_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run = office.carried("Bring policy.md up to date.", writing("policy.md"))
    assert run.state == "waiting"
    hinted: list[Any] = []
    monkeypatch.setattr(current_app, "send_task", lambda *hint, **_: hinted.append(hint[1][1]))
    withdrawn(office)
    assert hinted == [str(run.id)]
    assert office.worked(str(run.id)).reason.startswith("Bob no longer lets Claims portal")
    with unit_of_work(office.cast.harbor):
        assert Approval.objects.get().state == "superseded"


def test_nested_runs_stop_with_it(office: Office) -> None:
    """What was done before stands; nothing is begun after, by a model or without one."""
    cast, inner = (
        office.cast,
        {"name": "inner", "pattern": "sequential", "members": [{"agent": "ada"}, {"agent": "ben"}]},
    )
    model = {"role": "Thinks", "brain": {"model": {"endpoint": "scripted"}}, "tools": ["documents.write"]}
    agents = {"first": says({"summary": "First."}), "ada": model, "ben": says({"summary": "Last."})}
    with unit_of_work(cast.harbor):
        published(cast, "nesting", dump(team_of("sequential", agents, [{"agent": "first"}, {"team": inner}])))

    def reply(body: dict[str, Any]) -> Reply:
        withdrawn(office)
        return LETTER

    office.server.say(reply)
    run = office.worked(office.begun("Play.", "nesting"))
    assert run.state == "stopped" and run.reason.startswith("Bob no longer lets Claims portal"), run.reason
    with unit_of_work(cast.harbor):
        states = dict(Turn.objects.exclude(user=None).values_list("agent", "state"))
        assert states == {"first": "finished", "ada": "stopped"}
        assert set(Run.objects.values_list("state", flat=True)) == {"stopped"}
    assert office.written() == []


def test_what_is_consented_anew_goes_on_and_the_persons_own_runs_are_untouched(office: Office) -> None:
    office.server.say([ANSWER, ANSWER])
    begun = office.begun("How are things?")
    withdrawn(office)
    consented(office.program, office.cast.bob, office.cast.room, ("runs.start",))
    assert office.worked(begun).state == "finished"
    withdrawn(office)
    with unit_of_work(office.cast.harbor):
        team = Team.objects.select_related("published").get(slug="reader")
        own = start_run(office.cast.room, actor=office.cast.bob, team=team, goal="How are things?")
    work(office.cast.harbor.id, own.id)
    with unit_of_work(office.cast.harbor):
        assert Run.objects.get(pk=own.pk).state == "finished"
