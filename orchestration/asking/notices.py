"""Word to people that a decision waits: that it does, and by when, never what it is about."""

from django.conf import settings

from orchestration.models import Approval
from orchestration.policies import deciders
from orchestration.queue import send_notice_later


def notify_deciders(approval: Approval) -> None:
    """After the commit, send each person who may decide an e-mail."""
    addresses = [one.user.email for one in deciders(approval) if one.user.email]
    if addresses:
        deadline = approval.deadline.strftime("%a %d %b %H:%M UTC")
        send_notice_later(addresses, deadline, f"{settings.PUBLIC_URL}/approvals/{approval.id}/")
