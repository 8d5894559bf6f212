"""A database that holds a CRM of ours: opening, transactions, making and completing its tables."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import CheckConstraint, Column, Connection, Engine, ForeignKeyConstraint, Table
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import AddConstraint, CreateTable

from crmmigrate.adapters.relational.dialect import Dialect
from crmmigrate.adapters.relational.schema import CrmSchema
from crmmigrate.errors import UsageError

__all__ = ["Database", "Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is.

    Attributes:
        engine: Its engine.
        shown: How it is named to people, without a password.
        file: Its file, if it is one that the first write makes.
    """

    engine: Engine
    shown: str
    file: Path | None = None


class Database:
    """One database that holds a CRM of a given schema."""

    def __init__(self, place: Place, schema: CrmSchema, dialect: Dialect) -> None:
        self.schema = schema
        self.dialect = dialect
        self._place = place
        self._ready = False
        self._engine = place.engine

    def exists(self) -> bool:
        """Return whether a CRM is there."""
        if self._place.file is not None:
            return self._place.file.is_file() and self._place.file.stat().st_size > 0
        if self._ready:
            return True
        with self._errors(), self._engine.connect() as connection:
            return self.dialect.is_ours(connection) is not None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reading; rows come in as they are asked for."""
        with self._errors(), self._engine.connect() as connection:
            self._check_mark(connection)
            if self.dialect.begin_reading:
                connection.exec_driver_sql(self.dialect.begin_reading)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection inside one transaction that is committed at the end."""
        with self._errors(), self._engine.connect() as connection:
            self._prepare(connection)
            with self._transaction(connection):
                yield connection

    def columns(self, connection: Connection, table: str) -> set[str]:
        """Return the columns a table has; empty if there is no such table."""
        return self.dialect.columns(connection, table)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _prepare(self, connection: Connection) -> None:
        """Make or complete the schema; once a process."""
        if self._ready:
            return
        self._check_mark(connection)
        if self._place.file is not None:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        with self._transaction(connection):
            new = [name for name in self.schema.tables if self._complete(connection, name)]
            if self._place.file is None:
                self._link(connection, new)
            for guard in self.dialect.guards(self.schema.links, list(self.schema.tables)):
                connection.exec_driver_sql(guard)
            self.dialect.claim(connection)
        self._ready = True

    def _complete(self, connection: Connection, name: str) -> bool:
        """Create a table, or add the columns that a newer model has; return whether it is new."""
        table = self.schema.tables[name]
        present = self.columns(connection, name)
        if not present:
            # SQLite links to tables that are not there yet; servers want them first.
            links: list[ForeignKeyConstraint] | None = None if self._place.file is not None else []
            connection.execute(CreateTable(table, include_foreign_key_constraints=links))
            for index in table.indexes:
                index.create(connection)
            return True
        for column in table.columns:
            if column.name not in present:
                connection.exec_driver_sql(_added_column(table, column, connection))
        return False

    def _link(self, connection: Connection, new: list[str]) -> None:
        for name in new:
            for link in self.schema.tables[name].foreign_key_constraints:
                connection.execute(AddConstraint(link))

    def _check_mark(self, connection: Connection) -> None:
        if self._ready:
            return
        if self.dialect.is_ours(connection) is False:
            what = "SQLite file" if self._place.file is not None else "database or schema"
            raise UsageError(
                f"this {what} is no embedded CRM; it will not be touched",
                where=self._place.shown,
                hint="give target.path another name: the file is made by the first load"
                if self._place.file is not None
                else "name an empty database or schema in target.url; its tables are made by the first load",
            )

    @contextmanager
    def _transaction(self, connection: Connection) -> Iterator[None]:
        connection.exec_driver_sql(self.dialect.begin)
        try:
            yield
        except BaseException:
            # The database has rolled back by itself after some errors, such as a full disk.
            with suppress(SQLAlchemyError):
                connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as exc:
            raise self.dialect.translate(exc, self._place.shown) from None
        except self._engine.dialect.loaded_dbapi.Error as exc:
            raise self.dialect.translate(exc, self._place.shown) from None


def _added_column(table: Table, column: Column[object], connection: Connection) -> str:
    """Return the DDL that adds a column, with the constraints that concern it alone."""
    quote = connection.dialect.identifier_preparer.quote
    kind = column.type.compile(dialect=connection.dialect)
    parts = [f"ALTER TABLE {quote(table.name)} ADD COLUMN {quote(column.name)} {kind}"]
    parts += [f"REFERENCES {quote(key.column.table.name)} (id)" for key in column.foreign_keys]
    named = "CONSTRAINT" if connection.dialect.name == "sqlite" else ", ADD CONSTRAINT"
    parts += [
        f"{named} {check.name} CHECK ({check.sqltext})"
        for check in table.constraints
        if isinstance(check, CheckConstraint)
        and str(check.name).endswith(f"__{column.name}")
        and not str(check.name).startswith(("ck_link", "ck_required"))
    ]
    return " ".join(parts)
