"""Models of HOW."""

from orchestration.models.access import AccessRequest
from orchestration.models.approval import Approval, ApprovalDecision
from orchestration.models.limits import Allowance, Breaker
from orchestration.models.means import Endpoint, Source, SourceAccess, Target
from orchestration.models.run import Batch, Budget, Run
from orchestration.models.team import Agent, Team, TeamVersion
from orchestration.models.trial import Trial, TriedRun
from orchestration.models.turn import ModelResponse, ToolCall, Turn

__all__ = [
    "AccessRequest",
    "Agent",
    "Allowance",
    "Approval",
    "ApprovalDecision",
    "Batch",
    "Breaker",
    "Budget",
    "Endpoint",
    "ModelResponse",
    "Run",
    "Source",
    "SourceAccess",
    "Target",
    "Team",
    "TeamVersion",
    "ToolCall",
    "Trial",
    "TriedRun",
    "Turn",
]
