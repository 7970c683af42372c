"""The verifier as one program: what `verify.py` in an export is, and what the server itself checks with.

It is written in parts (`accounts.ledger.verification`), which import nothing of Workroom but each other, so that the
file that is handed out can be read from top to bottom and needs Python and `cryptography` alone.
"""

import ast
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[2])

from accounts.ledger.verification.agents import IDENTIFIED, Signatures
from accounts.ledger.verification.cases import CASE, CONSISTENCY, check_case, check_consistency
from accounts.ledger.verification.command import load_checkpoint, load_key, main, run
from accounts.ledger.verification.exports import FORMAT, check
from accounts.ledger.verification.hashing import (
    APART,
    FIRST_PREV,
    HASHED,
    LONGEST_LINE,
    Broken,
    canonical,
    check_event,
    check_leaf,
    key_id,
    sha256_of,
)
from accounts.ledger.verification.notes import ORIGIN, Checkpoint, note_key_id, read_checkpoint, signed_by

__all__ = [
    "APART", "CASE", "CONSISTENCY", "FIRST_PREV", "FORMAT", "HASHED", "IDENTIFIED", "LONGEST_LINE", "ORIGIN", "Broken",
    "Checkpoint", "Signatures",
    "canonical", "check", "check_case", "check_consistency", "check_event", "check_leaf", "key_id", "load_checkpoint",
    "load_key", "main", "note_key_id", "program", "read_checkpoint", "run", "sha256_of", "signed_by",
]  # fmt: skip
PARTS = ("hashing", "trees", "notes", "agents", "exports", "cases", "command")


def program() -> str:
    """Return the source of the verifier as one file: the parts in order, their imports merged at the top."""
    plain: set[str] = set()
    named: dict[str, set[str]] = {}
    bodies, docstring = [], ""
    for part in PARTS:
        source = (Path(__file__).parent / "verification" / f"{part}.py").read_text()
        tree = ast.parse(source)
        docstring = ast.get_docstring(tree) or ""
        heads = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        for node in heads:
            names = {alias.name for alias in node.names}
            if isinstance(node, ast.Import):
                plain |= names
            elif not str(node.module).startswith("accounts."):
                named.setdefault(str(node.module), set()).update(names)
        bodies.append("\n".join(source.splitlines()[heads[-1].end_lineno :]).strip("\n"))
    imports = [f"import {name}" for name in sorted(plain)]
    imports += [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(named.items())]
    top = f'"""{docstring}\n"""\n\n' + "\n".join(imports)
    return "\n\n\n".join([top, *bodies, 'if __name__ == "__main__":\n    sys.exit(main())']) + "\n"


if __name__ == "__main__":
    sys.exit(main())
