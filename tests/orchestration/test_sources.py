"""Files queried in place: only granted columns, bound values, one file in reach, clear errors."""

import hashlib
import json
import os
import threading
from pathlib import Path

import duckdb
import pytest

from orchestration.sources.files import SourceFile, header, query
from orchestration.sources.locked import locked_connection
from orchestration.sources.problems import ColumnRefused, QueryInvalid, QueryTimeout, SourceUnreadable

ROWS = """policy_number,bind_date,deductible,city,age
007,2014-01-02,500,?,31
008,2014-03-01,1000,"Arl,ington",44
009,2015-02-11,2000,Columbus,
"""


@pytest.fixture
def policies(tmp_path: Path) -> SourceFile:
    path = tmp_path / "policies.csv"
    path.write_text(ROWS)
    return SourceFile(str(path), "csv", {"age": {"personal": True}})


def test_cells_come_back_as_the_source_holds_them(policies: SourceFile) -> None:
    result = query(policies)
    assert result.columns == ["policy_number", "bind_date", "deductible", "city"]
    assert result.rows[0] == ["007", "2014-01-02", "500", "?"]
    assert result.rows[1][3] == "Arl,ington"
    assert (result.row_count, result.withheld, result.more) == (3, ["age"], False)
    compact = json.dumps([result.columns, result.rows], separators=(",", ":"))
    assert result.digest == hashlib.sha256(compact.encode()).hexdigest()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (["deductible", "=", "1000"], ["008"]),
        (["deductible", ">", 500], ["008", "009"]),
        (["deductible", "<=", 1000], ["007", "008"]),
        (["policy_number", "=", 9], ["009"]),
        (["policy_number", "!=", "009"], ["007", "008"]),
        (["bind_date", "<", "2014-02-01"], ["007"]),
        (["city", "in", ["?", "Columbus"]], ["007", "009"]),
        (["age", "is null"], ["009"]),
        (["city", "=", "x' OR 1=1 --"], []),
    ],
)
def test_conditions(policies: SourceFile, condition: list[object], expected: list[str]) -> None:
    everything = frozenset(header(policies))
    result = query(policies, everything, ["policy_number"], [condition])
    assert [row[0] for row in result.rows] == expected


def test_order_and_limit(policies: SourceFile) -> None:
    result = query(policies, columns=["policy_number"], order_by="-deductible", limit=2)
    assert result.rows == [["009"], ["008"]]
    assert result.more


@pytest.mark.parametrize(
    "request_", [{"columns": ["age"]}, {"where": [["age", ">", 1]]}, {"order_by": "age"}, {"order_by": "-age"}]
)
def test_a_personal_column_can_be_neither_read_nor_filtered_nor_sorted(
    policies: SourceFile, request_: dict[str, object]
) -> None:
    with pytest.raises(ColumnRefused, match="'age' is not granted") as refused:
        query(policies, **request_)  # type: ignore[arg-type]
    assert refused.value.column == "age"
    assert query(policies, frozenset({"age"}), ["age"]).row_count == 3


def test_a_missing_column_is_refused_with_the_words_of_a_forbidden_one(policies: SourceFile) -> None:
    with pytest.raises(ColumnRefused, match="'shoe_size' is not granted"):
        query(policies, columns=["shoe_size"])


def test_a_set_grants_exactly_its_columns(policies: SourceFile) -> None:
    result = query(policies, frozenset({"policy_number", "city"}))
    assert result.columns == ["policy_number", "city"]
    assert result.withheld == ["bind_date", "deductible", "age"]
    with pytest.raises(ColumnRefused):
        query(policies, frozenset({"policy_number"}), where=[["deductible", ">", 1]])


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"limit": 0}, "limit must be"),
        ({"limit": 10**6}, "limit must be"),
        ({"where": [["city", "like", "A%"]]}, "Unknown operator 'like'"),
        ({"where": [["city", "in", []]]}, "needs a list"),
        ({"where": [["city", "=", None]]}, "must be text or a number"),
        ({"where": ["city"]}, "condition is"),
        ({"columns": []}, "selects no column"),
    ],
)
def test_malformed_requests_say_what_is_wrong(policies: SourceFile, request_: dict[str, object], message: str) -> None:
    with pytest.raises(QueryInvalid, match=message):
        query(policies, **request_)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "is not there"), (b"", "0 bytes"), (b"a,b\n1,\x002\n", "NUL bytes"), (b"a,b\n1,2\n3,4,5,6\n", "rows.csv")],
)
def test_unreadable_files_are_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "rows.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceUnreadable, match=message) as problem:
        query(SourceFile(str(path)))
    assert str(tmp_path) not in str(problem.value)


@pytest.mark.parametrize("location", ["/tmp/*.csv", "https://example.org/a.csv", "s3://bucket/a.csv"])
def test_patterns_and_addresses_are_not_locations(location: str) -> None:
    with pytest.raises(SourceUnreadable, match="not the path of one file"):
        query(SourceFile(location))


@pytest.mark.parametrize("format", ["parquet", "json"])
def test_typed_formats_read_like_text(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"rows.{format}"
    if format == "parquet":
        row = "SELECT 7 AS number, DATE '2015-01-02' AS day, NULL::VARCHAR AS city"
        duckdb.sql(f"COPY ({row}) TO '{path}' (FORMAT parquet)")
    else:
        path.write_text('[{"number": 7, "day": "2015-01-02", "city": null}]')
    result = query(SourceFile(str(path), format), where=[["number", ">=", 7], ["day", "<", "2015-02-01"]])
    assert result.rows == [["7", "2015-01-02", None]]


def test_a_changed_file_is_read_anew(policies: SourceFile) -> None:
    query(policies)
    path = Path(policies.location)
    path.write_text("policy_number,colour\n1,red\n")
    os.utime(path, ns=(1, 1))
    assert query(policies).rows == [["1", "red"]]


def test_a_connection_reaches_its_file_only(policies: SourceFile, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("secret\n1\n")
    connection = locked_connection(Path(policies.location))
    for statement in (
        f"SELECT * FROM read_csv('{other}')",
        f"COPY (SELECT 1) TO '{other}'",
        f"ATTACH '{tmp_path}/x.db'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(statement)
    assert other.read_text() == "secret\n1\n"


def test_a_slow_query_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("n\n" + "\n".join(str(number) for number in range(400_000)))
    with pytest.raises(QueryTimeout, match="took longer than"):
        query(SourceFile(str(path)), order_by="-n", limit=10_000, timeout=0.001)
    assert query(SourceFile(str(path)), limit=1).rows == [["0"]]


def test_threads_do_not_share_connections(policies: SourceFile) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(query(policies).row_count)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [3, 3, 3, 3]
