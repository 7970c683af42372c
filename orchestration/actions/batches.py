"""Many runs at once: one a row of a file. Starting the same rows again starts only what is missing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string

from accounts.errors import Conflict, Invalid
from accounts.models import User
from orchestration.actions.runs import start_run
from orchestration.models import Batch, Run, Team
from orchestration.runs.tallies import batch_context
from orchestration.values.digests import digest
from workrooms.actions.entries import post_entry, update_entry
from workrooms.models import Message, Workroom

MOST_ROWS = 5_000


def start_batch(
    room: Workroom, *, actor: User, team: Team, name: str, rows: Sequence[Mapping[str, Any]], limit: int | None = None
) -> Batch:
    """Start one run of `team` for each of `rows` (the first `limit` of them), told in one entry of the timeline.

    The rows and the team tell a batch from others: a second call goes on where the first one ended. Raises Invalid,
    Conflict.
    """
    batch = open_batch(room, actor=actor, team=team, name=name, rows=rows)
    start_rows(batch, actor=actor, team=team, rows=rows, upto=len(rows) if limit is None else limit)
    return batch


def open_batch(room: Workroom, *, actor: User, team: Team, name: str, rows: Sequence[Mapping[str, Any]]) -> Batch:
    """Return the batch of these rows under this team, begun now if there is none."""
    if team.published is None:
        raise Conflict(f"{team.name} has no published version yet. Publish its draft first.")
    if not 0 < len(rows) <= MOST_ROWS:
        raise Invalid(f"A batch has 1 to {MOST_ROWS:,} rows.", [("rows", f"found {len(rows):,}")])
    seal = digest({"team": team.slug, "rows": list(rows)})
    Workroom.objects.select_for_update(of=("self",), no_key=True).get(pk=room.pk)
    known: Batch | None = Batch.objects.filter(workroom=room, digest=seal).select_related("headline").first()
    if known is not None:
        return known
    batch: Batch = Batch.objects.create(
        organization_id=room.organization_id, workroom=room, requester=actor, name=name[:200], digest=seal
    )
    batch.headline = post_entry(
        room,
        actor=None,
        html=_headline(batch),
        kind=Message.Kind.RUN,
        event="batch.started",
        payload={"name": batch.name, "rows": len(rows), "team": team.slug, "digest": seal},
        object=f"batch:{batch.id}",
        on_behalf_of=actor,
        body=batch.name,
    )
    batch.save(update_fields=["headline"])
    return batch


def start_rows(
    batch: Batch, *, actor: User, team: Team, rows: Sequence[Mapping[str, Any]], upto: int, most: int = MOST_ROWS
) -> list[Run]:
    """Start runs, `most` of them, for those of the first `upto` rows that have none yet."""
    begun = set(Run.objects.filter(batch=batch).values_list("row_key", flat=True))
    missing = [(key, number) for number, key in enumerate(row_keys(rows)[:upto], start=1) if key not in begun]
    runs = [
        start_run(
            batch.workroom,
            actor=actor,
            team=team,
            goal=f"{team.name} for row {number} of {batch.name}",
            subject=_subject(rows[number - 1], number),
            input=dict(rows[number - 1]),
            batch=batch,
            row_key=key,
        )
        for key, number in missing[:most]
    ]
    if runs and batch.headline is not None:
        update_entry(batch.headline, actor=None, html=_headline(batch), event="batch.told", object=f"batch:{batch.id}")
    return runs


def row_keys(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what tells a row from the others: its digest; equal rows are told apart by their count."""
    seen: Counter[str] = Counter()
    keys = []
    for row in rows:
        own = digest(dict(row))
        seen[own] += 1
        keys.append(own if seen[own] == 1 else digest([own, seen[own]]))
    return keys


def _subject(row: Mapping[str, Any], number: int) -> str:
    first = next(iter(row.items()), None)
    return f"{first[0].replace('_', ' ')} {first[1]}"[:200] if first else f"row {number}"


def _headline(batch: Batch) -> str:
    return render_to_string("orchestration/run/_batch.html", batch_context(batch))
