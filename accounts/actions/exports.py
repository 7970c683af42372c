"""Exporting a ledger: exactly the filtered view, signed, streamed, and itself recorded."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args
from uuid import UUID

from accounts.clearances import as_seen_by
from accounts.errors import Invalid, NotFound
from accounts.ledger import export
from accounts.ledger.ocsf import ocsf
from accounts.ledger.reading import Wanted, events_of, read_filter, shown
from accounts.ledger.record import record
from accounts.models import Event, Ledger, SigningKey, User
from accounts.secrets import open_secret
from accounts.tenancy import unit_of_work

CHUNK = 500
MOST_ON_PAPER = 5_000
Form = Literal["jsonl", "csv", "pdf", "ocsf"]


@dataclass(frozen=True, slots=True)
class Export:
    """An export that was signed and recorded and waits to be streamed: `ledger_id` up to event `last`."""

    organization_id: UUID
    ledger_id: UUID
    room: str | None
    last: int
    wanted: Wanted
    form: Form
    manifest: dict[str, Any]
    sentence: Callable[[Event], str]


def read_form(asked: str) -> Form:
    """Return the form of export that an address names. Raises NotFound."""
    for form in get_args(Form):
        if asked == form:
            return form  # type: ignore[no-any-return]
    raise NotFound("A ledger is exported as audit.jsonl, audit.csv, audit.pdf or audit.ocsf.")


def kind_of(event: Event) -> str:
    """Say what happened where nobody knows better words."""
    return f"{event.kind.replace('.', ' ').replace('_', ' ')} {event.object or ''}" if event.payload else "Erased"


def export_ledger(
    *,
    actor: User,
    ledger: Ledger,
    room: str | None,
    asked: Mapping[str, str],
    form: Form,
    sentence: Callable[[Event], str] = kind_of,
) -> Export:
    """Sign an export of what `asked` filters (see `read_filter`) and log it as `ledger.exported` in the same chain.

    The caller has made sure that `actor` may. `room` is the room's slug, None for the organization's own ledger; the
    export ends before its own event. `sentence` says on paper what happened. Raises Invalid for a filter that cannot be
    read, and for more on paper than anybody reads.
    """
    wanted = as_seen_by(actor, read_filter(asked))
    count = events_of(ledger.id).filter(wanted.condition, seq__lte=ledger.seq).count()
    if form == "pdf" and count > MOST_ON_PAPER:
        raise Invalid(
            f"{count} events are too many for paper, at most {MOST_ON_PAPER}. Filter them, or export JSON Lines.",
            [("filter", f"expected at most {MOST_ON_PAPER} events")],
        )
    key = SigningKey.objects.latest("created_at")
    manifest = export.manifest(
        str(ledger.id),
        ledger.seq,
        bytes(ledger.head),
        room=room,
        filter=wanted.given,
        count=count,
        private=open_secret(key.private_sealed),
        key_id=key.key_id,
    )
    named = {name: manifest[name] for name in ("filter", "count", "last", "head", "key_id")}
    digest = hashlib.sha256(export.line(manifest)).hexdigest()
    payload = {"format": form, **named, "manifest_sha256": digest}
    record("ledger.exported", actor=actor, ledger=ledger.id, object=f"ledger:{ledger.id}", payload=payload)
    return Export(ledger.organization_id, ledger.id, room, ledger.seq, wanted, form, manifest, sentence)


def chunks(exported: Export) -> Iterator[bytes]:
    """The file, piece by piece; every piece is read in a short unit of work of its own.

    Events are never changed but for erasure, so the pieces fit together although each sees its own moment.
    """
    if exported.form == "pdf":
        yield _paper(exported)
        return
    if exported.form == "csv":
        yield export.csv_header()
    elif exported.form == "jsonl":
        yield export.line(exported.manifest)
    for after in range(0, exported.last, CHUNK):
        with unit_of_work(exported.organization_id):
            piece = b"".join(_lines(exported, after, min(after + CHUNK, exported.last)))
        if piece:
            yield piece


def _lines(exported: Export, after: int, last: int) -> Iterator[bytes]:
    within = events_of(exported.ledger_id).filter(seq__gt=after, seq__lte=last).order_by("seq")
    kept = {event.seq: shown(event) for event in within.filter(exported.wanted.condition)}
    if exported.form == "csv":
        return export.csv_lines(kept.values())
    if exported.form == "ocsf":
        return (export.line(ocsf(event, room=exported.room)) for event in kept.values())
    if not exported.wanted.given:
        return export.lines(kept.values(), kept.keys())
    leaves = within.values_list("seq", "leaf")
    rows = (kept.get(seq) or {"seq": seq, "leaf": bytes(leaf).hex()} for seq, leaf in leaves)
    return export.lines(rows, kept.keys())


def _paper(exported: Export) -> bytes:
    from accounts.ledger.report import report

    with unit_of_work(exported.organization_id):
        rows = events_of(exported.ledger_id).filter(exported.wanted.condition, seq__lte=exported.last)
        events = list(rows.order_by("seq"))
        ids = {name.partition(":")[2] for event in events for name in (event.actor, event.on_behalf_of) if name}
        people = {user.ledger_name: user.name for user in User.objects.filter(pk__in=ids - {""})}
        title = f"Ledger of {exported.room or 'the organization'}"
        return report(title, exported.manifest, events, lambda name: people.get(name, name), exported.sentence)
