"""A run's story from the ledger, and its case as a file that is checked offline."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from accounts.ledger import verify
from accounts.ledger.signing import public_pem
from accounts.models import Event, SigningKey
from accounts.tenancy import unit_of_work
from orchestration.actions.approvals import decide_approval
from orchestration.engine import work
from orchestration.models import Approval, Run
from orchestration.runs.replay import replay
from tests.cast import Cast, signed_in
from tests.orchestration.claims_room import begin, furnish, paper
from tests.orchestration.test_engine import numbered


@pytest.fixture
def settled(cast: Cast, tmp_path: Path) -> Run:
    """The high payout of CL-4471, approved by Pat and settled."""
    team = furnish(cast, tmp_path)
    with unit_of_work(cast.harbor):
        run = begin(cast, team, paper(cast, numbered("CL-4471")))
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        approval = Approval.objects.get()
        decide_approval(
            approval, actor=cast.pat, decision="approve", digest=approval.digest, reason="Within the limit."
        )
    work(cast.harbor.id, run.id)
    return run


def taken(cast: Cast, path: str) -> dict[str, bytes]:
    answer: Any = signed_in(cast.olivia).get(path)
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as case:
        return {name: case.read(name) for name in case.namelist()}


def test_the_case_is_checked_offline_by_what_it_brings(cast: Cast, settled: Run, tmp_path: Path) -> None:
    files = taken(cast, f"/api/v1/workrooms/{cast.room.slug}/runs/{settled.id}/case.zip")
    with unit_of_work(cast.harbor):
        pem = public_pem(bytes(SigningKey.objects.get().public))
        count = Event.objects.filter(run=settled.id).count()
    for name in ("verify.py", "events.jsonl", "checkpoint.txt"):
        (tmp_path / name).write_bytes(files[name])
    (tmp_path / "harbor.pem").write_text(pem)
    command = [
        sys.executable,
        "-I",
        "verify.py",
        "events.jsonl",
        "--key",
        "harbor.pem",
        "--checkpoint",
        "checkpoint.txt",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.startswith(f"verified: {count} events, signed by ")) == (0, True), done.stderr
    changed = files["events.jsonl"].replace(b"8124000", b"9124000", 1)
    assert changed != files["events.jsonl"]
    (tmp_path / "events.jsonl").write_bytes(changed)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "edited: the payload" in done.stdout) == (1, True)


def test_the_case_holds_decisions_team_and_the_documents_that_were_seen(cast: Cast, settled: Run) -> None:
    files = taken(cast, f"/api/v1/runs/{settled.id}/case.zip")
    events = [json.loads(line) for line in files["events.jsonl"].splitlines()[1:]]
    known = {event["payload"].get("sha256") for event in events}
    documents = {name: content for name, content in files.items() if name.startswith("documents/")}
    assert {name.rpartition("/")[2] for name in documents} == {"claim-CL-4471.md", "letter-CL-4471.md"}
    assert {hashlib.sha256(content).hexdigest() for content in documents.values()} <= known
    [approval] = json.loads(files["approvals.json"])
    assert (approval["state"], approval["decisions"][0]["reason"]) == ("approved", "Within the limit.")
    assert b"high-payout" in files["team.yaml"]
    assert "because: Within the limit." in files["story.txt"].decode()
    with unit_of_work(cast.harbor):
        told = Event.objects.get(kind="case.exported")
    assert told.actor == cast.olivia.ledger_name
    assert told.payload["events_sha256"] == hashlib.sha256(files["events.jsonl"]).hexdigest()


def test_the_story_says_what_was_seen_decided_and_why_by_whom_in_order(cast: Cast, settled: Run) -> None:
    with unit_of_work(cast.harbor):
        scenes = replay(settled)
    assert [scene.seq for scene in scenes] == sorted(scene.seq for scene in scenes)
    parts = [scene.part for scene in scenes]
    assert (parts[0], parts[-1]) == ("asked", "ended")
    assert parts.index("saw") < parts.index("decided") < len(parts) - 1 - parts[::-1].index("did")
    decided = next(scene for scene in scenes if scene.event.kind == "approval.approved")
    assert (decided.who, decided.why) == ("Pat", ("Rule high-payout", "Within the limit."))
    seen = next(scene for scene in scenes if scene.event.kind == "document.read")
    assert (seen.agent, seen.on_behalf_of) == ("intake", "Bob")
    adjudicated = next(scene for scene in scenes if scene.event.kind == "turn.waiting")
    assert any("Injury claim" in reason for reason in adjudicated.why)


def test_auditors_replay_and_take_the_case_and_viewers_do_not(cast: Cast, settled: Run) -> None:
    page = f"{cast.path}runs/{settled.number}/"
    auditor, viewer = signed_in(cast.olivia), signed_in(cast.vera)
    assert "Within the limit." in auditor.get(f"{page}replay/").content.decode()
    assert auditor.get(f"{page}case.zip").status_code == 200
    assert auditor.get(f"/api/v1/runs/{settled.id}/replay").json()["items"][0]["part"] == "asked"
    assert {viewer.get(f"{page}{part}").status_code for part in ("replay/", "case.zip")} == {403}
    assert viewer.get(f"/api/v1/runs/{settled.id}/case.zip").status_code in (403, 404)
    assert signed_in(cast.charlie).get(f"{page}replay/").status_code == 404


def test_what_was_erased_is_left_out_of_the_story_and_still_proved(cast: Cast, settled: Run) -> None:
    from workrooms.actions.erasing import erase_subject

    with unit_of_work(cast.harbor):
        erase_subject(cast.room, actor=cast.alice, words=["Marcus Hale"], reason="Request 9")
        key = bytes(SigningKey.objects.get().public)
    files = taken(cast, f"/api/v1/runs/{settled.id}/case.zip")
    assert b"Marcus Hale" not in b"".join(files.values())
    count, erased, _ = verify.check_case(io.BytesIO(files["events.jsonl"]), key)
    assert 0 < erased <= count
