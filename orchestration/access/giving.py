"""What an approved request really gives, by the doors that give such things, and how it is taken back."""

from collections.abc import Callable
from typing import NamedTuple

from django.utils import timezone

from accounts.errors import Conflict, NotFound
from accounts.models import Admission, User
from orchestration.access.asking import record_access
from orchestration.models import AccessRequest, Source, SourceAccess
from workrooms.actions.lending import give_relation, take_relation_back
from workrooms.models import Document
from workrooms.policies import is_cleared

KINDS = AccessRequest.Kind


class Giving(NamedTuple):
    """How one kind of thing is given by a person (for somebody who is away), and taken back (None: its time came)."""

    give: Callable[[AccessRequest, User, User | None], None]
    take_back: Callable[[AccessRequest, User | None], None]


def _give_relation(row: AccessRequest, actor: User, for_whom: User | None) -> None:
    assert row.workroom is not None
    if not is_cleared(row.requester, row.workroom, row.object):
        raise Conflict(
            f"{row.requester.name} is not cleared for this room. An owner of the organization can change it."
        )
    _replace_earlier(row, actor)
    give_relation(
        row.workroom, actor=actor, user=row.requester, relation=row.relation, until=row.until, on_behalf_of=for_whom
    )


def _take_relation(row: AccessRequest, actor: User | None) -> None:
    assert row.workroom is not None
    if row.until is None:
        raise Conflict("It was given for good. Give the person another relation under People.")
    take_relation_back(row.workroom, actor=actor, user=row.requester, relation=row.relation)


def _give_document(row: AccessRequest, actor: User, for_whom: User | None) -> None:
    if not Document.objects.filter(pk=row.object.partition(":")[2]).exists():
        raise Conflict("The document is gone.")
    _replace_earlier(row, actor)
    Admission.objects.create(
        organization_id=row.organization_id, user=row.requester, object=row.object, until=row.until, admitted_by=actor
    )


def _take_document(row: AccessRequest, actor: User | None) -> None:
    held = Admission.objects.filter(user=row.requester, object=row.object, revoked_at=None)
    held.update(revoked_at=timezone.now())


def _give_source(row: AccessRequest, actor: User, for_whom: User | None) -> None:
    source = Source.objects.filter(pk=row.object.partition(":")[2]).first() if row.object else None
    if source is None:
        raise Conflict("There is no such source. An owner can name it under Settings, and it can be asked for again.")
    held = SourceAccess.objects.filter(source=source, workroom=row.workroom_id).first()
    if held is not None and held.until is None:
        raise Conflict(f"{source.slug} may be used in this room already.")
    _replace_earlier(row, actor)
    SourceAccess.objects.update_or_create(
        source=source,
        workroom_id=row.workroom_id,
        defaults={"organization_id": row.organization_id, "until": row.until},
    )


def _take_source(row: AccessRequest, actor: User | None) -> None:
    source = row.object.partition(":")[2]
    SourceAccess.objects.filter(source=source, workroom=row.workroom_id, until=row.until).delete()


GIVING = {
    KINDS.RELATION: Giving(_give_relation, _take_relation),
    KINDS.DOCUMENT: Giving(_give_document, _take_document),
    KINDS.SOURCE: Giving(_give_source, _take_source),
}


def end_access(row: AccessRequest, *, actor: User | None) -> AccessRequest:
    """Take back what was given (the request is locked); `actor` None: its time has come. It counts with the next act.

    Raises NotFound where nothing of it holds any more, Conflict for a relation that was given for good.
    """
    if row.state != AccessRequest.State.GRANTED or row.ended_at is not None:
        raise NotFound("Nothing of that kind is given.")
    GIVING[KINDS(row.kind)].take_back(row, actor)
    _ended(row, actor, "taken back" if actor else "its time has come")
    return row


def _replace_earlier(row: AccessRequest, actor: User) -> None:
    """What was given before of the same gives way to what is given now."""
    earlier = AccessRequest.objects.filter(
        workroom=row.workroom_id, kind=row.kind, object=row.object, state=AccessRequest.State.GRANTED, ended_at=None
    )
    earlier = earlier if row.kind == KINDS.SOURCE else earlier.filter(requester=row.requester)
    for one in earlier.exclude(pk=row.pk).select_related("requester"):
        if one.kind == KINDS.DOCUMENT:
            _take_document(one, actor)
        _ended(one, actor, "replaced by what was given anew")


def _ended(row: AccessRequest, actor: User | None, why: str) -> None:
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    record_access("access.ended", row, actor=actor, payload={"why": why})
