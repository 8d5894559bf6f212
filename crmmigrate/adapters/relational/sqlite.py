"""SQLite: one file, made by the first write."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    Select,
    Text,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from crmmigrate.adapters.relational.dialect import Bulk, Refused, Told
from crmmigrate.adapters.relational.storage import Form, Slot
from crmmigrate.adapters.relational.writing import apply_rows
from crmmigrate.errors import CorruptError, RemoteError, StorageError

__all__ = ["BUSY_MS", "SQLite"]

_MARK = 0x43524D45
"""`PRAGMA application_id` of our files ("CRME"), so that no other database is written to."""
BUSY_MS = 10_000
"""How long a lock of another program is waited for."""


class SQLite:
    """The dialect of SQLite."""

    name = "SQLite"
    begin = "BEGIN IMMEDIATE"
    begin_reading = ""

    def types(self) -> Mapping[str, TypeEngine[Any]]:
        """Return column types."""
        words: dict[str, TypeEngine[Any]] = dict.fromkeys(("name", "text", "stamp"), Text())
        flag = Boolean(create_constraint=False)
        return {"id": Integer(), "link": BigInteger(), "flag": flag, "blob": LargeBinary(), **words}

    def engine(self, url: str) -> Engine:
        """Return an engine that opens the file anew for each connection."""
        engine = create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
            connect_args={"timeout": BUSY_MS / 1000},
        )
        event.listen(engine, "connect", _configure)
        return engine

    def columns(self, connection: Connection, table: str) -> set[str]:
        """Return the columns a table has."""
        rows = connection.execute(text("SELECT name FROM pragma_table_info(:t)"), {"t": table})
        return {row[0] for row in rows}

    def is_ours(self, connection: Connection) -> bool | None:
        """Tell by the file's application id."""
        mark = connection.exec_driver_sql("PRAGMA application_id").scalar()
        filled = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
        return True if mark == _MARK else False if filled else None

    def claim(self, connection: Connection) -> None:
        """Set the application id."""
        connection.exec_driver_sql(f"PRAGMA application_id = {_MARK}")

    def rules(self, slot: Slot) -> Mapping[Form, str]:
        """Return by form the condition that a filled column must meet."""
        name = f'"{slot.name}"'
        return {
            Form.BOOLEAN: f"{name} IN (0, 1)",
            # "+0 days" makes SQLite compute the day, so that 30 February becomes another one.
            Form.DATE: f"date({name}, '+0 days') IS {name}",
            Form.DATETIME: f"datetime({name}) IS NOT NULL "
            f"AND date(substr({name}, 1, 10), '+0 days') IS substr({name}, 1, 10)",
            Form.NUMBER: f"{name} GLOB '*[0-9]*' AND ltrim({name}, '+-') NOT GLOB '*[^0-9.]*' "
            f"AND {name} NOT GLOB '*.*.*'",
        }

    def length(self, column: str) -> str:
        """Return the number of characters."""
        return f"length({column})"

    def guards(self, links: Sequence[tuple[str, Slot]], objects: Sequence[str]) -> Iterator[str]:
        """Yield triggers."""
        for object_, slot in links:
            for moment in ("INSERT", f"UPDATE OF {slot.columns[0]}, {slot.columns[1]}"):
                yield _link_guard(object_, slot, moment)
            for referenced in slot.field.references:
                yield _referenced_guard(object_, slot, referenced)
        for object_ in objects:
            yield _stamp_guard(object_)

    def among(self, column: ColumnElement[object], values: pl.Series) -> ColumnElement[bool]:
        """Hand the values over as one parameter, however many they are."""
        document = json.dumps(values.drop_nulls().to_list())
        listed = select(func.json_each(document).table_valued("value").c.value)
        return column.in_(listed.scalar_subquery())

    def frames(
        self, connection: Connection, query: Select[Any], schema: pl.Schema, size: int
    ) -> Iterator[pl.DataFrame]:
        """Yield the driver's own tuples: no conversion a row at a time."""
        cursor = connection.execute(query).cursor
        while cursor is not None and (rows := cursor.fetchmany(size)):
            yield pl.DataFrame(rows, schema=schema, orient="row", strict=False)

    def storable(self, column: str) -> None:
        """Every text can be held."""
        del column

    def insert(self, connection: Connection, bulk: Bulk) -> Iterator[Refused]:
        """Insert by one prepared statement."""
        names = bulk.values.columns
        columns, marks = ", ".join(f'"{n}"' for n in names), ", ".join("?" * len(names))
        sql = f"INSERT INTO {bulk.named} ({columns}) VALUES ({marks}){_unless_there(bulk)}"  # noqa: S608 - names of the model
        return apply_rows(connection, sql, bulk.values.rows())

    def update(self, connection: Connection, bulk: Bulk) -> Iterator[Refused]:
        """Update by one prepared statement."""
        names = [n for n in bulk.values.columns if n != "_id"]
        sets = ", ".join([*(f'"{n}" = ?' for n in names), *bulk.extra])
        sql = f'UPDATE {bulk.named} SET {sets} WHERE "{bulk.key}" = ?'  # noqa: S608 - names of the model
        return apply_rows(connection, sql, bulk.values.select(*names, "_id").rows())

    def delete(self, connection: Connection, bulk: Bulk) -> Iterator[Refused]:
        """Delete by one prepared statement."""
        sql = f'DELETE FROM {bulk.named} WHERE "{bulk.key}" = ?'  # noqa: S608 - names of the model
        return apply_rows(connection, sql, bulk.values.select("_id").rows())

    def read_refusal(self, error: BaseException) -> Told:
        """Read SQLite's sentence."""
        said = str(error)
        for start, kind in _SENTENCES.items():
            if said.startswith(start):
                name = said.removeprefix(start).strip(" :")
                return Told(kind, name.rpartition(".")[2] if kind in {"missing", "twice"} else name)
        if said.startswith(("LINK ", "REFERENCED ")):
            return Told("guard", said)
        return Told("other", said)

    def translate(self, error: DBAPIError | BaseException, where: str) -> Exception:
        """Return our error for what SQLite says about the file as a whole."""
        return _translated(error.orig if isinstance(error, DBAPIError) else error, where)


