"""What a load has written: its operations that are in force, with the values as they were sent."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from crmmigrate.model.operations import Action, Status, after_column
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.target import Crm
from crmmigrate.store.artifacts import parts
from crmmigrate.store.ledger import PlanEntry

__all__ = ["Written"]

_ROWS = 20_000
_STATE = pl.Schema({"op_id": pl.String, "status": pl.String, "own_id": pl.String})


@dataclass(frozen=True)
class Written:
    """The operations of one load that may have reached the target and were not undone."""

    ctx: StageContext
    crm: Crm
    entry: PlanEntry

    def operations(self, object_: str, channel: str) -> Iterator[pl.DataFrame]:
        """Yield operations in force, with the `target_id` the ledger knows.

        References that the load left out are null in `to.` and not in `changed`.
        """
        left_out = self._left_out(object_)
        for part in parts(self.ctx.run.dir, "plan", object_, channel):
            todo = part.filter(pl.col("action") != Action.UNCHANGED.value)
            for piece in todo.iter_slices(_ROWS):
                frame = piece.join(self._states(piece["op_id"]), on="op_id", maintain_order="left")
                frame = frame.with_columns(target_id=pl.coalesce("own_id", "target_id")).drop(
                    "own_id"
                )
                yield self._as_sent(frame.drop("status"), left_out)

    def records(self, object_: str) -> Iterator[pl.DataFrame]:
        """Yield one row a record: its first operation with what the second pass added."""
        second = list(self.operations(object_, "deferred"))
        added = pl.concat(second) if second else None
        for frame in self.operations(object_, "operations"):
            yield frame if added is None else _overlaid(frame, added)

    def _states(self, op_ids: pl.Series) -> pl.DataFrame:
        found = [
            f.select("op_id", "status", own_id="target_id")
            for f in self.crm.ledger.operations(self.entry, op_ids=op_ids)
        ]
        known = pl.concat([_STATE.to_frame(), *found])
        return known.filter(pl.col("status") != Status.REJECTED.value)

    def _left_out(self, object_: str) -> pl.DataFrame:
        reasons = self.crm.ledger.reasons(self.entry, object_)
        return reasons.filter(pl.col("error_code") == "LOD503").select(
            "op_id", left_out=pl.col("error_field").str.split(",")
        )

    def _as_sent(self, frame: pl.DataFrame, left_out: pl.DataFrame) -> pl.DataFrame:
        if left_out.is_empty():
            return frame
        names = left_out["left_out"].explode().unique().to_list()
        joined = frame.join(left_out, on="op_id", how="left", maintain_order="left")
        out = pl.col("left_out")
        return joined.with_columns(
            *(
                pl.when(~out.list.contains(n).fill_null(value=False))
                .then(pl.col(after_column(n)))
                .alias(after_column(n))
                for n in names
                if after_column(n) in frame.columns
            ),
            pl.when(out.is_null())
            .then("changed")
            .otherwise(pl.col("changed").list.set_difference(out))
            .alias("changed"),
        ).drop("left_out")


def _overlaid(frame: pl.DataFrame, added: pl.DataFrame) -> pl.DataFrame:
    """Put the values of second-pass operations over those of the first pass."""
    names = [c for c in added.columns if c.startswith("to.")]
    later = added.select("external_id", more="changed", **{f"later.{c}": pl.col(c) for c in names})
    joined = frame.join(later, on="external_id", how="left", maintain_order="left")
    written = [
        pl.when(pl.col("more").list.contains(c.removeprefix("to.")))
        .then(pl.col(f"later.{c}"))
        .otherwise(pl.col(c))
        .alias(c)
        for c in names
    ]
    more = pl.col("more").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    return joined.with_columns(*written, pl.col("changed").list.set_union(more)).drop(
        "more", *(f"later.{c}" for c in names)
    )
