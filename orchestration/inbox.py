"""What waits for a person: the approvals that they may decide."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import NullIf
from django.utils import timezone

from accounts.clearances import unseen_by
from accounts.delegations import standing_delegations
from accounts.models import User
from orchestration.access.reading import asked_of, decided_with
from orchestration.access.shapes import asked_for
from orchestration.models import AccessRequest, Approval, ApprovalDecision
from workrooms.entries import room_path
from workrooms.models import Mention, Message, Participant

SHOWN = 50
RELATED = ("workroom__organization", "run__root", "run__version__team", "turn__user", "requester", "entry")


def decidable_by(user: User) -> Any:
    """Return the open approvals that `user` may decide now, in their own right or for somebody who is away
    (`policies.right_to_decide` as a query), most urgent first."""
    rows = Approval.objects.filter(state=Approval.State.OPEN).annotate(mine=_relation(user))
    wanted = _allowed("mine") & ~Q(not_requester=True, requester=user) & ~_voted(user)
    for number, one in enumerate(standing_delegations().filter(deputy=user)):
        rows = rows.annotate(**{f"of_{number}": _relation(one.person)})
        inside = Q(mine__isnull=False) & (Q(workroom=one.room) if one.room else Q())
        asked = Q(requester=user) | Q(not_requester=True, requester=one.person)
        wanted |= _allowed(f"of_{number}") & inside & ~asked & ~_voted(user) & ~_voted(one.person)
    return rows.filter(wanted).order_by("deadline", "created_at")


def _relation(person: User) -> Subquery:
    ended = When(until__lte=timezone.now(), then=NullIf("afterwards", Value("")))
    rows = Participant.objects.filter(workroom=OuterRef("workroom"), user=person)
    return Subquery(rows.values(now=Case(ended, default="relation"))[:1])


def _allowed(relation: str) -> Q:
    above = Q(**{"relation": "editor", f"{relation}__in": ("approver", "owner")})
    return Q(**{relation: F("relation")}) | above | Q(**{relation: "owner", "escalated_at__isnull": False})


def _voted(person: User) -> Q:
    yes = ApprovalDecision.objects.filter(approval=OuterRef("pk"), digest=OuterRef("digest"))
    yes = yes.filter(decision__in=(ApprovalDecision.Verb.APPROVE, ApprovalDecision.Verb.EDIT))
    return Q(Exists(yes.filter(Q(user=person) | Q(on_behalf_of=person))))


def seen_by(user: User) -> Any:
    """Return all approvals of the rooms `user` is in."""
    rows = Approval.objects.filter(workroom__participants__user=user).select_related(*RELATED)
    return _visible(rows, user)


def _visible(rows: Any, user: User) -> Any:
    """Without the approvals of runs that have read what `user` may not see."""
    runs = unseen_by(user).ids("run")
    return rows.exclude(Q(run__in=runs) | Q(run__root__in=runs)) if runs else rows


@dataclass(slots=True)
class Inbox:
    """What the inbox shows, gathered organization by organization."""

    mine: list[Approval] = field(default_factory=list)
    others: list[Approval] = field(default_factory=list)
    decided: list[Approval] = field(default_factory=list)
    mentions: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    answered: list[dict[str, Any]] = field(default_factory=list)

    def add(self, other: "Inbox") -> None:
        """Take in what waits in another organization."""
        self.mine += other.mine
        self.others += other.others
        self.decided += other.decided
        self.mentions += other.mentions
        self.requests += other.requests
        self.answered += other.answered

    def sorted(self) -> dict[str, Any]:
        """Return the context of the page: the most urgent first, the newest decisions first."""
        decided = sorted(self.decided, key=lambda one: one.decided_at or one.created_at, reverse=True)[:SHOWN]
        return {
            "mine": sorted(self.mine, key=lambda one: one.deadline),
            "others": sorted(self.others, key=lambda one: one.deadline),
            "decided": decided,
            "mentions": self.mentions,
            "requests": sorted(self.requests, key=lambda each: each["row"].deadline),
            "answered": sorted(self.answered, key=lambda each: each["row"].decided_at, reverse=True)[:SHOWN],
            "last": decided[0] if decided else None,
        }


def inbox_of(user: User) -> Inbox:
    """Return what waits for `user` in the organization of the open unit of work."""
    mine = list(_visible(decidable_by(user), user).select_related(*RELATED))
    seen = seen_by(user)
    others = list(seen.filter(state=Approval.State.OPEN).exclude(pk__in=[one.pk for one in mine])[:SHOWN])
    decided = list(seen.filter(decided_at__isnull=False).order_by("-decided_at")[:SHOWN])
    for approval in (*mine, *others, *decided):
        approval.run = approval.run.root_or_own
    unread = Mention.objects.filter(user=user, read_at=None).select_related(
        "message__author", "message__workroom__organization"
    )
    mentions = [
        {"message": mention.message, "path": f"{room_path(mention.message.workroom)}threads/{_root(mention.message)}/"}
        for mention in unread.order_by("-created_at")[:SHOWN]
    ]
    return Inbox(mine, others, decided, mentions, _titled(asked_of(user)), _titled(decided_with(user, SHOWN)))


def _titled(rows: list[AccessRequest]) -> list[dict[str, Any]]:
    """Return the rows with their titles: these are read in the unit of work of their organization."""
    return [{"row": row, "title": asked_for(row).title} for row in rows]


def waiting_for(user: User) -> int:
    """Return how many decisions wait for `user` in the organization of the open unit of work."""
    return int(decidable_by(user).count()) + len(asked_of(user))


def _root(message: Message) -> Any:
    return message.thread_id or message.id
