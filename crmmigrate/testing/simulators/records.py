"""The state of a simulated CRM: records in a SQLite file."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

__all__ = ["RecordStore", "StoredRecord"]

_TABLES = """
CREATE TABLE IF NOT EXISTS record (
    number INTEGER PRIMARY KEY AUTOINCREMENT, object TEXT NOT NULL, id TEXT NOT NULL,
    fields TEXT NOT NULL, created REAL NOT NULL, modified REAL NOT NULL, deleted INTEGER NOT NULL,
    UNIQUE (object, id));
"""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record as it is stored; times are seconds since 1970."""

    number: int
    object: str
    id: str
    fields: dict[str, Any]
    created: float
    modified: float
    deleted: bool


@dataclass
class RecordStore:
    """Records of all objects; may be used by several threads.

    Attributes:
        path: The file.
    """

    path: Path
    _lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        self._connection = sqlite3.connect(
            self.path, check_same_thread=False, isolation_level=None, timeout=10
        )
        self._connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;")
        self._connection.executescript(_TABLES)

    @property
    def lock(self) -> RLock:
        """Held over a rule and the write that depends on it."""
        return self._lock

    def insert(self, object_: str, id_: str, fields: dict[str, Any], now: float) -> StoredRecord:
        """Add a record."""
        self._run(
            "INSERT INTO record (object, id, fields, created, modified, deleted)"
            " VALUES (?, ?, ?, ?, ?, 0)",
            (object_, id_, json.dumps(fields), now, now),
        )
        return self._surely(object_, id_)

    def change(self, object_: str, id_: str, fields: dict[str, Any], now: float) -> StoredRecord:
        """Replace the fields of a record, and bring it back if it was deleted."""
        self._run(
            "UPDATE record SET fields = ?, modified = ?, deleted = 0 WHERE object = ? AND id = ?",
            (json.dumps(fields), now, object_, id_),
        )
        return self._surely(object_, id_)

    def delete(self, object_: str, id_: str, now: float) -> None:
        """Mark a record as deleted."""
        self._run(
            "UPDATE record SET deleted = 1, modified = ? WHERE object = ? AND id = ?",
            (now, object_, id_),
        )

    def get(self, object_: str, id_: str, *, deleted: bool = False) -> StoredRecord | None:
        """Return a record, deleted ones only if they are wanted."""
        rows = self._found("object = ? AND id = ?", (object_, id_))
        return next((row for row in rows if deleted or not row.deleted), None)

    def where(
        self, object_: str, key: str, values: Sequence[str], *, deleted: bool = False
    ) -> list[StoredRecord]:
        """Return records whose field has one of the values."""
        marks = ", ".join("?" * len(values))
        place = "id" if key == "id" else "json_extract(fields, ?)"
        path = [] if key == "id" else [f'$."{key}"']
        rows = self._found(f"object = ? AND {place} IN ({marks})", (object_, *path, *values))
        return [row for row in rows if deleted or not row.deleted]

    def all(self, object_: str, since: float = 0.0) -> list[StoredRecord]:
        """Return live records in the order of their creation."""
        return self._found("object = ? AND deleted = 0 AND modified >= ?", (object_, since))

    def everything(self) -> list[StoredRecord]:
        """Return all records, deleted ones too."""
        return self._found("1", ())

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _surely(self, object_: str, id_: str) -> StoredRecord:
        found = self.get(object_, id_, deleted=True)
        if found is None:
            raise KeyError(id_)
        return found

    def _found(self, where: str, values: Sequence[object]) -> list[StoredRecord]:
        sql = (
            "SELECT number, object, id, fields, created, modified, deleted"  # noqa: S608 - our own words
            f" FROM record WHERE {where} ORDER BY number"
        )
        with self._lock, closing(self._connection.execute(sql, tuple(values))) as cursor:
            rows = cursor.fetchall()
        return [
            StoredRecord(r[0], r[1], r[2], json.loads(r[3]), r[4], r[5], bool(r[6])) for r in rows
        ]

    def _run(self, sql: str, values: Sequence[object]) -> None:
        with self._lock:
            self._connection.execute(sql, tuple(values)).close()
