"""Connections that can reach one file and nothing else."""

import threading
from collections import OrderedDict
from pathlib import Path

import duckdb

KEPT_A_THREAD = 8

_kept = threading.local()


def locked_connection(path: Path) -> duckdb.DuckDBPyConnection:
    """An in-memory connection of this thread whose only reachable file is `path`; no settings, no extensions.

    A few are kept because opening one costs more than a query; it holds no data between queries.
    """
    connections: OrderedDict[Path, duckdb.DuckDBPyConnection] = _kept.__dict__.setdefault("by_path", OrderedDict())
    connection = connections.pop(path, None) or _open(path)
    connections[path] = connection
    if len(connections) > KEPT_A_THREAD:
        connections.popitem(last=False)[1].close()
    return connection


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "memory_limit": "512MB",
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    literal = str(path).replace("'", "''")
    connection.execute(f"SET allowed_paths = ['{literal}']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
