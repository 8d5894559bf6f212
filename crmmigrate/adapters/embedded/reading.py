"""Read records of the embedded CRM as frames of canonical columns, a batch at a time."""

import json
from collections.abc import Collection, Iterator, Sequence

import polars as pl
from sqlalchemy import Connection, Table, and_, func, null, select
from sqlalchemy.sql.elements import ColumnElement

from crmmigrate.adapters.embedded.storage import Form, Slot, from_storage, table_schema

__all__ = ["BATCH_ROWS", "live_records", "read_records"]

BATCH_ROWS = 20_000
_BATCH_ROWS_WITH_BYTES = 200
_FIXED = pl.Schema({"_id": pl.Int64, "_external_id": pl.String, "_modified_at": pl.String})


def live_records(
    table: Table, keys: pl.Series | None, by: str, since: str | None
) -> ColumnElement[bool]:
    """Return the condition for records that are not deleted, of some keys, changed since."""
    conditions: list[ColumnElement[bool]] = [table.c.deleted_at.is_(None)]
    if keys is not None:
        wanted = keys.cast(pl.Int64, strict=False) if by == "id" else keys
        column = table.c["id" if by == "id" else "external_id"]
        conditions.append(column.in_(listed(wanted)))
    if since is not None:
        conditions.append(table.c.modified_at > since)
    return and_(*conditions)


def listed(values: pl.Series) -> ColumnElement[object]:
    """Return a subquery of values, handed over as one parameter however many they are."""
    document = json.dumps(values.drop_nulls().to_list())
    return select(func.json_each(document).table_valued("value").c.value).scalar_subquery()


def read_records(
    connection: Connection,
    table: Table,
    chosen: Sequence[Slot],
    present: Collection[str],
    where: ColumnElement[bool],
) -> Iterator[pl.DataFrame]:
    """Yield `_id`, `_external_id`, `_modified_at` and the chosen canonical columns, by id.

    Args:
        connection: An open connection.
        table: The object's table.
        chosen: What to read.
        present: Columns the table has in the file; others are null, the model being newer.
        where: Which records.
    """
    types = table_schema(chosen)
    wanted = [table.c[c] if c in present else null().label(c) for c in types]
    query = select(table.c.id, table.c.external_id, table.c.modified_at, *wanted).where(where)
    size = _BATCH_ROWS_WITH_BYTES if any(s.form is Form.BLOB for s in chosen) else BATCH_ROWS
    cursor = connection.execute(query.order_by(table.c.id)).cursor
    if cursor is None:
        return
    # The driver's own tuples: no conversion a row at a time.
    while rows := cursor.fetchmany(size):
        frame = pl.DataFrame(
            rows, schema=pl.Schema({**_FIXED, **types}), orient="row", strict=False
        )
        yield frame.select(
            pl.col("_id").cast(pl.String),
            "_external_id",
            "_modified_at",
            *map(from_storage, chosen),
        )
