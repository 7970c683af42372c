"""Files as sources: CSV, Parquet and JSON, read in place through DuckDB, one file and nothing else in reach."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from orchestration.sources.deadlines import interrupted_after
from orchestration.sources.layouts import Layout, layout_of, reason_of
from orchestration.sources.locked import locked_connection
from orchestration.sources.problems import QueryInvalid, QueryTimeout, SourceUnreadable
from orchestration.sources.statements import select_statement

MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of records. `columns` says what is known about a column, e.g. `{"age": {"personal": True}}`."""

    location: str
    format: str = "csv"
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def personal(self) -> frozenset[str]:
        """The columns marked personal."""
        return frozenset(name for name, about in self.columns.items() if about.get("personal"))


@dataclass(frozen=True, slots=True)
class Result:
    """What left the source. Cells are text or None; `digest` is SHA-256 over columns and rows as compact JSON.

    `withheld` names columns of the file outside the grant, `more` says that the limit cut the result short, and
    `statement` is the SELECT with `?` where values were bound.
    """

    columns: list[str]
    rows: list[list[str | None]]
    row_count: int
    withheld: list[str]
    digest: str
    statement: str
    more: bool


def query(
    source: SourceFile,
    granted: frozenset[str] | None = None,
    columns: Sequence[str] | None = None,
    where: Sequence[Sequence[Any]] = (),
    order_by: str | None = None,
    limit: int = 100,
    timeout: float = 10.0,
) -> Result:
    """Read `columns` (None: all granted ones) of the rows that satisfy every condition of `where`.

    `granted=None` grants every column not marked personal; a set grants exactly these. Selecting, filtering and
    sorting all need the grant. `timeout` is in seconds. Raises ColumnRefused, QueryInvalid, QueryTimeout and
    SourceUnreadable; see `select_statement` for conditions and order.
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST_ROWS:
        raise QueryInvalid(f"limit must be a whole number from 1 to {MOST_ROWS}; got {limit!r}.")
    layout = layout_of(source.location, source.format)
    permitted = granted if granted is not None else frozenset(layout.columns) - source.personal()
    allowed = [name for name in layout.columns if name in permitted]
    wanted = list(columns) if columns is not None else allowed
    if not wanted:
        raise QueryInvalid("The query selects no column.")
    statement, parameters = select_statement(layout.relation, allowed, wanted, where, order_by, limit + 1)
    rows = _run(layout, statement, parameters, timeout)
    more, rows = len(rows) > limit, rows[:limit]
    digest = hashlib.sha256(json.dumps([wanted, rows], separators=(",", ":")).encode()).hexdigest()
    withheld = [name for name in layout.columns if name not in permitted]
    shown = statement.replace(layout.relation, layout.path.name, 1)
    return Result(wanted, rows, len(rows), withheld, digest, shown, more)


def header(source: SourceFile) -> tuple[str, ...]:
    """The names of the file's columns, in order; raises SourceUnreadable."""
    return layout_of(source.location, source.format).columns


def _run(layout: Layout, statement: str, parameters: list[Any], timeout: float) -> list[list[str | None]]:
    connection = locked_connection(layout.path)
    try:
        with interrupted_after(timeout, connection.interrupt):
            return [list(row) for row in connection.execute(statement, parameters).fetchall()]
    except duckdb.InterruptException as error:
        raise QueryTimeout(
            f"The query on {layout.path.name} took longer than {timeout:g} s and was stopped."
        ) from error
    except duckdb.Error as error:
        raise SourceUnreadable(f"{layout.path.name} could not be read: {reason_of(error, layout.path)}") from error
