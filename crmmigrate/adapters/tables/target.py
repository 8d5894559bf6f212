"""A database with tables of its own as a target: described by its own catalog, written in bulk."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import polars as pl
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from crmmigrate.adapters.base import EXCLUDED, RAW_TEXT, REJECTED, ROW
from crmmigrate.adapters.outcome_frames import Refusal, in_order, refused, succeeded
from crmmigrate.adapters.relational.database import Place
from crmmigrate.adapters.relational.dialect import Bulk, Dialect, Refused
from crmmigrate.adapters.tables.columns import Cell, Kind, cells_of
from crmmigrate.adapters.tables.key_columns import KeyColumn
from crmmigrate.adapters.tables.refusals import explain
from crmmigrate.errors import UsageError
from crmmigrate.model.catalog import Capabilities, Catalog, Dataset
from crmmigrate.model.connections import Check, State
from crmmigrate.model.operations import Action, after_column

__all__ = ["CAPABILITIES", "Habits", "TablesTarget"]

_ROWS = 20_000
CAPABILITIES = Capabilities(can_write=True, external_id=True, can_delete=True, batch_size=5000)


@dataclass(frozen=True, slots=True)
class Habits:
    """What the project says of the tables.

    Attributes:
        external_id: Column that keeps our key.
        schema: Where the tables are; None for the one of the connection.
        modified: Column with the time of the last change; None if there is none.
        batch_size: Most operations in one transaction.
    """

    external_id: str
    schema: str | None = None
    modified: str | None = None
    batch_size: int = 5000


@dataclass(frozen=True, slots=True)
class _Known:
    """A table that can be written: one column of primary key, and one for our key."""

    table: sa.Table
    key: str
    cells: Mapping[str, Cell]


class TablesTarget:
    """Tables that are there already, in their own words.

    Args:
        place: Where the database is.
        dialect: What kind of database it is.
        habits: What the project says of the tables.
    """

    def __init__(self, place: Place, dialect: Dialect, habits: Habits) -> None:
        self._place = place
        self._dialect = dialect
        self._habits = habits

    @property
    def capabilities(self) -> Capabilities:
        """What the tables allow; a deleted row is gone, and comes back under another id."""
        return replace(
            CAPABILITIES,
            incremental=self._habits.modified is not None,
            batch_size=self._habits.batch_size,
        )

    def describe(self) -> Catalog:
        """Return the tables that have a column for our key, with their columns and row counts."""
        self.__dict__.pop("_tables", None)
        found = []
        with self._reading() as connection:
            for name, known in self._tables.items():
                count = connection.execute(sa.select(sa.func.count()).select_from(known.table))
                own = tuple(c.told() for n, c in known.cells.items() if n != known.key)
                found.append(Dataset(name, own, (self._habits.external_id,), count.scalar()))
        return Catalog(tuple(found))

    def connect(self) -> Iterator[Check]:
        """Try the connection, and tell which tables lack a column for our key."""
        with self._reading() as connection:
            version = connection.dialect.server_version_info or ()
            shown = ".".join(str(piece) for piece in version)
            yield Check("log in", State.OK, f"{self._dialect.name} {shown}".strip())
            yield from (self._key_column(t).check(connection) for t in self._found.tables.values())

    def make_key_fields(self, fields: Mapping[str, str]) -> Iterator[Check]:
        """Add the column for our key, with a unique index, to tables that lack it.

        Args:
            fields: Table → a further column the mapping names; for no other table anything is done.
        """
        tables = {"".join(t.name): t for t in self._found.tables.values()}
        for name, further in fields.items():
            if name not in tables:
                yield Check(name, State.WARNING, "not made: the database has no such table")
                continue
            with self._reading() as connection:
                yield self._key_column(tables[name]).make(connection)
            if further and further not in tables[name].columns:
                says = "not made: it is a column of yours, not the one that holds our keys"
                yield Check(f"{name}.{further}", State.FAILED, says)
        for known in ("_tables", "_found"):
            self.__dict__.pop(known, None)

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield all rows of a table in the order of its key."""
        row, known = 0, self._known(dataset)
        modified = self._habits.modified or ""
        where: sa.ColumnElement[bool] = sa.true()
        if since is not None and modified in known.cells:
            where = known.table.c[modified] > since
        for frame in self._frames(known, fields, where):
            numbers = pl.int_range(row + 1, row + frame.height + 1, dtype=pl.Int64).alias(ROW)
            nothing = [pl.lit(None, pl.String).alias(c) for c in (REJECTED, EXCLUDED, RAW_TEXT)]
            yield from frame.with_columns(numbers, *nothing).to_arrow().to_batches()
            row += frame.height

    def fetch(
        self, object_: str, keys: pl.Series | None, by: str, fields: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield rows with `_id`, `_external_id`, `_modified_at` and columns."""
        known = self._known(object_)
        if keys is None:
            for frame in self._frames(known, fields, sa.true()):
                yield from frame.to_arrow().to_batches()
            return
        distinct = keys.drop_nulls().unique(maintain_order=True).to_frame()
        for piece in distinct.iter_slices(_ROWS):
            where = self._among(known, piece.to_series(), by)
            for frame in self._frames(known, fields, where):
                yield from frame.to_arrow().to_batches()

    def write(self, object_: str, action: str, operations: pl.DataFrame) -> pl.DataFrame:
        """Write rows of a table in one transaction; return one OUTCOME row for each."""
        known = self._known(object_)
        own = [c for n, c in known.cells.items() if after_column(n) in operations.columns]
        good, told = _fitting(operations, own)
        with self._writing() as connection:
            if action == Action.CREATE:
                told |= self._create(connection, known, own, good)
            elif action == Action.UPDATE:
                told |= self._update(connection, known, own, good)
            else:
                told |= self._delete(connection, known, good)
            done = good.filter(~pl.col("op_id").is_in(list(told)))
            ids = done["target_id"]
            if action == Action.CREATE:
                found = self._ids(connection, known, done["external_id"])
                ids = done.join(found, on="external_id", how="left", maintain_order="left")["_id"]
        return in_order(
            operations, [refused(told), succeeded(done["op_id"].to_list(), ids.to_list())]
        )

    def can_claim(self, object_: str) -> bool:
        """Return whether a table has a column for our key."""
        return object_ in self._tables

    def claim(self, object_: str, claims: pl.DataFrame) -> pl.DataFrame:
        """Give rows our key, or take it away, in one transaction."""
        known = self._known(object_)
        key = pl.col("external_id").alias(self._habits.external_id)
        with self._writing() as connection:
            told = self._gone(connection, known, claims)
            live = claims.filter(~pl.col("op_id").is_in(list(told)))
            values = live.select(key, _id=self._key(known))
            found = self._dialect.update(connection, Bulk(known.table, values, key=known.key))
            told |= self._explained(known, found, live)
        done = claims.filter(~pl.col("op_id").is_in(list(told)))
        good = succeeded(done["op_id"].to_list(), done["target_id"].to_list())
        return in_order(claims, [refused(told), good])

    def as_stored(self, object_: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Return columns of desired rows as they would be read back."""
        cells = self._known(object_).cells
        kept = []
        for name in frame.columns:
            cell = cells.get(name)
            if cell is not None and cell.kind in {Kind.FLAG, Kind.MOMENT}:
                stored = frame.select(cell.stored(pl.col(name)).alias(name))
                kept.append(stored.select(cell.read().alias(name)).to_series())
        return frame.with_columns(kept)

    def close(self) -> None:
        """Close all connections."""
        self._place.engine.dispose()

    def _key_column(self, table: sa.Table) -> KeyColumn:
        return KeyColumn(table, self._habits.external_id, self._dialect.types()["name"])

    @cached_property
    def _found(self) -> sa.MetaData:
        metadata = sa.MetaData()
        with self._reading() as connection:
            metadata.reflect(connection, schema=self._habits.schema)
        return metadata

    @cached_property
    def _tables(self) -> dict[str, _Known]:
        self.__dict__.pop("_found", None)
        tables = list(self._found.tables.values())
        keys = {t.name: [c.name for c in t.primary_key.columns] for t in tables}
        keyed = {name: key[0] for name, key in keys.items() if len(key) == 1}
        return {
            "".join(t.name): _Known(t, keyed[t.name], {c.name: c for c in cells_of(t, keyed)})
            for t in tables
            if t.name in keyed and self._habits.external_id in t.columns
        }

    def _known(self, name: str) -> _Known:
        known = self._tables.get(name)
        if known is None:
            raise UsageError(
                f"the database has no table '{name}' with a column '{self._habits.external_id}'",
                where=self._place.shown,
                hint="`crmmigrate connect` lists the tables and what they lack",
            )
        return known

    def _among(self, known: _Known, keys: pl.Series, by: str) -> sa.ColumnElement[bool]:
        column = known.table.c[known.key if by == "id" else self._habits.external_id]
        numeric = isinstance(column.type, sa.Integer)
        return self._dialect.among(column, keys.cast(pl.Int64, strict=False) if numeric else keys)

    def _frames(
        self, known: _Known, fields: Sequence[str] | None, where: sa.ColumnElement[bool]
    ) -> Iterator[pl.DataFrame]:
        cells = [c for n, c in known.cells.items() if fields is None or n in fields]
        table, modified = known.table, self._habits.modified or ""
        stamp: Any = table.c[modified] if modified in known.cells else sa.null()
        fixed: dict[str, Any] = {
            "_id": table.c[known.key],
            "_external_id": table.c[self._habits.external_id],
        }
        fixed["_modified_at"] = stamp
        query: Any = sa.select(
            *(sa.cast(column, sa.String).label(name) for name, column in fixed.items()),
            *(cell.selected() for cell in cells),
        )
        kinds = {c.name: pl.Binary() if c.kind is Kind.BLOB else pl.String() for c in cells}
        schema = pl.Schema({**dict.fromkeys(fixed, pl.String()), **kinds})
        ordered = query.where(where).order_by(table.c[known.key])
        with self._reading() as connection:
            if self._dialect.begin_reading:
                connection.exec_driver_sql(self._dialect.begin_reading)
            for frame in self._dialect.frames(connection, ordered, schema, _ROWS):
                yield frame.select(*fixed, *(c.read().alias(c.name) for c in cells))

    def _ids(self, connection: sa.Connection, known: _Known, keys: pl.Series) -> pl.DataFrame:
        """Return `external_id, _id` of rows that are there."""
        table = known.table
        query = sa.select(
            table.c[self._habits.external_id], sa.cast(table.c[known.key], sa.String)
        ).where(self._among(known, keys, "external_id"))
        schema = pl.Schema({"external_id": pl.String(), "_id": pl.String()})
        frames = list(self._dialect.frames(connection, query, schema, max(keys.len(), 1)))
        return pl.concat([schema.to_frame(), *frames]).unique("external_id", keep="first")

    def _create(
        self, connection: sa.Connection, known: _Known, own: Sequence[Cell], rows: pl.DataFrame
    ) -> dict[str, Refusal]:
        """Insert rows whose key is not there yet."""
        there = self._ids(connection, known, rows["external_id"])
        fresh = rows.join(there, on="external_id", how="anti").unique(
            "external_id", keep="first", maintain_order=True
        )
        values = fresh.select(
            pl.col("external_id").alias(self._habits.external_id),
            *(
                c.stored(pl.col(after_column(c.name))).alias(c.name)
                for c in own
                if c.name != self._habits.external_id
            ),
        )
        found = self._dialect.insert(connection, Bulk(known.table, values))
        return self._explained(known, found, fresh)

    def _update(
        self, connection: sa.Connection, known: _Known, own: Sequence[Cell], rows: pl.DataFrame
    ) -> dict[str, Refusal]:
        """Assign the changed columns, a statement for each set of them."""
        told = self._gone(connection, known, rows)
        sets = pl.col("changed").list.sort().list.join(",").alias("_set")
        live = rows.filter(~pl.col("op_id").is_in(list(told))).with_columns(sets)
        for piece in live.partition_by("_set", maintain_order=True):
            names = set(piece["changed"][0])
            cells = [c for c in own if c.name in names]
            if not cells:
                continue
            assigned = [c.stored(pl.col(after_column(c.name))).alias(c.name) for c in cells]
            values = piece.select(*assigned, _id=self._key(known))
            found = self._dialect.update(connection, Bulk(known.table, values, key=known.key))
            told |= self._explained(known, found, piece)
        return told

    def _delete(
        self, connection: sa.Connection, known: _Known, rows: pl.DataFrame
    ) -> dict[str, Refusal]:
        """Delete rows; those that are gone already succeed."""
        there = rows.filter(self._key(known).is_not_null())
        values = there.select(_id=self._key(known))
        found = self._dialect.delete(connection, Bulk(known.table, values, key=known.key))
        return self._explained(known, found, there)

    def _gone(
        self, connection: sa.Connection, known: _Known, rows: pl.DataFrame
    ) -> dict[str, Refusal]:
        column = known.table.c[known.key]
        query = sa.select(sa.cast(column, sa.String)).where(
            self._among(known, rows["target_id"], "id")
        )
        schema = pl.Schema({"_id": pl.String()})
        frames = list(self._dialect.frames(connection, query, schema, max(rows.height, 1)))
        live = pl.concat([schema.to_frame(), *frames])["_id"]
        lost = rows.filter(~pl.col("target_id").is_in(live.implode()).fill_null(value=False))
        missing = Refusal("RECORD_MISSING", None, "the record is no longer in the database")
        return dict.fromkeys(lost["op_id"].to_list(), missing)

    def _key(self, known: _Known) -> pl.Expr:
        numeric = isinstance(known.table.c[known.key].type, sa.Integer)
        target = pl.col("target_id")
        return target.cast(pl.Int64, strict=False) if numeric else target

    def _explained(
        self, known: _Known, found: Iterator[Refused], rows: pl.DataFrame
    ) -> dict[str, Refusal]:
        return {
            rows["op_id"][place]: explain(self._dialect.read_refusal(error), known.table)
            for place, error in found
        }

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self._place.engine.connect() as connection:
                yield connection
        except DBAPIError as exc:
            raise self._dialect.translate(exc, self._place.shown) from None

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._reading() as connection:
            connection.exec_driver_sql(self._dialect.begin)
            try:
                yield connection
            except BaseException:
                with suppress(SQLAlchemyError):
                    connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")


def _fitting(
    operations: pl.DataFrame, own: Sequence[Cell]
) -> tuple[pl.DataFrame, dict[str, Refusal]]:
    """Set aside operations with a value that the table would change without a word."""
    told: dict[str, Refusal] = {}
    for cell in own:
        found = cell.unfit(pl.col(after_column(cell.name)))
        if found is None:
            continue
        bad = operations.filter(found[0])["op_id"]
        told |= dict.fromkeys(bad.to_list(), Refusal(found[1], cell.name, found[2]))
    return operations.filter(~pl.col("op_id").is_in(list(told))), told
