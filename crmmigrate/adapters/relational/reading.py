"""Read records of a relational CRM as frames of canonical columns, a batch at a time."""

from collections.abc import Collection, Iterator, Sequence

import polars as pl
from sqlalchemy import Connection, Table, and_, null, select
from sqlalchemy.sql.elements import ColumnElement

from crmmigrate.adapters.relational.dialect import Dialect
from crmmigrate.adapters.relational.storage import Form, Slot, from_storage, table_schema

__all__ = ["BATCH_ROWS", "live_records", "read_records"]

BATCH_ROWS = 20_000
_BATCH_ROWS_WITH_BYTES = 200
_FIXED = pl.Schema({"_id": pl.Int64, "_external_id": pl.String, "_modified_at": pl.String})


def live_records(
    table: Table, dialect: Dialect, keys: pl.Series | None, by: str, since: str | None
) -> ColumnElement[bool]:
    """Return the condition for records that are not deleted, of some keys, changed since."""
    conditions: list[ColumnElement[bool]] = [table.c.deleted_at.is_(None)]
    if keys is not None:
        wanted = keys.cast(pl.Int64, strict=False) if by == "id" else keys
        column = table.c["id" if by == "id" else "external_id"]
        conditions.append(dialect.among(column, wanted))
    if since is not None:
        conditions.append(table.c.modified_at > since)
    return and_(*conditions)


def read_records(
    connection: Connection,
    dialect: Dialect,
    table: Table,
    chosen: Sequence[Slot],
    present: Collection[str],
    where: ColumnElement[bool],
) -> Iterator[pl.DataFrame]:
    """Yield `_id`, `_external_id`, `_modified_at` and the chosen canonical columns, by id.

    Args:
        connection: An open connection.
        dialect: What kind of database it is.
        table: The object's table.
        chosen: What to read.
        present: Columns the table has in the file; others are null, the model being newer.
        where: Which records.
    """
    types = table_schema(chosen)
    wanted = [table.c[c] if c in present else null().label(c) for c in types]
    query = select(table.c.id, table.c.external_id, table.c.modified_at, *wanted).where(where)
    size = _BATCH_ROWS_WITH_BYTES if any(s.form is Form.BLOB for s in chosen) else BATCH_ROWS
    schema = pl.Schema({**_FIXED, **types})
    for frame in dialect.frames(connection, query.order_by(table.c.id), schema, size):
        yield frame.select(
            pl.col("_id").cast(pl.String),
            "_external_id",
            "_modified_at",
            *map(from_storage, chosen),
        )
