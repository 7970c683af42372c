"""API v1 of WHERE: rooms and what is in them."""

from ninja import Router

from workrooms.api import (
    consents,
    delegations,
    documents,
    keeping,
    ledger,
    messages,
    participants,
    private,
    proofs,
    rooms,
)

router = Router()
for part in (rooms, participants, messages, private, documents, ledger, proofs, keeping, consents, delegations):
    router.add_router("", part.router)

__all__ = ["router"]