_SENTENCES = {
    "CHECK constraint failed": "check",
    "NOT NULL constraint failed": "missing",
    "UNIQUE constraint failed": "twice",
    "FOREIGN KEY constraint failed": "link",
}


def _unless_there(bulk: Bulk) -> str:
    return f' ON CONFLICT("{bulk.once}") DO NOTHING' if bulk.once else ""


def _configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    try:
        for pragma in (
            "foreign_keys = ON",
            f"busy_timeout = {BUSY_MS}",
            "synchronous = FULL",
        ):
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


def _link_guard(object_: str, slot: Slot, moment: str) -> str:
    number, kind = slot.columns
    missing = " OR ".join(
        f'(NEW."{kind}" = \'{o}\' AND NOT EXISTS (SELECT 1 FROM "{o}" WHERE id = NEW."{number}"))'  # noqa: S608 - names of the model
        for o in slot.field.references
    )
    name = f"link_{object_}_{slot.name}_{moment.split(maxsplit=1)[0].lower()}"
    return (
        f'CREATE TRIGGER IF NOT EXISTS "{name}" BEFORE {moment} ON "{object_}" '
        f"WHEN {missing} BEGIN SELECT RAISE(ABORT, 'LINK {slot.name}'); END"
    )


def _referenced_guard(object_: str, slot: Slot, referenced: str) -> str:
    number, kind = slot.columns
    return (
        f'CREATE TRIGGER IF NOT EXISTS "kept_{object_}_{slot.name}_{referenced}" '  # noqa: S608 - names of the model
        f'BEFORE DELETE ON "{referenced}" WHEN EXISTS (SELECT 1 FROM "{object_}" '
        f'WHERE "{number}" = OLD.id AND "{kind}" = \'{referenced}\') '
        f"BEGIN SELECT RAISE(ABORT, 'REFERENCED {object_}'); END"
    )


def _stamp_guard(object_: str) -> str:
    return (
        f'CREATE TRIGGER IF NOT EXISTS "stamp_{object_}" AFTER UPDATE ON "{object_}" '  # noqa: S608 - names of the model
        "WHEN NEW.modified_at IS OLD.modified_at BEGIN "
        f"UPDATE \"{object_}\" SET modified_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') "
        "WHERE id = NEW.id; END"
    )


def _translated(error: BaseException | None, where: str) -> Exception:
    """Return our error for what SQLite says about the file as a whole."""
    said = str(error).lower()
    if "malformed" in said or "not a database" in said or "disk image" in said:
        return CorruptError(
            "the CRM database is damaged or no SQLite file",
            where=where,
            hint="restore it from a backup, or move it away and load again",
        )
    if "full" in said:
        return StorageError(
            "no space left on the disk",
            where=where,
            hint="free some space and run the same command again; it goes on where it stopped",
        )
    if "locked" in said or "busy" in said:
        return RemoteError(
            "the CRM database is locked by another program",
            where=where,
            hint="close the other program, then run the same command again",
        )
    if "readonly" in said or "unable to open" in said or "permission" in said:
        return RemoteError(
            "the CRM database cannot be opened or written",
            where=where,
            hint="check that the folder exists and that you may write there",
        )
    return RemoteError(f"the CRM database failed: {error}", where=where)
