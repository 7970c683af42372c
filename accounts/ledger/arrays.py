"""Arrays of many rows' values for one call, in PostgreSQL's binary form.

psycopg's own dumpers look for the kind of every value anew, which costs more than the rest of appending one event.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from struct import pack
from typing import Any, ClassVar

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

EPOCH, MICROSECOND = datetime(2000, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
NULL = pack("!i", -1)


class Array(ABC):
    """Values of one kind, None among them. `element` is the OID of that kind, `oid` that of its array."""

    element: ClassVar[int]
    oid: ClassVar[int]

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = values

    @abstractmethod
    def binary(self, value: Any) -> bytes:
        """Return one value as PostgreSQL receives it."""

    def dumped(self) -> bytes:
        """Return the array as PostgreSQL receives it."""
        parts = [pack("!iiIii", 1, 1, self.element, len(self.values), 1)]
        for value in self.values:
            if value is None:
                parts.append(NULL)
            else:
                data = self.binary(value)
                parts += (pack("!i", len(data)), data)
        return b"".join(parts)


class UUIDs(Array):
    """uuid[]"""

    element, oid = 2950, 2951

    def binary(self, value: Any) -> bytes:
        found: bytes = value.bytes
        return found


class Texts(Array):
    """text[]"""

    element, oid = 25, 1009

    def binary(self, value: Any) -> bytes:
        encoded: bytes = value.encode()
        return encoded


class Bytes(Array):
    """bytea[]"""

    element, oid = 17, 1001

    def binary(self, value: Any) -> bytes:
        return bytes(value)


class Instants(Array):
    """timestamptz[]"""

    element, oid = 1184, 1185

    def binary(self, value: Any) -> bytes:
        return pack("!q", (value - EPOCH) // MICROSECOND)


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> bytes:
        return obj.dumped()


for _kind in (UUIDs, Texts, Bytes, Instants):
    psycopg.adapters.register_dumper(_kind, type(f"_{_kind.__name__}", (_ArrayDumper,), {"oid": _kind.oid}))
