"""What a kernel says about rows, gathered and written into the column `_findings`."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from crmmigrate.model.findings import FINDING, FINDINGS_COLUMN

__all__ = ["Remark", "with_remarks"]

_ROW = "_remark_row"


@dataclass(frozen=True)
class Remark:
    """One thing to say about the rows where `fires` is true.

    Attributes:
        code: Rule.
        field: Field or column it is about.
        fires: Boolean for every row; null is false.
        message: What to say.
        before: Text before, for every row, or None.
        after: Text after, for every row, or None.
        action: changed, flagged, split, rejected or excluded.
    """

    code: str
    field: str
    fires: pl.Series
    message: str
    before: pl.Series | None = None
    after: pl.Series | None = None
    action: str = "flagged"

    def rows(self) -> pl.DataFrame:
        """Return the finding of every row where it fires, with the row's number."""
        numbers = self.fires.fill_null(value=False).arg_true()
        null = pl.lit(None, dtype=pl.String)
        return pl.DataFrame({_ROW: numbers}).select(
            pl.col(_ROW),
            code=pl.lit(self.code),
            field=pl.lit(self.field),
            before=null if self.before is None else pl.lit(self.before.gather(numbers)),
            after=null if self.after is None else pl.lit(self.after.gather(numbers)),
            message=pl.lit(self.message),
            action=pl.lit(self.action),
        )


def with_remarks(frame: pl.DataFrame, remarks: Sequence[Remark]) -> pl.DataFrame:
    """Return the frame with the remarks appended to `_findings`, in their order.

    Only rows with something to say cost time.
    """
    if FINDINGS_COLUMN not in frame.columns:
        empty = pl.lit([], dtype=pl.List(FINDING)).alias(FINDINGS_COLUMN)
        frame = frame.with_columns(empty)
    told = [remark.rows() for remark in remarks if remark.fires.any()]
    if not told:
        return frame
    added = (
        pl.concat(told)
        .group_by(_ROW, maintain_order=True)
        .agg(pl.struct(list(FINDING.to_schema())).cast(FINDING).alias("added"))
    )
    numbered = frame.with_row_index(_ROW).with_columns(pl.col(_ROW).cast(added.schema[_ROW]))
    joined = numbered.join(added, on=_ROW, how="left", maintain_order="left")
    both = pl.concat_list(pl.col(FINDINGS_COLUMN), pl.col("added").fill_null([]))
    return joined.with_columns(both.cast(pl.List(FINDING)).alias(FINDINGS_COLUMN)).drop(
        _ROW, "added"
    )
