"""Sources as agents query them: granted columns only, in place, every query logged."""

from typing import Any

from accounts.authority.decide import Act
from orchestration.brains.assignment import ToolFailed
from orchestration.models import Source
from orchestration.sources.files import SourceFile, query
from orchestration.sources.problems import ColumnRefused, SourceProblem
from orchestration.standing import grants_of
from orchestration.tools.context import Arguments, Context, Performed, Tool, described


class ColumnsRefused(ToolFailed):
    """The query named a column outside the grant: the authority's refusal, found out by the source."""


def _source(context: Context, slug: str) -> Source | None:
    found: Source | None = Source.objects.usable_in(context.room).filter(slug=slug).first()
    return found


def _mentioned(arguments: Arguments) -> frozenset[str]:
    filtered = {str(condition[0]) for condition in arguments.get("where") or [] if condition}
    order = (arguments.get("order_by") or "").removeprefix("-").split()[:1]
    return frozenset({*(arguments.get("columns") or []), *filtered, *order})


def _act(context: Context, arguments: Arguments) -> Act:
    source = _source(context, arguments["source"])
    columns = _mentioned(arguments)
    if not arguments.get("columns"):
        granted = granted_columns(context, source) if source else None
        columns = columns | granted if granted else frozenset()  # none named: all that are not personal
    return Act(
        "sources.query",
        f"source:{source.id if source else arguments['source']}",
        needs="view",
        target=arguments["source"],
        columns=columns,
    )


def granted_columns(context: Context, source: Source) -> frozenset[str] | None:
    """Return the columns the turn's agent holds of `source` by name, or None: all that are not personal."""
    held = grants_of(context.run, context.turn.agent).get("sources.query")
    return (held.columns or {}).get(source.slug) if held else None


def _query(context: Context, arguments: Arguments) -> Performed:
    source = _source(context, arguments["source"])
    if source is None:
        raise ToolFailed(f"There is no source {arguments['source']!r} in this room.")
    asked = {name: arguments[name] for name in ("columns", "where", "order_by", "limit") if arguments.get(name)}
    file = SourceFile(source.location, source.format, source.columns)
    try:
        found = query(file, granted_columns(context, source), **asked)
    except ColumnRefused as refusal:
        raise ColumnsRefused(str(refusal)) from refusal
    except SourceProblem as problem:
        raise ToolFailed(f"Source {source.slug}: {problem}") from problem
    result = {
        "columns": found.columns,
        "rows": found.rows,
        "row_count": found.row_count,
        "withheld": found.withheld,
        "more": found.more,
    }
    logged: dict[str, Any] = {
        "source": source.slug,
        "statement": found.statement,
        "columns": found.columns,
        "rows": found.row_count,
        "digest": found.digest,
    }
    total = len(found.columns) + len(set(found.withheld) - set(found.columns))
    saw = f"{source.slug}, {found.row_count} rows, {len(found.columns)} of {total} columns"
    return Performed(result, logged, saw)


QUERY = Tool(
    name="sources.query",
    event="source.queried",
    kind="read",
    description=(
        "Read rows of a source. `where` is a list of [column, operator, value] with operators =, !=, <, <=, >, >=, "
        "in, is null; all conditions must hold."
    ),
    parameters=described(
        {
            "source": {"type": "string", "minLength": 1},
            "columns": {"type": ["array", "null"], "items": {"type": "string"}},
            "where": {"type": "array", "items": {"type": "array", "minItems": 2, "maxItems": 3}},
            "order_by": {"type": ["string", "null"]},
            "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
        },
        "source",
    ),
    act=_act,
    perform=_query,
)
