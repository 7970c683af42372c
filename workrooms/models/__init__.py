"""Models of WHERE."""

from workrooms.models.document import Document, Revision
from workrooms.models.message import Correction, Mention, Message
from workrooms.models.private import PrivateAnswer
from workrooms.models.workroom import Participant, Workroom, WorkroomGrant

__all__ = [
    "Correction",
    "Document",
    "Mention",
    "Message",
    "Participant",
    "PrivateAnswer",
    "Revision",
    "Workroom",
    "WorkroomGrant",
]
