"""Private answers over the API."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.api import caller
from workrooms.actions.sharing import read_answer, share_answer
from workrooms.entries import user_json
from workrooms.models import PrivateAnswer
from workrooms.policies import access_answer, access_workroom

router = Router(tags=["messages"])


class Sharing(Schema):
    """Why everybody in the room may see it."""

    reason: str = Field(max_length=2_000)


@router.get("/workrooms/{room}/messages/{message}/private", summary="What a message says in private")
def show(request: HttpRequest, room: str, message: UUID) -> dict[str, Any]:
    """For whom it was given to, and deciders, if they are cleared for its label. Reading it is logged."""
    found = access_workroom(caller(request), room)
    return _shown(read_answer(access_answer(caller(request), message, found), actor=caller(request)))


@router.post("/workrooms/{room}/messages/{message}/share", summary="Share a private answer with the room")
def share(request: HttpRequest, room: str, message: UUID, payload: Sharing) -> dict[str, Any]:
    """Deciders who are cleared for it; the reason is logged."""
    found = access_workroom(caller(request), room)
    answer = access_answer(caller(request), message, found, share=True)
    return _shown(share_answer(answer, actor=caller(request), reason=payload.reason))


def _shown(answer: PrivateAnswer) -> dict[str, Any]:
    return {
        "message": str(answer.message_id),
        "label": answer.label,
        "body": answer.body,
        "reader": user_json(answer.reader),
        "shared_by": user_json(answer.shared_by),
        "shared_at": answer.shared_at.isoformat() if answer.shared_at else None,
    }
