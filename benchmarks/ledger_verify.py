"""How fast events are sealed, exported and verified, in how much memory.

python -m benchmarks.ledger_verify [EVENTS]

The export is verified by `verify.py` as it is handed out, in a process of its own whose memory is watched: with the
key, and once more with a checkpoint over the whole tree as well.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from accounts.ledger import chain, export, verify
from accounts.ledger.signing import new_key_pair, public_pem, sign_note
from accounts.ledger.verification.trees import Frontier

PAYLOAD = {
    "tool": "sources.query",
    "arguments": {
        "source": "claims",
        "columns": ["policy_number", "incident_date"],
        "where": [["policy_number", "=", 5]],
    },
    "digest": "b" * 64,
    "rows": 12,
    "said": "The policy was in force on the day — its bind date is earlier. " * 4,
}


def chained(count: int) -> Iterator[dict[str, Any]]:
    """Seal `count` events of a tool call each."""
    prev = chain.FIRST_PREV
    identity = "0198c0de-0000-7000-8000-000000000001"
    fields = {
        "at": "2026-11-22T12:05:22.123456Z",
        "actor": f"agent:{identity}",
        "on_behalf_of": f"person:{identity}",
        "kind": "tool.called",
        "object": f"source:{identity}",
        "run": identity,
        "turn": identity,
        "decision": identity,
        "payload": PAYLOAD,
    }
    for seq in range(1, count + 1):
        sealed = chain.seal(prev, seq, fields)
        digests = {name: value.hex() for name, value in sealed._asdict().items()}
        yield {"seq": seq, **fields, **digests, "prev": prev.hex()}
        prev = sealed.hash


def report(what: str, count: int, started: float) -> None:
    """Print one line of the table."""
    seconds = time.perf_counter() - started
    rate, each = count / seconds, seconds / count * 1e6
    print(f"{what:<30}{count:>10,} events{seconds:>9.2f} s{rate:>12,.0f}/s{each:>8.1f} µs each")


def write(path: Path, count: int) -> tuple[bytes, str]:
    """Write an unfiltered, signed export of `count` events; return the public key and a checkpoint of all of them."""
    key, head, body, tree = new_key_pair(), chain.FIRST_PREV, path.with_suffix(".body"), Frontier()
    with body.open("wb") as file:
        for event in chained(count):
            file.write(export.line(event))
            head = bytes.fromhex(event["hash"])
            tree.append(bytes.fromhex(event["leaf"]))
    with path.open("wb") as file, body.open("rb") as events:
        signed = export.manifest(
            "ledger", count, head, room=None, filter={}, count=count, private=key.private, key_id=key.key_id
        )
        file.write(export.line(signed))
        shutil.copyfileobj(events, file)
    body.unlink()
    return key.public, sign_note("ledger", count, tree.root(), key.private)


def verify_alone(what: str, count: int, command: list[str]) -> None:
    """Run the verifier as a program; print its time and the most memory it took."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-I", *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    report(what, count, started)
    said = process.stdout.read().decode().strip() if process.stdout else ""
    print(f"{'':<30}{said}; most memory {used.ru_maxrss / 1024:,.0f} MB; exit {os.waitstatus_to_exitcode(status)}")


def main(count: int) -> None:
    """Time sealing, writing and verifying `count` events."""
    started = time.perf_counter()
    for _ in chained(count):
        pass
    report("seal", count, started)
    with tempfile.TemporaryDirectory() as folder:
        path, program, pem, known = (Path(folder) / name for name in ("a.jsonl", "verify.py", "key.pem", "checkpoint"))
        started = time.perf_counter()
        public, note = write(path, count)
        report("seal and write", count, started)
        program.write_text(verify.program())
        pem.write_text(public_pem(public))
        known.write_text(note)
        size = f"({path.stat().st_size / 1e6:,.0f} MB)"
        command = [str(program), str(path), "--key", str(pem)]
        verify_alone(f"verify {size}", count, command)
        verify_alone("verify with a checkpoint", count, [*command, "--checkpoint", str(known)])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
