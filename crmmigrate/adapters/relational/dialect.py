"""What databases do differently, in one value each: SQLite, PostgreSQL, MariaDB."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl
from sqlalchemy import Connection, Engine, Select, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from crmmigrate.adapters.relational.storage import Form, Slot

__all__ = ["STAGE", "Bulk", "Dialect", "Refused", "Told"]

STAGE = "_crmmigrate_stage"
"""Temporary table that a batch is brought to before the database writes it by itself."""

Refused = tuple[int, BaseException]
"""Position of a row, and what the driver raised for it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a database says about a row it refuses.

    Attributes:
        kind: `check`, `missing` (not null), `twice` (unique), `link` (foreign key), `still` (others
            point to it), `guard` (a trigger of ours) or `other`.
        name: Name of the constraint, of the column, or the words of the trigger.
    """

    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Bulk:
    """Rows to be written in one go.

    Attributes:
        table: The object's table.
        values: Table column → value; for an update and a removal `_id`, too.
        extra: For an update, further assignments, e.g. `"deleted_at" = NULL`.
        key: Column of the table that `_id` is compared with.
        once: For an insert, a unique column; rows whose value is there already are left out.
    """

    table: Table
    values: pl.DataFrame
    extra: tuple[str, ...] = ()
    once: str = ""
    key: str = "id"

    @property
    def named(self) -> str:
        """The table as statements name it."""
        schema = f'"{self.table.schema}".' if self.table.schema else ""
        return f'{schema}"{self.table.name}"'


class Dialect(Protocol):
    """One kind of database. All statements run inside a transaction of the caller."""

    @property
    def name(self) -> str:
        """How people call it."""
        ...

    @property
    def begin(self) -> str:
        """Statement that begins a transaction which will write."""
        ...

    @property
    def begin_reading(self) -> str:
        """Statement that begins a transaction which only reads; empty if none is needed."""
        ...

    def types(self) -> Mapping[str, TypeEngine[Any]]:
        """Return column types: `id`, `link`, `name` (short, indexed), `text`, `stamp`, `flag`, `blob`."""
        ...

    def engine(self, url: str) -> Engine:
        """Return an engine whose connections commit by themselves, save in transactions."""
        ...

    def columns(self, connection: Connection, table: str) -> set[str]:
        """Return the columns a table has; empty if there is no such table."""
        ...

    def is_ours(self, connection: Connection) -> bool | None:
        """Tell whether a CRM of ours is there; None if nothing is."""
        ...

    def claim(self, connection: Connection) -> None:
        """Mark the database, or its schema, as a CRM of ours."""
        ...

    def rules(self, slot: Slot) -> Mapping[Form, str]:
        """Return by form the condition that a filled column must meet."""
        ...

    def length(self, column: str) -> str:
        """Return the expression for the number of characters."""
        ...

    def guards(self, links: Sequence[tuple[str, Slot]], objects: Sequence[str]) -> Iterator[str]:
        """Yield DDL that guards polymorphic references and keeps `modified_at` honest."""
        ...

    def among(self, column: ColumnElement[object], values: pl.Series) -> ColumnElement[bool]:
        """Return the condition that a column has one of many values."""
        ...

    def frames(
        self, connection: Connection, query: Select[Any], schema: pl.Schema, size: int
    ) -> Iterator[pl.DataFrame]:
        """Yield the rows of a query in pieces, as they come in.

        Args:
            connection: An open connection.
            query: What to read.
            schema: Columns of the query in their order: Int64, String or Binary.
            size: Most rows of a piece.
        """
        ...

    def storable(self, column: str) -> pl.Expr | None:
        """Return whether the database can hold a text at all; None if it holds every text."""
        ...

    def insert(self, connection: Connection, bulk: Bulk) -> Iterator[Refused]:
        """Insert rows; yield those that are refused, which leave no trace."""
        ...

    def update(self, connection: Connection, bulk: Bulk) -> Iterator[Refused]:
        """Assign columns of rows by `_id`."""
        ...

    def delete(self, connection: Connection, bulk: Bulk) -> Iterator[Refused]:
        """Delete rows by `_id` for good."""
        ...

    def read_refusal(self, error: BaseException) -> Told:
        """Tell what a refused row lacks."""
        ...

    def translate(self, error: DBAPIError | BaseException, where: str) -> Exception:
        """Return our error for what the database says of itself, not of a row."""
        ...
