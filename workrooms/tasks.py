"""Upkeep of WHERE."""

import logging
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from accounts.actions.keeping import holds_on
from accounts.ledger.record import record
from accounts.models import Retention
from accounts.reach import all_organizations
from accounts.tenancy import unit_of_work
from workrooms.actions.erasing import erase_matching
from workrooms.actions.sweeping import sweep_files
from workrooms.models import Workroom
from workrooms.signals import Matching

AT_ONCE = 1_000
log = logging.getLogger(__name__)


@shared_task
def enforce_retention() -> None:
    """Erase what is older than its room keeps it, piece by piece; a legal hold keeps everything. One failure stops no
    other room."""
    for organization_id in all_organizations():
        with unit_of_work(organization_id):
            ledgers = list(Retention.objects.values_list("ledger_id", flat=True))
        for ledger_id in ledgers:
            try:
                while _erase_old(organization_id, ledger_id):
                    pass
            except Exception:
                log.exception("What is too old in %s could not be erased.", ledger_id)


@shared_task
def remove_strays() -> None:
    """Remove files that killed processes left behind, once they are a day old."""
    for organization_id in all_organizations():
        with unit_of_work(organization_id):
            if removed := sweep_files(timezone.now() - timedelta(days=1)):
                log.warning("%s files that no revision names were removed in %s.", removed, organization_id)


def _erase_old(organization_id: UUID, ledger_id: UUID) -> bool:
    """Erase one piece in a unit of work of its own; return whether there may be more."""
    with unit_of_work(organization_id):
        rule = Retention.objects.select_related("ledger").get(ledger_id=ledger_id)
        room = Workroom.objects.select_related("organization").filter(pk=ledger_id).first()
        if room is None or holds_on(rule.ledger):
            return False
        before = timezone.now() - timedelta(days=rule.days)
        counts = erase_matching(room, Matching(before=before), actor=None, most=AT_ONCE)
        if any(counts.values()):
            payload = {"days": rule.days, "before": before, **counts}
            record("retention.enforced", actor=None, ledger=ledger_id, object=f"ledger:{ledger_id}", payload=payload)
        return any(count == AT_ONCE for count in counts.values())
