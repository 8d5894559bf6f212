"""Carry out operations of one object inside one transaction: one OUTCOME row for each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, Table, case, select

from crmmigrate.adapters.outcome_frames import Refusal
from crmmigrate.adapters.relational.dialect import Bulk, Dialect, Refused
from crmmigrate.adapters.relational.refusals import explain_refusal
from crmmigrate.adapters.relational.schema import CrmSchema
from crmmigrate.adapters.relational.storage import Form, Slot, to_storage, unstorable
from crmmigrate.model.operations import OUTCOME, Action, Status, after_column

__all__ = ["Writer"]

_NOWHERE = Refusal("RECORD_MISSING", None, "the record is no longer in the CRM")
_REFUSED = pl.Schema(
    {"op_id": pl.String, "error_code": pl.String, "error_field": pl.String, "message": pl.String}
)
_IDS = pl.Schema({"external_id": pl.String, "_id": pl.Int64, "_gone": pl.Int64})


@dataclass(frozen=True)
class Writer:
    """Writes operations of one object over one connection, within its transaction."""

    connection: Connection
    dialect: Dialect
    schema: CrmSchema
    object: str
    stamp: str

    def write(self, action: str, operations: pl.DataFrame) -> pl.DataFrame:
        """Apply operations of one action; return OUTCOME rows in the same order."""
        if action == Action.CREATE:
            return self._create(operations)
        if action == Action.UPDATE:
            return self._update(operations)
        return self._remove(operations, purge=action == Action.PURGE)

    def claim(self, claims: pl.DataFrame) -> pl.DataFrame:
        """Give live records our key, or take it away; return OUTCOME rows in the same order."""
        live = self._live(claims["target_id"])
        there = pl.col("target_id").is_in(live.implode()).fill_null(value=False)
        rows = claims.filter(there)
        values = rows.select(
            "external_id",
            pl.lit(self.stamp).alias("modified_at"),
            _id=pl.col("target_id").cast(pl.Int64),
        )
        found = self.dialect.update(self.connection, Bulk(self._table, values))
        refused = [
            _refusals(claims.filter(~there)["op_id"], _NOWHERE),
            *self._explained(found, rows.select("op_id"), values),
        ]
        return _outcomes(claims, refused)

    def _create(self, operations: pl.DataFrame) -> pl.DataFrame:
        """Insert records; one that exists already succeeds, a deleted one comes back."""
        own = self._carried(operations)
        filled = [s for s in own if _has_values(operations[after_column(s.name)])]
        good, refused = _storable(filled, operations, self.dialect)
        fresh = good.unique("external_id", keep="first", maintain_order=True)
        refused += self._insert(filled, fresh)
        found = self._ids(good["external_id"])
        gone = good.join(
            found.filter(pl.col("_gone") == 1), on="external_id", maintain_order="left"
        )
        refused += self._assign(own, gone, restore=True)
        ids = found.select("external_id", pl.col("_id").alias("target_id"))
        told = operations.select("op_id", "external_id").join(
            ids, on="external_id", how="left", maintain_order="left"
        )
        return _outcomes(told, refused)

    def _update(self, operations: pl.DataFrame) -> pl.DataFrame:
        """Write the changed columns of live records, a statement for each set of columns."""
        live = self._live(operations["target_id"])
        there = pl.col("target_id").is_in(live.implode())
        refused = [_refusals(operations.filter(~there.fill_null(value=False))["op_id"], _NOWHERE)]
        sets = pl.col("changed").list.sort().list.join(",").alias("_set")
        for piece in (
            operations.filter(there).with_columns(sets).partition_by("_set", maintain_order=True)
        ):
            names = set(piece["changed"][0])
            own = [slot for slot in self._carried(piece) if slot.name in names]
            good, bad = _storable(own, piece, self.dialect)
            rows = good.with_columns(_id=pl.col("target_id").cast(pl.Int64))
            refused += [*bad, *self._assign(own, rows)]
        return _outcomes(operations, refused)

    def _remove(self, operations: pl.DataFrame, *, purge: bool) -> pl.DataFrame:
        """Delete records, softly or without a trace; one that is gone already succeeds."""
        numbers = operations.select("op_id", _id=pl.col("target_id").cast(pl.Int64, strict=False))
        if purge:
            rows = numbers.filter(pl.col("_id").is_not_null())
            bulk = Bulk(self._table, rows.select("_id"))
            refused = self._explained(self.dialect.delete(self.connection, bulk), rows)
            return _outcomes(operations, refused)
        live = self._live(operations["target_id"]).cast(pl.Int64)
        rows = numbers.filter(pl.col("_id").is_in(live.implode()))
        stamps = [pl.lit(self.stamp).alias(c) for c in ("deleted_at", "modified_at")]
        bulk = Bulk(self._table, rows.select("_id", *stamps))
        return _outcomes(
            operations, self._explained(self.dialect.update(self.connection, bulk), rows)
        )

    def _insert(self, own: Sequence[Slot], rows: pl.DataFrame) -> list[pl.DataFrame]:
        stamps = [pl.lit(self.stamp).alias(c) for c in ("created_at", "modified_at")]
        values = rows.select("external_id", *_stored(own), *stamps)
        found = self.dialect.insert(self.connection, Bulk(self._table, values, once="external_id"))
        return self._explained(found, rows.select("op_id"), values)

    def _assign(
        self, own: Sequence[Slot], rows: pl.DataFrame, *, restore: bool = False
    ) -> list[pl.DataFrame]:
        if rows.is_empty() or not own:
            return []
        values = rows.select(*_stored(own), pl.lit(self.stamp).alias("modified_at"), "_id")
        extra = ('"deleted_at" = NULL',) if restore else ()
        found = self.dialect.update(self.connection, Bulk(self._table, values, extra))
        return self._explained(found, rows.select("op_id"), values)

    def _explained(
        self, found: Iterator[Refused], rows: pl.DataFrame, values: pl.DataFrame | None = None
    ) -> list[pl.DataFrame]:
        """Return the refused rows of a batch with the reasons."""
        return [
            _refusals(
                rows["op_id"][place : place + 1],
                explain_refusal(
                    self.dialect.read_refusal(error),
                    self.schema,
                    self.object,
                    values.row(place, named=True) if values is not None else {},
                    self.connection,
                ),
            )
            for place, error in list(found)
        ]

    @property
    def _table(self) -> Table:
        return self.schema.tables[self.object]

    def _carried(self, operations: pl.DataFrame) -> list[Slot]:
        return [
            s for s in self.schema.slots[self.object] if after_column(s.name) in operations.columns
        ]

    def _ids(self, external_ids: pl.Series) -> pl.DataFrame:
        table = self._table
        gone = case((table.c.deleted_at.is_(None), 0), else_=1)
        query = select(table.c.external_id, table.c.id, gone).where(
            self.dialect.among(table.c.external_id, external_ids)
        )
        cursor = self.connection.execute(query).cursor  # the driver's own tuples
        return pl.DataFrame(cursor.fetchall() if cursor else [], schema=_IDS, orient="row")

    def _live(self, target_ids: pl.Series) -> pl.Series:
        table = self._table
        known = self.dialect.among(table.c.id, target_ids.cast(pl.Int64, strict=False))
        query = select(table.c.id).where(known, table.c.deleted_at.is_(None))
        found = [row[0] for row in self.connection.execute(query)]
        return pl.Series("target_id", found, dtype=pl.Int64).cast(pl.String)


def _has_values(column: pl.Series) -> bool:
    """Tell whether a new record can get anything from a column; what is not named stays null."""
    return column.null_count() < column.len()


def _stored(own: Sequence[Slot]) -> list[pl.Expr]:
    return [expression for slot in own for expression in to_storage(slot)]


def _storable(
    own: Sequence[Slot], operations: pl.DataFrame, dialect: Dialect
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Split off operations with a value that no column of the table can take."""
    bad: list[pl.DataFrame] = []
    every = [impossible for slot in own for impossible, _ in _impossible(slot, dialect)]
    if not every or not operations.select(pl.any_horizontal(every).any()).item():
        return operations, bad
    for slot in own:
        for impossible, refusal in _impossible(slot, dialect):
            flagged = operations.filter(impossible)
            if flagged.height:
                bad.append(_refusals(flagged["op_id"], refusal))
                operations = operations.filter(~impossible)
    return operations, bad


