"""Turn operations that were carried out into the ones that undo them."""

from collections.abc import Collection, Mapping

import polars as pl

from crmmigrate.changes.compare import differs
from crmmigrate.model.operations import Action, after_column, before_column
from crmmigrate.model.semantic import SemanticType

__all__ = ["EDITED", "GONE", "INTACT", "UNDONE", "invert", "judge_current"]

INTACT = "intact"
"""The record still holds what we wrote."""
UNDONE = "undone"
"""The record holds what it held before we wrote: nothing is left to undo."""
GONE = "gone"
"""The record is no longer in the target."""
EDITED = "edited"
"""The record holds something else: someone edited it since."""

_INVERSE = {
    Action.CREATE.value: Action.PURGE.value,
    Action.UPDATE.value: Action.UPDATE.value,
    Action.DELETE.value: Action.CREATE.value,
    Action.LINK.value: Action.UNLINK.value,
}


def invert(operations: pl.DataFrame, columns: Mapping[str, SemanticType]) -> pl.DataFrame:
    """Return the operations that undo these, in reverse order.

    A create is undone by removing the record without a trace, an update by writing back the
    before-image of the changed columns, a delete by creating the record again, a link by writing
    back the before-image and taking the key away.
    """
    swapped = [
        expression
        for c in columns
        if after_column(c) in operations.columns or before_column(c) in operations.columns
        for expression in (
            _column(operations, before_column(c)).alias(after_column(c)),
            _column(operations, after_column(c)).alias(before_column(c)),
        )
    ]
    return operations.with_columns(
        *swapped, pl.col("action").replace_strict(_INVERSE).alias("action")
    ).reverse()


def judge_current(
    written: pl.DataFrame,
    current: pl.DataFrame,
    kinds: Mapping[str, SemanticType],
    either: Collection[str] = (),
    filled: Collection[str] = (),
) -> pl.DataFrame:
    """Compare what we wrote with what is there now: the three-way check.

    Args:
        written: Operations with `external_id`, `action`, `changed`, `to.` and `was.` columns.
            For a create every column counts, for an update the changed ones.
        current: `_external_id` and target columns as they are now.
        kinds: Target columns with their semantic types.
        either: Columns whose before-image is as good as what we wrote, because an undo that was
            broken off may have restored them already.
        filled: Columns that the target fills by itself where a create leaves them blank.

    Returns:
        `external_id`, `state` (INTACT, UNDONE, GONE or EDITED) and `edited`, the columns that
        someone else changed.
    """
    now = current.select(
        pl.col("_external_id").alias("external_id"),
        pl.lit(value=True).alias("_found"),
        *(pl.col(c).alias(_now(c)) for c in kinds if c in current.columns),
    )
    joined = written.join(now, on="external_id", how="left", maintain_order="left")
    here = [c for c in kinds if _now(c) in joined.columns and after_column(c) in joined.columns]
    foreign = [
        _foreign(joined, c, kinds[c], restored_too=c in either, filled=c in filled) for c in here
    ]
    edited = pl.concat_list(foreign).list.drop_nulls() if foreign else _NO_NAMES
    left = [_ours(c) & _differs_from_before(joined, c, kinds[c]) for c in here]
    nothing_left = ~_CREATE & ~pl.any_horizontal(left or [pl.lit(value=True)])
    judged = joined.with_columns(edited=edited)
    return judged.select("external_id", _state(nothing_left).alias("state"), "edited")


_CREATE = pl.col("action") == Action.CREATE.value
_NO_NAMES = pl.lit([], dtype=pl.List(pl.String))


def _state(nothing_left: pl.Expr) -> pl.Expr:
    delete = pl.col("action") == Action.DELETE.value
    return (
        pl.when(delete)
        .then(pl.when(pl.col("_found").is_null()).then(pl.lit(INTACT)).otherwise(pl.lit(UNDONE)))
        .when(pl.col("_found").is_null())
        .then(pl.lit(GONE))
        .when(pl.col("edited").list.len() == 0)
        .then(pl.lit(INTACT))
        .when(nothing_left & (pl.col("action") == Action.LINK.value))
        .then(pl.lit(INTACT))  # Its values were restored, and it still bears our key.
        .when(nothing_left)
        .then(pl.lit(UNDONE))
        .otherwise(pl.lit(EDITED))
    )


def _now(column: str) -> str:
    return f"now.{column}"


def _ours(column: str) -> pl.Expr:
    """Return whether the operation has written a column."""
    return _CREATE | pl.col("changed").list.contains(column)


def _differs_from_before(frame: pl.DataFrame, column: str, kind: SemanticType) -> pl.Expr:
    return differs(pl.col(_now(column)), _column(frame, before_column(column)), kind)


def _foreign(
    frame: pl.DataFrame, column: str, kind: SemanticType, *, restored_too: bool, filled: bool
) -> pl.Expr:
    """Return the name of a column where it holds what neither we nor an undo have written."""
    foreign = _ours(column) & differs(pl.col(_now(column)), pl.col(after_column(column)), kind)
    if restored_too:
        foreign &= _differs_from_before(frame, column, kind)
    if filled:
        foreign &= ~(_CREATE & pl.col(after_column(column)).is_null())
    return pl.when(foreign).then(pl.lit(column))


def _column(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in frame.columns else pl.lit(None)
