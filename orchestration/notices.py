"""Word to people that a decision waits: that it does, and by when, never what it is about."""

from functools import partial

from django.conf import settings
from django.db import transaction

from orchestration.models import Approval
from orchestration.policies import deciders


def notify_deciders(approval: Approval) -> None:
    """After the commit, send each person who may decide an e-mail."""
    addresses = [one.user.email for one in deciders(approval) if one.user.email]
    deadline = approval.deadline.strftime("%a %d %b %H:%M UTC")
    link = f"{settings.PUBLIC_URL}/approvals/{approval.id}/"
    if addresses:
        transaction.on_commit(partial(_hint, addresses, deadline, link))


def _hint(addresses: list[str], deadline: str, link: str) -> None:
    from orchestration.tasks import send_notice

    send_notice.delay(addresses, deadline, link)
