"""Who works at Harbor Mutual, and who does not."""

from dataclasses import dataclass

from django.conf import settings

PUBLIC_PASSWORD = "workroom-demo"  # noqa: S105  (public: `up` refuses it where other machines can reach it)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person of the demo: relation to the room, and in words who they are and what they do there."""

    email: str
    name: str
    relation: str
    position: str
    does: str


PEOPLE = (
    DemoPerson("owner@harbor.example", "Ines Duarte", "owner", "owner", "Sets up the room, its teams and its people"),
    DemoPerson("adjuster@harbor.example", "Ada Lindqvist", "editor", "adjuster", "Starts the claims team on a claim"),
    DemoPerson("supervisor@harbor.example", "Ruth Abara", "approver", "supervisor", "Decides what agents must not"),
    DemoPerson("auditor@harbor.example", "Tom Okafor", "auditor", "auditor", "Reads, exports and verifies the ledger"),
    DemoPerson("viewer@harbor.example", "Mei Tanaka", "viewer", "viewer", "Looks on"),
)
OUTSIDER = DemoPerson("mallory@outsider.example", "Mallory Quist", "owner", "outsider", "Works elsewhere")


def demo_password() -> str:
    """Return the password of everybody in the demo: WORKROOM_DEMO_PASSWORD, or the public one."""
    return settings.WORKROOM_DEMO_PASSWORD or PUBLIC_PASSWORD
