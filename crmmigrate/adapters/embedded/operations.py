"""Carry out operations of one object inside one transaction: one OUTCOME row for each."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, select

from crmmigrate.adapters.embedded.reading import listed
from crmmigrate.adapters.embedded.refusals import Refusal, explain_refusal
from crmmigrate.adapters.embedded.schema import CrmSchema
from crmmigrate.adapters.embedded.storage import Slot, to_storage, unstorable
from crmmigrate.adapters.embedded.writing import apply_rows
from crmmigrate.model.operations import OUTCOME, Action, Status, after_column

__all__ = ["Writer"]

_NOWHERE = Refusal("RECORD_MISSING", None, "the record is no longer in the CRM")
_REFUSED = pl.Schema(
    {"op_id": pl.String, "error_code": pl.String, "error_field": pl.String, "message": pl.String}
)
_IDS = pl.Schema({"external_id": pl.String, "_id": pl.Int64, "_gone": pl.Boolean})


@dataclass(frozen=True)
class Writer:
    """Writes operations of one object over one connection, within its transaction."""

    connection: Connection
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

    def _create(self, operations: pl.DataFrame) -> pl.DataFrame:
        """Insert records; one that exists already succeeds, a deleted one comes back."""
        own = self._carried(operations)
        good, refused = _storable(own, operations)
        known = good.join(
            self._ids(good["external_id"]), on="external_id", how="left", maintain_order="left"
        )
        fresh = known.filter(pl.col("_id").is_null()).unique(
            "external_id", keep="first", maintain_order=True
        )
        refused += self._insert(own, fresh)
        refused += self._assign(own, known.filter(pl.col("_gone")), restore=True)
        ids = self._ids(good["external_id"]).select("external_id", pl.col("_id").alias("target_id"))
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
            good, bad = _storable(own, piece)
            rows = good.with_columns(_id=pl.col("target_id").cast(pl.Int64))
            refused += [*bad, *self._assign(own, rows)]
        return _outcomes(operations, refused)

    def _remove(self, operations: pl.DataFrame, *, purge: bool) -> pl.DataFrame:
        """Delete records, softly or without a trace; one that is gone already succeeds."""
        start = (
            f'DELETE FROM "{self.object}"'  # noqa: S608 - names of the model
            if purge
            else f'UPDATE "{self.object}" SET deleted_at = ?2, modified_at = ?2'  # noqa: S608
        )
        sql = f"{start} WHERE id = ?1 AND {'?2 IS NOT NULL' if purge else 'deleted_at IS NULL'}"
        numbers = operations["target_id"].cast(pl.Int64).to_list()
        rows = [(number, self.stamp) for number in numbers]
        found = list(apply_rows(self.connection, sql, rows))
        ids = operations["op_id"]
        refused = [
            _refusals(
                ids[place : place + 1],
                explain_refusal(error, self.schema, self.object, {}, self.connection),
            )
            for place, error in found
        ]
        return _outcomes(operations, refused)

    def _insert(self, own: Sequence[Slot], rows: pl.DataFrame) -> list[pl.DataFrame]:
        names = [
            "external_id",
            *(c for slot in own for c in slot.columns),
            "created_at",
            "modified_at",
        ]
        columns = ", ".join(f'"{name}"' for name in names)
        marks = ", ".join("?" * len(names))
        sql = f'INSERT INTO "{self.object}" ({columns}) VALUES ({marks})'  # noqa: S608 - names of the model
        values = rows.select(
            "external_id",
            *_stored(own),
            pl.lit(self.stamp).alias("created_at"),
            pl.lit(self.stamp).alias("modified_at"),
        )
        return self._apply(sql, rows["op_id"], values)

    def _assign(
        self, own: Sequence[Slot], rows: pl.DataFrame, *, restore: bool = False
    ) -> list[pl.DataFrame]:
        if rows.is_empty() or not own:
            return []
        names = [*(c for slot in own for c in slot.columns), "modified_at"]
        sets = ", ".join(
            [*(f'"{name}" = ?' for name in names), *(["deleted_at = NULL"] if restore else [])]
        )
        sql = f'UPDATE "{self.object}" SET {sets} WHERE id = ?'  # noqa: S608 - names of the model
        values = rows.select(*_stored(own), pl.lit(self.stamp).alias("modified_at"), pl.col("_id"))
        return self._apply(sql, rows["op_id"], values)

    def _apply(self, sql: str, op_ids: pl.Series, values: pl.DataFrame) -> list[pl.DataFrame]:
        """Run a statement over rows; return the refused ones, explained."""
        found = list(apply_rows(self.connection, sql, values.rows()))
        return [
            _refusals(
                op_ids[place : place + 1],
                explain_refusal(
                    error, self.schema, self.object, values.row(place, named=True), self.connection
                ),
            )
            for place, error in found
        ]

    def _carried(self, operations: pl.DataFrame) -> list[Slot]:
        return [
            s for s in self.schema.slots[self.object] if after_column(s.name) in operations.columns
        ]

    def _ids(self, external_ids: pl.Series) -> pl.DataFrame:
        table = self.schema.tables[self.object]
        query = select(table.c.external_id, table.c.id, table.c.deleted_at.is_not(None)).where(
            table.c.external_id.in_(listed(external_ids))
        )
        rows = [tuple(row) for row in self.connection.execute(query)]
        return pl.DataFrame(rows, schema=_IDS, orient="row")

    def _live(self, target_ids: pl.Series) -> pl.Series:
        table = self.schema.tables[self.object]
        numbers = listed(target_ids.cast(pl.Int64, strict=False))
        query = select(table.c.id).where(table.c.id.in_(numbers), table.c.deleted_at.is_(None))
        found = [row[0] for row in self.connection.execute(query)]
        return pl.Series("target_id", found, dtype=pl.Int64).cast(pl.String)


def _stored(own: Sequence[Slot]) -> list[pl.Expr]:
    return [expression for slot in own for expression in to_storage(slot)]


def _storable(
    own: Sequence[Slot], operations: pl.DataFrame
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Split off operations with a value that no column of the table can take."""
    bad: list[pl.DataFrame] = []
    for slot in own:
        impossible = unstorable(slot)
        if impossible is None:
            continue
        flagged = operations.filter(impossible)
        if flagged.height:
            code = "INVALID_BOOLEAN" if slot.form == "boolean" else "INVALID_LINK"
            says = (
                "is neither true nor false" if slot.form == "boolean" else "is no link to a record"
            )
            bad.append(_refusals(flagged["op_id"], Refusal(code, slot.name, f"the value {says}")))
            operations = operations.filter(~impossible)
    return operations, bad


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
