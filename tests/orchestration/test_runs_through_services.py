"""A run that a service asks for: its goal is no word of the person, and what it touches may be from outside."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.labelling import labels_of
from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.means import set_endpoint
from orchestration.engine import work
from orchestration.models import Run, ToolCall
from tests.accounts.service_house import Program, consented, registered
from tests.cast import Cast
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.claims_room import published
from tests.orchestration.test_authority_runs import ANSWER, TEAM
from workrooms.actions.documents import add_document

RUNS = "/api/v1/workrooms/auto-claims/runs"


@dataclass
class Office:
    """A room with a team of one reader on a scripted model, and a service that may start runs for Bob."""

    cast: Cast
    server: ScriptedOpenAI
    program: Program

    def carried(self, goal: str, *replies: Reply) -> Run:
        """Let the service start a run, and carry it as far as it goes."""
        self.server.say([*replies, ANSWER])
        return self.worked(self.begun(goal))

    def begun(self, goal: str, team: str = "reader") -> str:
        """Let the service start a run; its id."""
        token = self.program.bearer(self.cast.bob, "auto-claims", "runs.start")
        asked = Client().post(RUNS, {"team": team, "goal": goal}, "application/json", headers=token)
        assert asked.status_code == 202, asked.content
        return str(asked.json()["id"])

    def worked(self, run: str) -> Run:
        """Carry a run as far as it goes."""
        work(self.cast.harbor.id, UUID(run))
        with unit_of_work(self.cast.harbor):
            found: Run = Run.objects.select_related("through", "requester").get(pk=run)
            return found

    def written(self) -> list[str]:
        """The states of the writes."""
        with unit_of_work(self.cast.harbor):
            return list(ToolCall.objects.filter(tool="documents.write").values_list("state", flat=True))


@pytest.fixture
def office(cast: Cast, settings: Settings) -> Iterator[Office]:
    with ScriptedOpenAI([]) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        program = registered(cast, kind="agent")
        consented(program, cast.bob, cast.room, ("runs.start",))
        with unit_of_work(cast.harbor):
            set_endpoint(actor=cast.alice, slug="scripted", url=server.url, model="scripted-1", key="k", price="1/2")
            published(cast, "reader", TEAM)
            for name in ("policy.md", "plan.md"):
                add_document(cast.room, actor=cast.bob, name=name, content=b"# Of people")
        yield Office(cast, server, program)


def writing(name: str) -> Reply:
    return Reply(calls=(("documents_write", {"name": name, "text": "New words"}),))


def test_what_the_service_names_is_asked_for(office: Office) -> None:
    run = office.carried("Bring policy.md up to date.", writing("policy.md"))
    assert (run.through, run.requester) == (office.program.service.user, office.cast.bob)
    assert office.written() == ["waiting"]
    with unit_of_work(office.cast.harbor):
        asked = Event.objects.get(kind="authority.asked").payload["factors"]["task"]
        assert asked["reason"] == "policy.md is named only by Claims portal, which the person handed over."
        assert asked["origin"]["excerpt"] == "Bring policy.md up to date."


def test_its_run_counts_as_having_read_from_outside(office: Office) -> None:
    run = office.carried("How are things?")
    assert run.state == "finished"
    with unit_of_work(office.cast.harbor):
        assert "outside" in labels_of([f"run:{run.id}"])[f"run:{run.id}"].tags
