"""The operator's commands: print the key, verify an export."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.actions.exports import chunks, export_ledger
from accounts.models import Ledger, SigningKey
from accounts.tenancy import unit_of_work
from tests.cast import Cast


@pytest.fixture
def files(cast: Cast, tmp_path: Path) -> tuple[str, str, str]:
    """An export of the room, the organization's key as `ledger_key` prints it, and that key's id."""
    with unit_of_work(cast.harbor):
        ledger = Ledger.objects.get(pk=cast.room.id)
        made = export_ledger(actor=cast.olivia, ledger=ledger, room=cast.room.slug, asked={}, form="jsonl")
        key_id = SigningKey.objects.get().key_id
    (tmp_path / "audit.jsonl").write_bytes(b"".join(chunks(made)))
    (tmp_path / "harbor.pem").write_text(printed("ledger_key", "harbor"))
    return str(tmp_path / "audit.jsonl"), str(tmp_path / "harbor.pem"), key_id


def printed(*command: str) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def ended(*command: str) -> tuple[object, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command(*command, stdout=out, stderr=io.StringIO())
    return end.value.code, out.getvalue()


def test_with_the_key_it_is_verified(files: tuple[str, str, str]) -> None:
    audit, key, key_id = files
    count = len(Path(audit).read_bytes().splitlines()) - 1
    assert printed("verify_audit", audit, "--key", key) == f"verified: {count} events, signed by {key_id}\n"


def test_without_a_key_only_the_chain_is(files: tuple[str, str, str]) -> None:
    code, said = ended("verify_audit", files[0])
    assert code == 2
    assert said.startswith("chain intact: ")
    assert said.endswith(" events, signer NOT checked\n")


def test_a_flipped_byte_names_the_event(files: tuple[str, str, str]) -> None:
    audit, key, _ = files
    lines = Path(audit).read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"person:', b'"Person:', 1)
    Path(audit).write_bytes(b"".join(lines))
    code, said = ended("verify_audit", audit, "--key", key)
    assert code == 1
    assert said.startswith("broken at #3: edited: ")


def test_the_key_of_another_organization_does_not_verify(files: tuple[str, str, str], tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_text(printed("ledger_key", "outsider"))
    code, said = ended("verify_audit", files[0], "--key", str(tmp_path / "other.pem"))
    assert code == 1
    assert said.startswith("broken at #0: wrong key: ")


def test_the_key_of_the_oldest_organization_is_the_default(cast: Cast) -> None:
    assert printed("ledger_key") == printed("ledger_key", "harbor") != printed("ledger_key", "outsider")
    with pytest.raises(CommandError, match="No organization harbour to print the key of. There are: harbor, outsider"):
        call_command("ledger_key", "harbour")
