"""How fast events are sealed, exported and verified, in how much memory.

python -m benchmarks.ledger_verify [EVENTS]
"""

import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from accounts.ledger import chain, export, verify
from accounts.ledger.signing import new_key_pair

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


def write(path: Path, count: int) -> bytes:
    """Write an unfiltered, signed export of `count` events; return the public key."""
    key, head, body = new_key_pair(), chain.FIRST_PREV, path.with_suffix(".body")
    with body.open("wb") as file:
        for event in chained(count):
            file.write(export.line(event))
            head = bytes.fromhex(event["hash"])
    with path.open("wb") as file, body.open("rb") as events:
        signed = export.manifest(
            "ledger", count, head, room=None, filter={}, count=count, private=key.private, key_id=key.key_id
        )
        file.write(export.line(signed))
        shutil.copyfileobj(events, file)
    return key.public


def main(count: int) -> None:
    """Time sealing, writing and verifying `count` events, then verify once more with the memory watched."""
    started = time.perf_counter()
    for _ in chained(count):
        pass
    report("seal", count, started)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audit.jsonl"
        started = time.perf_counter()
        public = write(path, count)
        report("seal and write", count, started)
        started = time.perf_counter()
        with path.open("rb") as file:
            verify.check(file, public)
        report(f"verify ({path.stat().st_size / 1e6:,.0f} MB)", count, started)
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{'most memory in all':<30}{resident / 1024:>10,.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
