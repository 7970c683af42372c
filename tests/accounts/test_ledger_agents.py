"""Agents' own signatures, checked offline: each kind of forged credential is found and named."""

import base64
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accounts.ledger import chain, verify
from accounts.ledger.signing import KeyPair, new_key_pair, public_pem
from tests.accounts.ledger_files import KEY, LEDGER, written

ADA, EVE = new_key_pair(), new_key_pair()
CREDENTIAL = {
    "agent": "a-1", "person": "p-1", "organization": "o-1", "room": LEDGER, "run": "r-1", "turn": "t-1", "lease": 1,
    "scope": "0" * 64, "epoch": "e-1", "nonce": "n-1", "expires": 4_000_000_000, "key": ADA.key_id,
}  # fmt: skip


def payload(credential: dict[str, Any], signer: KeyPair = ADA, shown: KeyPair = ADA) -> dict[str, Any]:
    """What `agent.identified` carries."""
    signature = Ed25519PrivateKey.from_private_bytes(signer.private).sign(rfc8785.dumps(credential))
    named = {"credential": credential, "signature": base64.b64encode(signature).decode()}
    return {**named, "key": shown.key_id, "public": shown.public.hex()}


def identified(paid: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The event, before it is sealed."""
    return {
        "at": "2026-11-22T12:05:22.000001Z", "actor": "agent:a-1", "on_behalf_of": "person:p-1",
        "kind": "agent.identified", "object": "turn:t-1", "run": "r-1", "turn": "t-1", "decision": None,
        "payload": paid, **fields,
    }  # fmt: skip


def chained(*events: dict[str, Any]) -> list[dict[str, Any]]:
    """The events, sealed as the organization would: its chain and its signature are right."""
    prev, made = chain.FIRST_PREV, []
    for seq, fields in enumerate(events, start=1):
        sealed = chain.seal(prev, seq, fields)
        digests = {name: value.hex() for name, value in sealed._asdict().items()}
        made.append({"seq": seq, **fields, **digests, "prev": prev.hex()})
        prev = sealed.hash
    return made


def looked_at(*events: dict[str, Any]) -> verify.Signatures:
    """What became of the credentials in an export of these events. Raises Broken."""
    signatures = verify.Signatures()
    verify.check(io.BytesIO(b"".join(written(chained(*events)))), KEY.public, signatures=signatures)
    return signatures


GOOD = identified(payload(CREDENTIAL))
EVES = {**CREDENTIAL, "agent": "a-2", "key": EVE.key_id}
FORGED: dict[str, tuple[dict[str, Any], str]] = {
    "signed by another key": (identified(payload(CREDENTIAL, signer=EVE)), "not signed with the key"),
    "changed after it was signed": (
        identified({**payload(CREDENTIAL), "credential": {**CREDENTIAL, "scope": "1" * 64}}),
        "not signed with the key",
    ),
    "no signature": (identified({**payload(CREDENTIAL), "signature": ""}), "not signed with the key"),
    "key not hex": (identified({**payload(CREDENTIAL), "public": "zz"}), "not signed with the key"),
    "not a credential": (identified({**payload(CREDENTIAL), "credential": None}), "not signed with the key"),
    "another key shown than named": (identified(payload(CREDENTIAL, signer=EVE, shown=EVE)), "another key than"),
    "the key of another agent": (
        identified(payload({**CREDENTIAL, "agent": "a-2"}), actor="agent:a-2"), "was another agent's before",
    ),
    "another agent's event": (identified(payload(CREDENTIAL), actor="agent:a-2"), "another actor than"),
    "another person": (identified(payload(CREDENTIAL), on_behalf_of="person:p-2"), "another on_behalf_of than"),
    "another run": (identified(payload(CREDENTIAL), run="r-2"), "another run than"),
    "replayed for another turn": (identified(payload(CREDENTIAL), turn="t-2"), "another turn than"),
    "of another room": (identified(payload({**CREDENTIAL, "room": "elsewhere"})), "another ledger than"),
    "too old when it was used": (identified(payload({**CREDENTIAL, "expires": 1_000_000_000})), "another time than"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_credential_is_found_and_named(name: str) -> None:
    event, reason = FORGED[name]
    with pytest.raises(verify.Broken, match=f"^broken at #2: forged: .*{reason}"):
        looked_at(GOOD, event)


def test_credentials_of_several_agents_and_of_rotated_keys_hold() -> None:
    fresh = new_key_pair()
    rotated = payload({**CREDENTIAL, "key": fresh.key_id}, fresh, fresh)
    eves = identified(payload(EVES, EVE, EVE), actor="agent:a-2")
    found = looked_at(GOOD, eves, identified(rotated), GOOD)
    assert (found.held, found.unchecked) == (4, 0)


def test_what_shows_no_key_or_was_erased_is_counted_as_not_checked() -> None:
    without = {name: value for name, value in payload(CREDENTIAL).items() if name != "public"}
    events = chained(GOOD, identified(without), GOOD)
    events[2].update(payload=None, salt=None)
    signatures = verify.Signatures()
    verify.check(io.BytesIO(b"".join(written(events))), KEY.public, signatures=signatures)
    assert (signatures.held, signatures.unchecked) == (1, 2)


@pytest.fixture
def alone(tmp_path: Path) -> Callable[[list[dict[str, Any]]], subprocess.CompletedProcess[str]]:
    """Runs verify.py, as it is handed out, on an export of events."""
    (tmp_path / "verify.py").write_text(verify.program())
    (tmp_path / "room.pem").write_text(public_pem(KEY.public))

    def run(events: list[dict[str, Any]]) -> subprocess.CompletedProcess[str]:
        (tmp_path / "audit.jsonl").write_bytes(b"".join(written(events)))
        command = [sys.executable, "-I", "verify.py", "audit.jsonl", "--key", "room.pem"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    return run


def test_the_program_says_what_held_and_what_it_did_not_check(
    alone: Callable[[list[dict[str, Any]]], subprocess.CompletedProcess[str]],
) -> None:
    events = chained(GOOD, GOOD)
    events[1].update(payload=None, salt=None)
    done = alone(events)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Agents' own signatures: 1 hold, with the keys that the ledger names.\n" in done.stderr
    assert "1 payloads erased" in done.stderr and "1 agents' signatures" in done.stderr
    forged = alone(chained(GOOD, FORGED["replayed for another turn"][0]))
    assert (forged.returncode, forged.stdout.split(":")[0]) == (1, "broken at #2")
    assert json.loads(written(events)[1])["payload"]["public"] == ADA.public.hex()
