"""A model's answer that comes after its turn was taken anew: paid for, and no part of the conversation."""

from datetime import timedelta

from django.utils import timezone
from pytest_django import Settings

from accounts.tenancy import unit_of_work
from orchestration.engine import advance, work
from orchestration.inference.endpoints import endpoint_for
from orchestration.model_turns.calls import Talk, _book
from orchestration.models import Budget, ModelResponse, Run, Turn
from orchestration.turns import Claim
from tests.cast import Cast
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.model_room import begin_helper

ANSWER = Reply(calls=(("final_answer", {"summary": "In time.", "count": 2}),))


def test_it_is_booked_and_not_journalled(cast: Cast, settings: Settings) -> None:
    with ScriptedOpenAI([ANSWER]) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        run = begin_helper(cast, server)
        late = advance(cast.harbor.id, run.id)
        assert isinstance(late, Claim)
        with unit_of_work(cast.harbor):
            Turn.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        endpoint = endpoint_for(cast.harbor.id, "scripted")
        kept = ModelResponse.objects.get()
    assert endpoint is not None
    _book(Talk(late.prepared, endpoint, [], [], number=kept.number), 100, 20, {"kind": "response", "parts": []}, "")
    with unit_of_work(cast.harbor):
        assert ModelResponse.objects.get().message == kept.message
        assert (Run.objects.get().result or {})["summary"] == "In time."
        assert (Turn.objects.get().tokens, Budget.objects.get().tokens) == (240, 240)
