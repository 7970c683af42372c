"""Runs before and after a rotation of keys, checked by verify.py alone: what old keys signed still holds."""

import io
import subprocess
import sys
from pathlib import Path

from django.core.management import call_command

from accounts.actions.exports import chunks, export_ledger
from accounts.identity import revoke_keys
from accounts.ledger import verify
from accounts.ledger.signing import public_pem
from accounts.models import AgentKey, Event, Ledger, SigningKey
from accounts.secrets import open_secret, seal_secret
from accounts.tenancy import unit_of_work
from orchestration.engine import work
from orchestration.models import Agent, Team
from tests.cast import Cast
from tests.orchestration.claims_room import begin, furnish, paper
from workrooms.models import Workroom


def settle(cast: Cast, team: Team, number: int) -> None:
    with unit_of_work(cast.harbor):
        run = begin(cast, team, paper(cast, number))
    work(cast.harbor.id, run.id)


def exported(cast: Cast, folder: Path) -> subprocess.CompletedProcess[str]:
    """Export the room and run verify.py on it where nothing of Workroom can be imported."""
    with unit_of_work(cast.harbor):
        ledger = Ledger.objects.get(pk=cast.room.id)
        made = export_ledger(actor=cast.olivia, ledger=ledger, room=cast.room.slug, asked={}, form="jsonl")
        pem = public_pem(bytes(SigningKey.objects.get().public))
    (folder / "audit.jsonl").write_bytes(b"".join(chunks(made)))
    (folder / "verify.py").write_text(verify.program())
    (folder / "harbor.pem").write_text(pem)
    command = [sys.executable, "-I", "verify.py", "audit.jsonl", "--key", "harbor.pem"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def standing(cast: Cast) -> dict[str, str]:
    """The keys in force, by agent."""
    with unit_of_work(cast.harbor):
        rows = AgentKey.objects.filter(revoked_at=None).values_list("user_id", "key_id")
        return {str(user): key for user, key in rows}


def test_old_and_new_keys_hold_after_a_rotation(cast: Cast, tmp_path: Path) -> None:
    team = furnish(cast, tmp_path)
    settle(cast, team, 0)
    before, out = standing(cast), io.StringIO()
    with unit_of_work(cast.harbor):
        fraud = Agent.objects.select_related("user").get(name="fraud").user
        revoke_keys(fraud, Workroom.objects.get(pk=cast.room.pk), actor=cast.alice)
    call_command("rotate_agent_keys", stdout=out)
    after = standing(cast)
    assert out.getvalue() == f"{len(before) - 1} agents have a new key.\n"
    assert after.keys() == before.keys() - {str(fraud.id)}, "a revoked agent gets none"
    assert set(after.values()).isdisjoint(before.values())
    settle(cast, team, 2)
    with unit_of_work(cast.harbor):
        events = Event.objects.filter(kind="agent.identified").order_by("seq")
        keys = [event.payload["key"] for event in events]
    assert {*keys} & {*before.values()} and {*keys} & {*after.values()}
    done = exported(cast, tmp_path)
    assert done.returncode == 0, done.stdout
    assert f"Agents' own signatures: {len(keys)} hold, with the keys that the ledger names." in done.stderr


def test_what_is_sealed_is_sealed_again_under_the_newest_key(cast: Cast, tmp_path: Path, settings: object) -> None:
    furnish(cast, tmp_path)
    old, new = settings.WORKROOM_KEY, "n" * 40  # type: ignore[attr-defined]
    with unit_of_work(cast.harbor):
        private = open_secret(SigningKey.objects.get().private_sealed)
    settings.WORKROOM_KEY = f"{new},{old}"  # type: ignore[attr-defined]
    out = io.StringIO()
    call_command("reseal_secrets", stdout=out)
    assert out.getvalue().endswith("The old WORKROOM_KEY is not needed any more.\n")
    settings.WORKROOM_KEY = new  # type: ignore[attr-defined]
    with unit_of_work(cast.harbor):
        assert open_secret(SigningKey.objects.get().private_sealed) == private
    assert seal_secret("x") != b"x"
