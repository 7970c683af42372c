"""What waits for a person: the approvals that they may decide."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import NullIf
from django.utils import timezone

from accounts.clearances import unseen_by
from accounts.delegations import standing_delegations
from accounts.models import User
from orchestration.access.reading import asked_of, decided_with, open_to
from orchestration.access.shapes import asked_for
from orchestration.models import AccessRequest, Approval, ApprovalDecision
from workrooms.entries import room_path
from workrooms.models import Mention, Message, Participant, Workroom

SHOWN = 50
YES = (ApprovalDecision.Verb.APPROVE, ApprovalDecision.Verb.EDIT)
RELATED = ("workroom__organization", "run__root", "run__version__team", "turn__user", "requester", "entry")


def decidable_by(user: User) -> Any:
    """Return the open approvals that `user` may decide now, in their own right or for somebody who is away
    (`policies.right_to_decide` as a query), most urgent first."""
    mine = Participant.objects.filter(workroom=OuterRef("workroom"), user=user)
    rows = Approval.objects.filter(state=Approval.State.OPEN).annotate(
        mine=Subquery(mine.values(now=_relation_now())[:1]),
        lasting=Subquery(mine.values("afterwards")[:1]),
        asks=F("relation"),
    )
    own = (_allowed("mine") | _allowed("lasting")) & ~Q(not_requester=True, requester=user)
    standing_in = Q(mine__isnull=False) & ~Q(requester=user) & Q(Exists(_absent(user)))
    voted = ApprovalDecision.objects.filter(approval=OuterRef("pk"), digest=OuterRef("digest"), decision__in=YES)
    again = Q(Exists(voted.filter(Q(user=user) | Q(on_behalf_of=user))))
    return rows.filter((own | standing_in) & ~again).order_by("deadline", "created_at")


def _absent(deputy: User) -> Any:
    """Those of an approval's room for whom `deputy` decides now, and who could decide it."""
    here = Q(room=None) | Q(room=OuterRef("workroom"))
    named = standing_delegations().filter(here, deputy=deputy).order_by().values("person")
    people = Participant.objects.filter(workroom=OuterRef("workroom"), user__in=named, user__is_active=True).annotate(
        now=_relation_now(),
        asks=_outer("relation", CharField()),
        escalated_at=_outer("escalated_at", DateTimeField()),
        excludes=_outer("not_requester", BooleanField()),
        asker=_outer("requester", UUIDField()),
        approval=_outer("pk", UUIDField()),
        digest=_outer("digest", CharField()),
    )
    voted = ApprovalDecision.objects.filter(approval=OuterRef("approval"), digest=OuterRef("digest"), decision__in=YES)
    voted = voted.filter(Q(user=OuterRef("user")) | Q(on_behalf_of=OuterRef("user")))
    return people.filter(
        (_allowed("now") | _allowed("afterwards")) & ~Q(excludes=True, user=F("asker")) & ~Q(Exists(voted))
    )


def _outer(name: str, kind: Any) -> Any:
    return ExpressionWrapper(OuterRef(name), output_field=kind)


def _relation_now() -> Case:
    ended = When(until__lte=timezone.now(), then=NullIf("afterwards", Value("")))
    return Case(ended, default="relation")


def _allowed(relation: str) -> Q:
    """True where somebody of this relation may decide what `asks` asks for."""
    above = Q(**{"asks": "editor", f"{relation}__in": ("approver", "owner")})
    return Q(**{relation: F("asks")}) | above | Q(**{relation: "owner", "escalated_at__isnull": False})


def seen_by(user: User) -> Any:
    """Return all approvals of the rooms `user` is in."""
    rows = Approval.objects.filter(workroom__in=Workroom.objects.of(user)).select_related(*RELATED)
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
    unread = Mention.objects.filter(user=user, read_at=None, message__workroom__in=Workroom.objects.of(user))
    unread = unread.select_related("message__author", "message__workroom__organization")
    mentions = [
        {"message": mention.message, "path": f"{room_path(mention.message.workroom)}threads/{_root(mention.message)}/"}
        for mention in unread.order_by("-created_at")[:SHOWN]
    ]
    return Inbox(mine, others, decided, mentions, _titled(asked_of(user)), _titled(decided_with(user, SHOWN)))


def _titled(rows: list[AccessRequest]) -> list[dict[str, Any]]:
    """Return the rows with their titles: these are read in the unit of work of their organization."""
    return [{"row": row, "title": asked_for(row).title} for row in rows]


def waiting_for(user: User) -> int:
    """Return how many decisions wait for `user` in the organization of the open unit of work: one query, where nobody
    asks for access."""
    approvals = decidable_by(user).order_by().annotate(kind=Value("approval")).values_list("pk", "kind")
    requests = open_to(user).order_by().annotate(sort=Value("request")).values_list("pk", "sort")
    kinds = [kind for _, kind in approvals.union(requests, all=True)]
    return kinds.count("approval") + (len(asked_of(user)) if "request" in kinds else 0)


def _root(message: Message) -> Any:
    return message.thread_id or message.id
