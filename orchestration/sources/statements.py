"""From a request (columns, conditions, order) to one SELECT in which every value is a bound parameter."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from orchestration.sources.problems import ColumnRefused, QueryInvalid

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
OPERATORS = (*COMPARISONS, "in", "is null")
MOST_VALUES = 1000


def quoted(column: str) -> str:
    """`column` as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def select_statement(
    relation: str,
    allowed: Collection[str],
    columns: Sequence[str],
    where: Sequence[Sequence[Any]],
    order_by: str | None,
    limit: int,
) -> tuple[str, list[Any]]:
    """The SELECT and its parameters, over a `relation` whose columns are all text.

    A condition is `[column, operator, value]` (`[column, "is null"]` may omit the value); a number compares as
    a number (cells that are none never match), text as text, so ISO dates order rightly. `order_by` is a column,
    `-column` for descending; numbers come before text. Raises ColumnRefused and QueryInvalid.
    """
    selected = ", ".join(_granted(column, allowed) for column in columns)
    parameters: list[Any] = []
    conditions = [_condition(item, allowed, parameters) for item in where]
    parts = [f"SELECT {selected} FROM {relation}"]
    if conditions:
        parts.append("WHERE " + " AND ".join(conditions))
    if order_by:
        column, direction = (order_by[1:], "DESC") if order_by.startswith("-") else (order_by, "ASC")
        name = _granted(column, allowed)
        parts.append(f"ORDER BY TRY_CAST({name} AS DOUBLE) {direction} NULLS LAST, {name} {direction}")
    parts.append(f"LIMIT {limit:d}")
    return " ".join(parts), parameters


def _granted(column: Any, allowed: Collection[str]) -> str:
    if not isinstance(column, str) or column not in allowed:
        raise ColumnRefused(str(column), allowed)
    return quoted(column)


def _condition(item: Sequence[Any], allowed: Collection[str], parameters: list[Any]) -> str:
    if isinstance(item, str) or not 2 <= len(item) <= 3:
        raise QueryInvalid(f"A condition is [column, operator, value]; got {item!r}.")
    name, operator = _granted(item[0], allowed), item[1]
    value = item[2] if len(item) == 3 else None
    if operator == "is null":
        return f"{name} IS NULL"
    if operator == "in":
        return _membership(name, item[0], value, parameters)
    if operator not in COMPARISONS:
        raise QueryInvalid(f"Unknown operator {operator!r} for {item[0]!r}; expected one of {', '.join(OPERATORS)}.")
    return f"{_comparable(name, item[0], value, parameters)} {operator} ?"


def _membership(name: str, column: str, value: Any, parameters: list[Any]) -> str:
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_VALUES:
        raise QueryInvalid(f"'in' for {column!r} needs a list of 1 to {MOST_VALUES} values.")
    return "(" + " OR ".join(f"{_comparable(name, column, each, parameters)} = ?" for each in value) + ")"


def _comparable(name: str, column: str, value: Any, parameters: list[Any]) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise QueryInvalid(f"A value for {column!r} must be text or a number; got {type(value).__name__}.")
    parameters.append(value if isinstance(value, str) else float(value))
    return name if isinstance(value, str) else f"TRY_CAST({name} AS DOUBLE)"
