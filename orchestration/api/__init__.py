"""API v1 of HOW: teams, runs, approvals, and what agents work with."""

from ninja import Router

from orchestration.api import (
    access,
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
WORK = (teams, trials, runs, intervening, cases, approvals, access)
for part in (*WORK, agents, authority, boundaries, means, limits, usage):
    router.add_router("", part.router)

__all__ = ["router"]