def _impossible(slot: Slot, dialect: Dialect) -> Iterator[tuple[pl.Expr, Refusal]]:
    """Yield what no column of the table can take, and how it is told."""
    found = unstorable(slot)
    if found is not None and slot.form is Form.BOOLEAN:
        yield found, Refusal("INVALID_BOOLEAN", slot.name, "the value is neither true nor false")
    elif found is not None:
        yield found, Refusal("INVALID_LINK", slot.name, "the value is no link to a record")
    sound = dialect.storable(after_column(slot.name)) if slot.form is not Form.BLOB else None
    if sound is not None:
        said = "the value has a sign that the database cannot hold (NUL)"
        yield ~sound, Refusal("INVALID_TEXT", slot.name, said)


def _refusals(op_ids: pl.Series, refusal: Refusal) -> pl.DataFrame:
    return pl.DataFrame({"op_id": op_ids}).with_columns(
        pl.lit(refusal.code, pl.String).alias("error_code"),
        pl.lit(refusal.field, pl.String).alias("error_field"),
        pl.lit(refusal.message, pl.String).alias("message"),
    )


def _outcomes(told: pl.DataFrame, refused: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return OUTCOME rows: what is not refused has succeeded."""
    bad = pl.concat([_REFUSED.to_frame(), *refused]).unique("op_id", keep="first")
    failed = pl.col("error_code").is_not_null()
    return (
        told.select("op_id", pl.col("target_id").cast(pl.String))
        .join(bad, on="op_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(failed)
            .then(pl.lit(Status.REJECTED.value))
            .otherwise(pl.lit(Status.SUCCEEDED.value))
            .alias("status"),
            pl.lit(value=False).alias("retriable"),
            pl.lit(1).alias("attempt"),
        )
        .select(OUTCOME.names())
        .cast(OUTCOME)
    )
