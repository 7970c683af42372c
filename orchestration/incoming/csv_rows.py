"""Rows of a CSV file that are to become runs: read whole, or refused with every wrong line named."""

import csv
import io

from accounts.errors import Invalid

MOST_ROWS = 5_000
MOST_COLUMNS = 200
MOST_NAMED = 20
Row = dict[str, str]


def read_rows(name: str, content: bytes) -> list[Row]:
    """Return one mapping of column to text for each line below the header; blank lines are left out.

    Raises Invalid for what is not UTF-8 or no CSV, a header with empty or repeated names, a line with more or fewer
    cells than the header, no rows at all, or too many; `errors` names the lines.
    """
    reader = csv.reader(io.StringIO(_text(name, content), newline=""), strict=True)
    rows: list[Row] = []
    errors: list[tuple[str, str]] = []
    try:
        header = _header(name, next(reader, []))
        for cells in reader:
            if len(cells) == len(header):
                rows.append(dict(zip(header, cells, strict=True)))
            elif cells:
                errors.append((f"line {reader.line_num}", f"expected {len(header)} cells, found {len(cells)}"))
            if len(rows) > MOST_ROWS:
                raise Invalid(f"{name} has more than {MOST_ROWS:,} rows.", [("file", "expected fewer; split it")])
    except csv.Error as error:
        errors.append((f"line {reader.line_num}", str(error)))
    if errors:
        raise Invalid(f"{name} cannot be read: {errors[0][0]}: {errors[0][1]}.", errors[:MOST_NAMED])
    if not rows:
        raise Invalid(f"{name} has no rows below its header.", [("file", "expected at least one row")])
    return rows


def _text(name: str, content: bytes) -> str:
    if (where := content.find(b"\0")) >= 0:
        line = content.count(b"\n", 0, where) + 1
        raise Invalid(f"{name} holds a NUL byte in line {line}.", [(f"line {line}", "remove the NUL byte")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Invalid(f"{name} is not UTF-8: line {line}.", [(f"line {line}", "save the file as UTF-8")]) from None


def _header(name: str, cells: list[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    if not header or not all(header) or len(header) > MOST_COLUMNS:
        expected = f"expected 1 to {MOST_COLUMNS} column names, none empty"
        raise Invalid(f"{name} does not begin with a line of column names.", [("line 1", expected)])
    if twice := sorted({cell for cell in header if header.count(cell) > 1}):
        raise Invalid(f"{name} names a column twice.", [("line 1", f"{', '.join(twice)} occurs more than once")])
    return header
