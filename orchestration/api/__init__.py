"""API v1 of HOW: teams, runs, approvals, and what agents work with."""

from ninja import Router

from orchestration.api import agents, approvals, authority, cases, intervening, means, runs, teams

router = Router()
for part in (teams, runs, intervening, cases, approvals, agents, authority, means):
    router.add_router("", part.router)

__all__ = ["router"]
