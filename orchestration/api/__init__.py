"""API v1 of HOW: teams, runs, approvals, and what agents work with."""

from ninja import Router

from orchestration.api import (
    agents,
    approvals,
    authority,
    boundaries,
    cases,
    intervening,
    limits,
    means,
    runs,
    teams,
    trials,
    usage,
)

router = Router()
for part in (teams, trials, runs, intervening, cases, approvals, agents, authority, boundaries, means, limits, usage):
    router.add_router("", part.router)

__all__ = ["router"]
