"""The page that checks an export: its modules, run by Playwright's own Node, find what verify.py finds."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright._impl._driver import compute_driver_executable

from accounts.ledger import export
from accounts.ledger.signing import public_pem, sign_note
from accounts.ledger.verification.trees import Frontier
from tests.accounts.ledger_files import KEY, LEDGER, manifest_of, sealed, ten, written
from tests.accounts.test_ledger_verify import DOCTORED, FORGED
from tests.cast import Cast, signed_in

STATIC = Path(__file__).parent.parent.parent / "static" / "js"
PROGRAM = """
import {{ readFileSync }} from "node:fs";
import {{ verifyExport }} from "{static}/ledger_export.js";
import {{ readCheckpoint, readKey }} from "{static}/ledger_signatures.js";
const cases = JSON.parse(readFileSync(0, "utf8"));
const answers = {{}};
for (const [name, given] of Object.entries(cases)) {{
  const file = new Blob([Buffer.from(given.file, "base64")]);
  try {{
    const key = given.key ? await readKey(given.key) : null;
    const checkpoint = given.checkpoint ? readCheckpoint(given.checkpoint) : null;
    answers[name] = await verifyExport(file, {{ key, checkpoint }});
  }} catch (error) {{ answers[name] = {{ error: error.message }}; }}
}}
console.log(JSON.stringify(answers));
"""


def checked(folder: Path, cases: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the modules say of each case: {"file": bytes, "key": PEM, "checkpoint": note}."""
    import base64

    for path in STATIC.glob("ledger_*.js"):
        (folder / path.name).write_text(path.read_text())
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "program.mjs").write_text(PROGRAM.format(static="."))
    given = {name: {**case, "file": base64.b64encode(case["file"]).decode()} for name, case in cases.items()}
    command = [str(compute_driver_executable()[0]), "program.mjs"]
    done = subprocess.run(command, cwd=folder, input=json.dumps(given), capture_output=True, text=True, check=True)
    answers: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return answers


def note(size: int, events: list[dict[str, Any]] | None = None) -> str:
    frontier = Frontier()
    for event in (events or ten())[:size]:
        frontier.append(bytes.fromhex(event["leaf"]))
    return sign_note(LEDGER, size, frontier.root(), KEY.private)


def test_honest_exports_are_verified_and_what_was_not_checked_is_said(tmp_path: Path) -> None:
    erased = ten()
    erased[4].update(payload=None, salt=None)
    pem = public_pem(KEY.public)
    more = sealed([{"n": number, "é": "“😀”", "\U0001f600": 1, "￮": 2} for number in range(700)])
    answers = checked(
        tmp_path,
        {
            "whole": {"file": b"".join(written(ten())), "key": pem, "checkpoint": note(7)},
            "no key": {"file": b"".join(written(ten(), {1, 2, 3}))},
            "erased": {"file": b"".join(written(erased)), "key": pem},
            "long": {"file": b"".join(written(more)), "key": pem},
        },
    )
    assert (answers["whole"]["events"], answers["whole"]["signed"]) == (10, KEY.key_id)
    assert not any("checkpoint" in said or "signed" in said for said in answers["whole"]["unchecked"])
    assert (answers["no key"]["events"], answers["no key"]["leftOut"], answers["no key"]["signed"]) == (3, 7, "")
    assert any("no key was given" in said for said in answers["no key"]["unchecked"])
    assert answers["erased"]["erased"] == 1
    assert (answers["long"]["events"], answers["long"]["signed"]) == (700, KEY.key_id)


# What JSON.parse reads without a word: keys that stand twice, 500.0 for 500, and lines of any length or depth.
UNSEEN = {"a key twice inside the payload", "a fraction", "a huge line", "nested for ever", "number true"}


def test_what_verify_finds_the_page_finds_at_the_same_place(tmp_path: Path) -> None:
    cases = {name: {"file": b"".join(lines)} for name, (lines, _, _) in DOCTORED.items() if name not in UNSEEN}
    answers = checked(tmp_path, cases)
    for name in cases:
        assert answers[name].get("error", "").startswith(f"broken at #{DOCTORED[name][1]}: "), (name, answers[name])


def test_forgeries_are_found_by_key_or_checkpoint(tmp_path: Path) -> None:
    forged = {**manifest_of(FORGED), "signature": manifest_of(ten())["signature"]}
    file = b"".join([export.line(forged), *written(FORGED)[1:]])
    honest = b"".join(written(ten()))
    pem = public_pem(KEY.public)
    answers = checked(
        tmp_path,
        {
            "by key": {"file": file, "key": pem},
            "by checkpoint": {"file": file, "checkpoint": note(6)},
            "older state": {"file": b"".join(written(ten()[:6])), "key": pem, "checkpoint": note(9)},
            "checkpoint edited": {"file": honest, "key": pem, "checkpoint": note(6).replace("\n6\n", "\n5\n")},
        },
    )
    assert "the signature over ledger" in answers["by key"]["error"]
    assert answers["by checkpoint"]["error"].startswith("broken at #6: forked")
    assert "an older state shown again" in answers["older state"]["error"]
    assert "was not signed with the key" in answers["checkpoint edited"]["error"]


@pytest.mark.parametrize(("who", "status"), [("olivia", 200), ("vera", 403), ("charlie", 404)])
def test_the_page_is_under_the_ledger(cast: Cast, who: str, status: int) -> None:
    answer = signed_in(getattr(cast, who)).get(f"{cast.path}ledger/check/")
    assert answer.status_code == status
    if status == 200:
        assert b"ledger_check.js" in answer.content
