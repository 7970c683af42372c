"""Upkeep of WHO."""

import logging
from collections.abc import Callable
from uuid import UUID

from celery import shared_task
from django.conf import settings

from accounts.ledger.checking import check_ledger
from accounts.ledger.checkpoints import make_checkpoint
from accounts.ledger.streaming import stream
from accounts.ledger.witness import publish
from accounts.models import Checkpoint, Ledger
from accounts.reach import all_organizations
from accounts.tenancy import unit_of_work

log = logging.getLogger(__name__)


@shared_task
def check_ledgers() -> None:
    """Check every ledger of every organization."""
    _for_every_ledger(check_ledger, "checked")


@shared_task
def sign_ledgers() -> None:
    """Sign a checkpoint of every ledger that has grown, and give the witness what it does not have yet."""
    _for_every_ledger(make_checkpoint, "signed")
    if settings.WITNESS:
        _for_every_ledger(_publish, "given to the witness")


@shared_task
def stream_ledgers() -> None:
    """Send the SIEM the events it does not have yet, if one was named."""
    if settings.SIEM:
        _for_every_ledger(_stream, "streamed")


def _stream(ledger_id: UUID) -> None:
    stream(ledger_id, settings.SIEM)


def _publish(ledger_id: UUID) -> None:
    for checkpoint in Checkpoint.objects.filter(ledger_id=ledger_id, witnessed_at=None).order_by("size"):
        publish(checkpoint, settings.WITNESS)


def _for_every_ledger(act: Callable[[UUID], object], verb: str) -> None:
    """Call `act` for each ledger of each organization in a unit of work of its own; one failure stops no other."""
    for organization_id in all_organizations():
        with unit_of_work(organization_id):
            ledgers = list(Ledger.objects.values_list("pk", flat=True))
        for ledger_id in ledgers:
            try:
                with unit_of_work(organization_id):
                    act(ledger_id)
            except Exception:
                log.exception("The ledger %s could not be %s.", ledger_id, verb)
