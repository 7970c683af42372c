"""What can go wrong with a query; each text is fit to be shown to the person or agent that asked."""

from collections.abc import Collection


class SourceProblem(Exception):
    """A query was not answered; the text says what is wrong, where, and what was expected."""


class SourceUnreadable(SourceProblem):
    """The data itself is missing, empty or not in the format the source says."""


class QueryInvalid(SourceProblem):
    """The request is malformed: an unknown operator, a limit out of range, a value of a wrong type."""


class QueryTimeout(SourceProblem):
    """The query was interrupted because it ran longer than it may."""


class ColumnRefused(SourceProblem):
    """The request names a column outside the grant. A column that does not exist is refused with the same words."""

    def __init__(self, column: str, allowed: Collection[str]) -> None:
        super().__init__(f"Column {column!r} is not granted; granted are: {', '.join(sorted(allowed)) or 'none'}.")
        self.column = column
