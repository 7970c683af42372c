"""A one-agent team that runs on a scripted model."""

from accounts.tenancy import unit_of_work
from orchestration.actions.means import set_endpoint
from orchestration.actions.runs import start_run
from orchestration.models import Run
from tests.cast import Cast
from tests.live.scripted_openai import ScriptedOpenAI
from tests.orchestration.claims_room import published

TEAM = """
schema: 1
name: Helper
pattern: sequential
members: [{agent: helper}]
agents:
  helper:
    role: Answers questions
    brain: {model: {endpoint: scripted}}
    tools: [documents.search, documents.write]
    on_failure: %s
    output:
      type: object
      required: [summary, count]
      properties: {summary: {type: string}, count: {type: integer, minimum: 1}}
limits: {tokens: 100000, cost_cents: %s, seconds: 60}
"""


def begin_helper(
    cast: Cast, server: ScriptedOpenAI, on_failure: str = "stop", cost_cents: int = 500, price: str = "1/2"
) -> Run:
    """Publish the helper on the scripted endpoint and start a run."""
    with unit_of_work(cast.harbor):
        set_endpoint(
            actor=cast.alice, slug="scripted", url=server.url, model="scripted-1", key="sk-secret", price=price
        )
        team = published(cast, "helper", TEAM % (on_failure, cost_cents))
        return start_run(cast.room, actor=cast.bob, team=team, goal="How many claims are there?")
