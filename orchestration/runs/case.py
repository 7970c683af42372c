"""The case of a run as one file: its events with proofs, decisions, documents, and how to check it."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import IO, Any

from django.http import FileResponse

from accounts.ledger import verify
from accounts.ledger.checkpoints import make_checkpoint
from accounts.ledger.proofs import proved
from accounts.ledger.record import record
from accounts.models import Checkpoint, Event, SigningKey, User
from orchestration.models import Approval, Run
from orchestration.runs.replay import events_of_run, replay
from orchestration.runs.shapes import run_json
from workrooms.models import Revision

README = """The case of run {number}, {subject}
{line}

events.jsonl    every event of the run in the ledger {ledger},
                each with its path to the root of the checkpoint
checkpoint.txt  what the organization signed of that ledger: {size} events, and the root of their tree
story.txt       the same events as sentences
run.json        goal, team, result, cost
approvals.json  what people were asked and what they answered
team.yaml       the team's text as it was when the run began
documents/      the revisions of documents that the run read or wrote
verify.py       checks the events; needs Python and the package `cryptography`

To check it, get the public key of the organization from someone you trust, not from here (its id is {key}):

    python verify.py events.jsonl --key KEY.pem

A document is the one that the run saw if its SHA-256 stands in an event, as `sha256` in the payload. run.json,
approvals.json and story.txt come from the same records but are not proved by themselves; the events are. Whether events
of the run are missing is not proved either: an export of the whole ledger shows that.
"""


def case_response(run: Run, *, actor: User) -> FileResponse:
    """Hand out the case of a root run."""
    file = build_case(run, actor=actor)
    return FileResponse(file, as_attachment=True, filename=f"{run.workroom.slug}-run-{run.number}-case.zip")


def build_case(run: Run, *, actor: User) -> IO[bytes]:
    """Write the case of a root run to a temporary file, read from its start, and log it as `case.exported`.

    The checkpoint is made now, so it holds every event of the run so far. Raises Forked.
    """
    checkpoint = make_checkpoint(run.workroom_id)
    events = list(events_of_run(run).filter(seq__lte=checkpoint.size))
    lines = b"".join(proved(checkpoint, events, len(events), run.id))
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - the answer closes it when it was sent
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as case:
        case.writestr("README.txt", _readme(run, checkpoint))
        case.writestr("events.jsonl", lines)
        case.writestr("checkpoint.txt", checkpoint.note)
        case.writestr("story.txt", "\n".join(_story(run)) + "\n")
        case.writestr("run.json", _json(run_json(run)))
        case.writestr("approvals.json", _json(_approvals(run)))
        case.writestr("team.yaml", run.version.text)
        case.writestr("verify.py", verify.program())
        for name, revision in _documents(events):
            with revision.file.open("rb") as content:
                case.writestr(name, content.read())
    file.seek(0)
    digest = hashlib.sha256(lines).hexdigest()
    payload = {"events": len(events), "checkpoint": checkpoint.size, "events_sha256": digest}
    record("case.exported", actor=actor, ledger=run.workroom_id, object=f"run:{run.id}", payload=payload)
    return file


def _readme(run: Run, checkpoint: Checkpoint) -> str:
    key = SigningKey.objects.latest("created_at").key_id
    subject = run.subject or run.goal[:80]
    line = "=" * len(f"The case of run {run.number}, {subject}")
    return README.format(
        number=run.number, subject=subject, line=line, ledger=run.workroom_id, size=checkpoint.size, key=key
    )


def _story(run: Run) -> Iterator[str]:
    for scene in replay(run):
        who = f"{scene.who}, for {scene.on_behalf_of}" if scene.on_behalf_of else scene.who
        yield f"#{scene.seq}  {scene.at:%Y-%m-%d %H:%M:%S} UTC  {who}  {scene.part}: {scene.what}"
        yield from (f"        because: {reason}" for reason in scene.why)


def _approvals(run: Run) -> list[dict[str, Any]]:
    tree = [run.id, *Run.objects.filter(root=run).values_list("pk", flat=True)]
    rows = Approval.objects.filter(run__in=tree).prefetch_related("decisions__user").order_by("created_at")
    return [
        {
            "id": str(row.id),
            "title": row.title,
            "state": row.state,
            "execution": row.execution,
            "rules": row.rules,
            "action": row.action,
            "digest": row.digest,
            "decisions": [
                {"by": each.user.ledger_name, "name": each.user.name, "decision": each.decision, "reason": each.reason,
                 "edits": each.edits, "digest": each.digest, "at": each.created_at.isoformat()}
                for each in row.decisions.all()
            ],
        }
        for row in rows
    ]  # fmt: skip


def _documents(events: list[Event]) -> Iterator[tuple[str, Revision]]:
    """The revisions that events name, each once, with its path in the file."""
    named: dict[tuple[str, int], None] = {}
    for event in events:
        payload, (kind, _, identity) = event.payload or {}, (event.object or "").partition(":")
        document = payload.get("document") or (identity if kind == "document" else None)
        if isinstance(document, str) and isinstance(payload.get("revision"), int):
            named[document, payload["revision"]] = None
    for document, number in named:
        row = Revision.objects.select_related("document").filter(document_id=document, number=number).first()
        if row is not None:
            name = PurePath(row.document.name.replace("\\", "/")).name
            yield f"documents/{document}/{number}/{name}", row


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
