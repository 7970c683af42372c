"""The ledgers after the fire: exported over HTTP and checked by the verifier that stands alone."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.request import Request, urlopen

VERIFIER = Path(__file__).parent.parent.parent / "accounts/ledger/verify.py"
PROVED = (0, 2)


def verified(url: str, token: str, addresses: Mapping[str, str]) -> list[str]:
    """Return what the verifier says is wrong with the exports at these addresses, by the name of their chain."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="workroom-chaos-") as place:
        for name, address in addresses.items():
            file = Path(place) / f"{name}.jsonl"
            asked = Request(f"{url}/api/v1{address}", headers={"Authorization": f"Bearer {token}"})
            with urlopen(asked, timeout=120) as answer:
                file.write_bytes(answer.read())
            done = subprocess.run([sys.executable, VERIFIER, file], capture_output=True, text=True, check=False)
            if done.returncode not in PROVED:
                wrong.append(f"the chain of {name}: {done.stdout.strip()} {done.stderr.strip()}")
    return wrong
