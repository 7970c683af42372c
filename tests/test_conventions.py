"""The house rules a linter does not know: how long a file and a function may be, and what names may not exist."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FUNCTION_LINES = 40
TEMPLATE_LINES, TEST_LINES, MODULE_LINES = 120, 300, 200
HOMELESS = {"utils", "helpers", "core", "services", "common", "misc"}


def kept_files() -> list[Path]:
    """Every file under version control or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def line_limit(path: Path) -> int | None:
    """The most lines that `path` (relative to the root) may have; None where there is no limit."""
    if path.suffix in {".html", ".jinja", ".txt"} and path.parts[0] == "templates":
        return TEMPLATE_LINES
    if path.suffix not in {".py", ".js"} or "migrations" in path.parts:
        return None
    return TEST_LINES if path.parts[0] == "tests" else MODULE_LINES


def findings(path: Path, text: str) -> Iterator[str]:
    """Every broken rule in a file, as `path:line: what`."""
    limit = line_limit(path)
    lines = len(text.splitlines())
    if limit is not None and lines > limit:
        yield f"{path}:{lines}: {lines} lines, at most {limit}: split it by meaning"
    if HOMELESS & {path.stem, *path.parts}:
        yield f"{path}:1: name the file by what it does"
    if path.suffix == ".py" and "migrations" not in path.parts:
        try:
            yield from long_functions(path, ast.parse(text))
        except SyntaxError as error:
            yield f"{path}:{error.lineno}: not Python 3.11: {error.msg}"


def long_functions(path: Path, tree: ast.AST) -> Iterator[str]:
    """Every function longer than the limit, its docstring not counted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if ast.get_docstring(node):
                lines -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {lines} lines, at most {FUNCTION_LINES}"


def all_findings() -> list[str]:
    """Every broken rule in the tree."""
    kinds = {".py", ".js", ".html", ".jinja", ".txt"}
    files = [path for path in kept_files() if path.suffix in kinds]
    return [found for path in files for found in findings(path.relative_to(ROOT), path.read_text())]


def test_the_tree_keeps_the_rules() -> None:
    assert all_findings() == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("accounts/a.py", "x = 1\n" * 201, "201 lines"),
        ("accounts/a.py", "x = 1\n" * 200, None),
        ("tests/test_a.py", "x = 1\n" * 301, "301 lines"),
        ("templates/a/b.html", "x\n" * 121, "121 lines"),
        ("accounts/utils.py", "", "name the file"),
        ("accounts/a.py", "def f():\n" + "    x = 1\n" * 40, "f has 41 lines"),
        ("accounts/a.py", "def f():\n    '''Said.'''\n" + "    x = 1\n" * 39, None),
        ("accounts/a.py", "def f[T](): ...", "a.py:1: not Python"),
        ("accounts/migrations/0001.py", "x = 1\n" * 900, None),
    ],
)
def test_a_broken_rule_is_found(path: str, text: str, expected: str | None) -> None:
    found = list(findings(Path(path), text))
    assert (expected in found[0]) if expected else (found == [])


if __name__ == "__main__":
    broken = all_findings()
    print("\n".join(broken) or "files and functions are within their limits")
    sys.exit(bool(broken))
