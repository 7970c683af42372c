"""The claims room at work, seen through browsers and programs: what the tests of pages and calls share."""

import json
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.actions.tokens import create_token
from accounts.models import User
from accounts.tenancy import unit_of_work
from config.demo.claims_cases import CASES
from orchestration.engine import work
from orchestration.models import Approval, Run, Team
from tests.cast import Cast
from tests.orchestration.claims_room import begin, furnish, paper


def case(number: str) -> int:
    """The place of a hand-made case."""
    return next(place for place, one in enumerate(CASES) if one.number == number)


def settled(cast: Cast, folder: Path, *numbers: str) -> Team:
    """The claims team has worked on these cases, asked by Bob, as far as it goes without people."""
    team = furnish(cast, folder)
    for number in numbers:
        with unit_of_work(cast.harbor):
            run = begin(cast, team, paper(cast, case(number)))
        work(cast.harbor.id, run.id)
    return team


def run_of(cast: Cast, number: int) -> Run:
    """The run with this number, as it is now."""
    with unit_of_work(cast.harbor):
        run: Run = Run.objects.select_related("budget").get(workroom=cast.room, number=number)
        return run


def question(cast: Cast) -> Approval:
    """The only approval that is open."""
    with unit_of_work(cast.harbor):
        approval: Approval = Approval.objects.select_related("run").get(state="open")
        return approval


class Program:
    """A program that calls the API with a token of `user` in Harbor (or `organization`)."""

    def __init__(self, cast: Cast, user: User, organization: Any = None) -> None:
        organization = organization or cast.harbor
        with unit_of_work(organization):
            _, secret = create_token(organization, actor=user, name="tests")
        self.client, self.headers = Client(), {"Authorization": f"Bearer {secret}"}

    def call(self, method: str, path: str, data: Any = None, content_type: str = "application/json") -> HttpResponse:
        """Call `path` beneath /api/v1; data that is no text is sent as JSON."""
        body = data if isinstance(data, (str, bytes)) else json.dumps(data) if data is not None else ""
        answer = self.client.generic(method, f"/api/v1{path}", body, content_type, headers=self.headers)
        assert isinstance(answer, HttpResponse)
        return answer

    def get(self, path: str, status: int = 200) -> Any:
        """The JSON at `path`, which must answer with `status`."""
        return self._json(self.call("GET", path), status)

    def send(self, method: str, path: str, data: Any = None, status: int = 200, **more: Any) -> Any:
        """The JSON answer to a call that must answer with `status`."""
        return self._json(self.call(method, path, data, **more), status)

    def _json(self, answer: HttpResponse, status: int) -> Any:
        assert answer.status_code == status, answer.content.decode()
        return json.loads(answer.content)
