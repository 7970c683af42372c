"""Models of WHO."""

from accounts.models.authority import (
    Admission,
    AgentKey,
    Delegation,
    Lending,
    ObjectClearance,
    ObjectLabel,
    Policy,
)
from accounts.models.base import BusyTenantModel, TenantModel, scoped, shared
from accounts.models.boundary import Boundary, Withheld
from accounts.models.checkpoint import Checkpoint, Stream, Subtree
from accounts.models.event import Event, Ledger, SigningKey
from accounts.models.keeping import LegalHold, Retention
from accounts.models.membership import IdempotencyKey, Membership, Token
from accounts.models.organization import Organization
from accounts.models.service import Assertion, Consent, Service
from accounts.models.user import User

__all__ = [
    "Admission",
    "AgentKey",
    "Assertion",
    "Boundary",
    "BusyTenantModel",
    "Checkpoint",
    "Consent",
    "Delegation",
    "Event",
    "IdempotencyKey",
    "Ledger",
    "LegalHold",
    "Lending",
    "Membership",
    "ObjectClearance",
    "ObjectLabel",
    "Organization",
    "Policy",
    "Retention",
    "Service",
    "SigningKey",
    "Stream",
    "Subtree",
    "TenantModel",
    "Token",
    "User",
    "Withheld",
    "scoped",
    "shared",
]
