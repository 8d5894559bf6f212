"""The database file of the embedded CRM: opening, transactions, and what can go wrong."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool
from sqlalchemy.schema import CreateTable

from crmmigrate.adapters.embedded.schema import CrmSchema
from crmmigrate.errors import CorruptError, RemoteError, StorageError, UsageError

__all__ = ["Database"]

_MARK = 0x43524D45
"""`PRAGMA application_id` of our files ("CRME"), so that no other database is written to."""
_BUSY_MS = 10_000


class Database:
    """One SQLite file that holds a CRM of a given schema."""

    def __init__(self, path: Path, schema: CrmSchema) -> None:
        self.path = path
        self.schema = schema
        self._ready = False
        self._engine = _engine(path)

    def exists(self) -> bool:
        """Return whether the file is there and holds something."""
        return self.path.is_file() and self.path.stat().st_size > 0

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reading."""
        with self._errors(), self._engine.connect() as connection:
            self._check_mark(connection)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection inside one transaction that is committed at the end."""
        with self._errors(), self._engine.connect() as connection:
            self._prepare(connection)
            with _transaction(connection):
                yield connection

    def columns(self, connection: Connection, table: str) -> set[str]:
        """Return the columns a table has in the file; empty if there is no such table."""
        rows = connection.execute(text("SELECT name FROM pragma_table_info(:t)"), {"t": table})
        return {row[0] for row in rows}

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _prepare(self, connection: Connection) -> None:
        """Make or complete the schema; once a process."""
        if self._ready:
            return
        self._check_mark(connection)
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        with _transaction(connection):
            for name in self.schema.tables:
                self._complete(connection, name)
            for trigger in self.schema.triggers():
                connection.exec_driver_sql(trigger)
            connection.exec_driver_sql(f"PRAGMA application_id = {_MARK}")
        self._ready = True

    def _complete(self, connection: Connection, name: str) -> None:
        """Create a table, or add the columns that a newer model has."""
        table = self.schema.tables[name]
        present = self.columns(connection, name)
        if not present:
            connection.execute(CreateTable(table))
            for index in table.indexes:
                index.create(connection)
            return
        for column in table.columns:
            if column.name not in present:
                connection.exec_driver_sql(_added_column(table, column, connection))

    def _check_mark(self, connection: Connection) -> None:
        if self._ready:
            return
        mark = connection.exec_driver_sql("PRAGMA application_id").scalar()
        filled = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
        if mark != _MARK and filled:
            raise UsageError(
                "this SQLite file is no embedded CRM; it will not be touched",
                where=str(self.path),
                hint="give target.path another name: the file is made by the first load",
            )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as exc:
            raise _translated(exc.orig, self.path) from None
        except sqlite3.Error as exc:
            raise _translated(exc, self.path) from None


@contextmanager
def _transaction(connection: Connection) -> Iterator[None]:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        # SQLite has rolled back by itself after some errors, such as a full disk.
        with suppress(DBAPIError):
            connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"timeout": _BUSY_MS / 1000},
    )
    event.listen(engine, "connect", _configure)
    return engine


def _configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    try:
        for pragma in ("foreign_keys = ON", f"busy_timeout = {_BUSY_MS}", "synchronous = FULL"):
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


def _added_column(table: Table, column: Column[object], connection: Connection) -> str:
    """Return the DDL that adds a column, with the constraints that concern it alone."""
    quote = connection.dialect.identifier_preparer.quote
    kind = column.type.compile(dialect=connection.dialect)
    parts = [f"ALTER TABLE {quote(table.name)} ADD COLUMN {quote(column.name)} {kind}"]
    parts += [f"REFERENCES {quote(key.column.table.name)} (id)" for key in column.foreign_keys]
    parts += [
        f"CONSTRAINT {check.name} CHECK ({check.sqltext})"
        for check in table.constraints
        if isinstance(check, CheckConstraint)
        and str(check.name).endswith(f"__{column.name}")
        and not str(check.name).startswith(("ck_link", "ck_required"))
    ]
    return " ".join(parts)


def _translated(error: BaseException | None, path: Path) -> Exception:
    """Return our error for what SQLite says about the file as a whole."""
    said = str(error).lower()
    where = str(path)
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
