"""Rules of a team as CEL: exceptions that call people, and checks that an output must pass.

CEL has no loops without end, but loops within loops can still hold a worker for minutes, and the library has no limit
of time: a rule may be 2,000 characters long and may not nest them.
"""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cel

NAMES = frozenset({"agent", "input", "output"})
LONGEST = 2_000
LOOPS = frozenset({"all", "exists", "exists_one", "existsOne", "map", "filter"})
TEXT_AND_LISTS = {"size", "contains", "startsWith", "endsWith", "matches"}
KINDS = {"int", "uint", "double", "string", "bytes", "type", "dyn", "timestamp", "duration"}
TIMES = {"getFullYear", "getMonth", "getDate", "getDayOfWeek", "getHours", "getMinutes"}
FUNCTIONS = frozenset(TEXT_AND_LISTS | KINDS | TIMES)
TOKEN = re.compile(
    r"""(?s)//[^\n]*"""
    r"""|(?:[rR][bB]?|[bB][rR])(?:'''.*?'''|\"\"\".*?\"\"\"|'[^'\n]*'|"[^"\n]*")"""
    r"""|[bB]?(?:'''(?:\\.|.)*?'''|\"\"\"(?:\\.|.)*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")"""
    r"""|(?P<code>[A-Za-z_]\w*|[.,()])|."""
)


class RuleError(ValueError):
    """A rule that cannot be read or worked out; the text says why."""


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule said yes, or (`broken`) could not be worked out, which counts the same."""

    reason: str
    broken: bool = False


def fires(rule: str, context: Mapping[str, Any]) -> Fired | None:
    """Whether people have to look; a rule that errors counts as fired. `context` has the names of `NAMES`."""
    try:
        return Fired(rule) if _truth(rule, context) else None
    except RuleError as error:
        return Fired(f"The rule {rule} could not be worked out: {error}.", broken=True)


def check(rule: str, context: Mapping[str, Any]) -> str | None:
    """Why an output does not pass, or None when it does; a rule that errors does not pass."""
    try:
        return None if _truth(rule, context) else f"The check {rule} does not hold."
    except RuleError as error:
        return f"The check {rule} could not be worked out: {error}."


def evaluate(rule: str, context: Mapping[str, Any]) -> Any:
    """The value of a CEL expression; raises RuleError."""
    try:
        return _program(rule).execute(dict(context))
    except KeyError as error:
        raise RuleError(f"there is no {error.args[0]}") from error
    except TypeError as error:
        raise RuleError("it compares or adds values of different kinds") from error
    except (ArithmeticError, IndexError, RuntimeError, ValueError) as error:
        raise error if isinstance(error, RuleError) else RuleError(str(error).split(". ")[0].strip()) from error


def mistakes(rule: str, known: Set[str] = NAMES) -> list[str]:
    """What is wrong with a rule over `known` before it ever runs: syntax, unknown names and functions, nested loops."""
    try:
        program = _program(rule)
    except RuleError as error:
        return [str(error)]
    bound = set(re.findall(r"\.\s*(?:" + "|".join(LOOPS) + r")\s*\(\s*(\w+)\s*,", rule))
    unknown = sorted(set(program.variables()) - known - bound)
    foreign = sorted(name for name in program.functions() if name.isidentifier() and name not in FUNCTIONS)
    names = [f"nothing is called {name}; a rule knows {', '.join(sorted(known))}" for name in unknown]
    return names + [f"there is no function {name}" for name in foreign]


def _truth(rule: str, context: Mapping[str, Any]) -> bool:
    value = evaluate(rule, context)
    if not isinstance(value, bool):
        raise RuleError(f"it gives {str(value)[:40]}, neither true nor false")
    return value


@lru_cache(maxsize=1024)
def _program(rule: str) -> cel.Program:
    if len(rule) > LONGEST:
        raise RuleError(f"it is longer than {LONGEST:,} characters")
    try:
        program = cel.compile(rule)
    except ValueError as error:
        raise RuleError(_syntax(str(error))) from error
    if _nests_loops(rule):
        raise RuleError(f"it has a loop ({', '.join(sorted(LOOPS))}) within a loop")
    return program


def _syntax(message: str) -> str:
    """The first complaint of the parser, with its column: `column 9: extraneous input …`."""
    found = re.search(r"ERROR: <input>:(\d+):(\d+): (?:Syntax error: )?([^\n|]*)", message)
    return f"column {found[2]}: {found[3][:120].strip()}" if found else "it is not CEL"


def _nests_loops(rule: str) -> bool:
    code = [match["code"] for match in TOKEN.finditer(rule) if match["code"]]
    open_brackets: list[bool] = []
    for before, name, piece in zip(["", "", *code], ["", *code], code, strict=False):
        if piece == "(":
            is_loop = before == "." and name in LOOPS
            if is_loop and any(open_brackets):
                return True
            open_brackets.append(is_loop)
        elif piece == ")" and open_brackets:
            open_brackets.pop()
    return False
