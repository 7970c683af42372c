"""Upkeep of WHO."""

import logging

from celery import shared_task

from accounts.ledger.checking import check_ledger
from accounts.models import Ledger
from accounts.reach import all_organizations
from accounts.tenancy import unit_of_work

log = logging.getLogger(__name__)


@shared_task
def check_ledgers() -> None:
    """Check every ledger of every organization, each in a unit of work of its own; one failure stops no other."""
    for organization_id in all_organizations():
        with unit_of_work(organization_id):
            ledgers = list(Ledger.objects.values_list("pk", flat=True))
        for ledger_id in ledgers:
            try:
                with unit_of_work(organization_id):
                    check_ledger(ledger_id)
            except Exception:
                log.exception("The ledger %s could not be checked.", ledger_id)
