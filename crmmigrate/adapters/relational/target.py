"""A relational CRM of ours as a target: describe, read, fetch and write."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pyarrow as pa
from sqlalchemy import Connection, func, select

from crmmigrate.adapters.base import EXCLUDED, RAW_TEXT, REJECTED, ROW
from crmmigrate.adapters.relational.database import Database, Place
from crmmigrate.adapters.relational.dialect import Dialect
from crmmigrate.adapters.relational.operations import Writer
from crmmigrate.adapters.relational.reading import BATCH_ROWS, live_records, read_records
from crmmigrate.adapters.relational.schema import build_schema
from crmmigrate.adapters.relational.storage import Slot
from crmmigrate.errors import UsageError
from crmmigrate.model.canonical import CanonicalModel
from crmmigrate.model.catalog import Capabilities, Catalog, Column, Dataset

__all__ = ["BATCH_SIZE", "CAPABILITIES", "RelationalCrm"]

BATCH_SIZE = 10_000
"""Operations in one transaction by default: durable commits cost little, a lost batch is small."""
CAPABILITIES = Capabilities(
    can_write=True,
    external_id=True,
    can_delete=True,
    restores_deleted=True,
    incremental=True,
    batch_size=BATCH_SIZE,
    records_per_call=BATCH_SIZE,
)
"""Everything an adapter can do."""


class RelationalCrm:
    """A CRM in a database, whose tables are made from the canonical model.

    Payload columns `to.<reference>` hold `object:id`, e.g. `account:17`, and so do fetched
    references; every other value is canonical text, or bytes. What went in comes out.

    Args:
        place: Where the database is; a file is made by the first write.
        dialect: What kind of database it is.
        model: Which objects and fields it has.
        clock: Gives the time of the stamps.
        batch_size: Most operations in one transaction.
    """

    def __init__(
        self,
        place: Place,
        dialect: Dialect,
        model: CanonicalModel,
        clock: Callable[[], datetime],
        batch_size: int = BATCH_SIZE,
    ) -> None:
        self._batch_size = batch_size
        self._clock = clock
        self._dialect = dialect
        self._schema = build_schema(model, dialect)
        self._database = Database(place, self._schema, dialect)

    @property
    def capabilities(self) -> Capabilities:
        """Everything an adapter can do."""
        return replace(CAPABILITIES, batch_size=self._batch_size, records_per_call=self._batch_size)

    def describe(self) -> Catalog:
        """Return objects with columns, live record counts and the time of the last change."""
        if not self._database.exists():
            return Catalog(tuple(self._dataset(name, 0, "") for name in self._schema.tables))
        with self._database.reading() as connection:
            return Catalog(
                tuple(self._dataset(n, *self._figures(connection, n)) for n in self._schema.tables)
            )

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield all live records of an object in id order; `since` is a `modified_at` stamp."""
        row = 0
        for frame in self._frames(dataset, fields, since=since):
            numbers = pl.int_range(row + 1, row + frame.height + 1, dtype=pl.Int64).alias(ROW)
            nothing = [pl.lit(None, pl.String).alias(c) for c in (REJECTED, EXCLUDED, RAW_TEXT)]
            yield from frame.with_columns(numbers, *nothing).to_arrow().to_batches()
            row += frame.height

    def fetch(
        self, object_: str, keys: pl.Series | None, by: str, fields: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield live records with `_id`, `_external_id`, `_modified_at` and fields."""
        if keys is None:
            for frame in self._frames(object_, fields):
                yield from frame.to_arrow().to_batches()
            return
        for piece in (
            keys.drop_nulls().unique(maintain_order=True).to_frame().iter_slices(BATCH_ROWS)
        ):
            for frame in self._frames(object_, fields, keys=piece.to_series(), by=by):
                yield from frame.to_arrow().to_batches()

    def write(self, object_: str, action: str, operations: pl.DataFrame) -> pl.DataFrame:
        """Apply operations in one transaction; return one OUTCOME row for each."""
        self._slots(object_, None)
        with self._database.writing() as connection:
            return Writer(connection, self._dialect, self._schema, object_, self._stamp()).write(
                action, operations
            )

    def can_claim(self, object_: str) -> bool:
        """Return true: every table has a place for our key."""
        return object_ in self._schema.slots

    def claim(self, object_: str, claims: pl.DataFrame) -> pl.DataFrame:
        """Give records our key, or take it away, in one transaction."""
        self._slots(object_, None)
        with self._database.writing() as connection:
            return Writer(connection, self._dialect, self._schema, object_, self._stamp()).claim(
                claims
            )

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _stamp(self) -> str:
        return self._clock().astimezone(UTC).isoformat(timespec="microseconds")

    def _frames(
        self,
        object_: str,
        fields: Sequence[str] | None,
        *,
        keys: pl.Series | None = None,
        by: str = "",
        since: str | None = None,
    ) -> Iterator[pl.DataFrame]:
        chosen = self._slots(object_, fields)
        if not self._database.exists():
            return
        with self._database.reading() as connection:
            present = self._database.columns(connection, object_)
            if present:
                table = self._schema.tables[object_]
                where = live_records(table, self._dialect, keys, by, since)
                yield from read_records(connection, self._dialect, table, chosen, present, where)

    def _slots(self, object_: str, fields: Sequence[str] | None) -> tuple[Slot, ...]:
        if object_ not in self._schema.slots:
            raise UsageError(f"the CRM has no object '{object_}'")
        own = self._schema.slots[object_]
        return own if fields is None else tuple(s for s in own if s.name in set(fields))

    def _figures(self, connection: Connection, name: str) -> tuple[int, str]:
        if not self._database.columns(connection, name):
            return 0, ""
        table = self._schema.tables[name]
        query = select(func.count(), func.max(table.c.modified_at)).where(
            table.c.deleted_at.is_(None)
        )
        count, latest = connection.execute(query).one()
        return int(count), str(latest or "")

    def _dataset(self, name: str, rows: int, latest: str) -> Dataset:
        columns = tuple(_column(slot) for slot in self._schema.slots[name])
        return Dataset(name, columns, ("external_id",), rows, (("last_modified", latest),))


def _column(slot: Slot) -> Column:
    field = slot.field
    return Column(
        slot.name,
        slot.form.value,
        nullable=not (field.required and slot.is_value),
        max_length=field.max_length if slot.is_value else None,
        choices=field.choices if slot.is_value else (),
        references=field.references,
    )
