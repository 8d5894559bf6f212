"""Compare three sides: what the last load left, what the target holds now, and what is wanted.

Row kernel: operations come out in their order, with the fields that somebody has changed since.
"""

from collections.abc import Collection, Mapping

import polars as pl

from crmmigrate.changes.compare import differs
from crmmigrate.changes.policies import read_moment
from crmmigrate.changes.reconcile import stored_otherwise
from crmmigrate.model.operations import after_column, base_column, before_column
from crmmigrate.model.semantic import SemanticType

__all__ = ["BASE", "judge_edits"]

BASE = pl.Schema(
    {
        "external_id": pl.String(),
        "ended_at": pl.String(),
        "stored_otherwise": pl.List(pl.String()),
        "unknown": pl.List(pl.String()),
    }
)
"""Fixed columns of a frame of bases; beside them stands `base.<field>` for some fields.

`ended_at` is when the load ended, null if it has not; `stored_otherwise` names the fields of which
the target said that it keeps something else than was sent; `unknown` those that did not exist then.
"""
_NO_NAMES = pl.lit([], dtype=pl.List(pl.String))


def judge_edits(
    operations: pl.DataFrame,
    bases: pl.DataFrame,
    stamps: pl.DataFrame,
    kinds: Mapping[str, SemanticType],
    guarded: Collection[str],
) -> pl.DataFrame:
    """Say of each operation which of its changes would write over somebody's edit.

    A value that differs from what was loaded only in the way the target writes it counts as an
    edit only if the record was changed after that load.

    Args:
        operations: Updates with `to.` and `was.` columns; those without a base have no edits.
        bases: BASE rows with `base.<field>`.
        stamps: `external_id, modified_at`: when the target says that a record was changed.
        kinds: Columns with their semantic types.
        guarded: Columns in which a change on both sides is a conflict.

    Returns:
        The operations with `base.<field>`, `edited` (changed fields in which the target no longer
        holds what was loaded) and `both` (of these, guarded fields that the sources changed too).
    """
    names = [c for c in kinds if base_column(c) in bases.columns]
    joined = operations.join(
        bases, on="external_id", how="left", maintain_order="left"
    ).join(stamps, on="external_id", how="left", maintain_order="left")  # fmt: skip
    theirs = {c: _edited(c, kinds[c]) for c in names}
    both = {
        c: edited & differs(pl.col(after_column(c)), pl.col(base_column(c)), kinds[c])
        for c, edited in theirs.items()
        if c in guarded
    }
    return joined.with_columns(edited=_named(theirs), both=_named(both)).drop(
        "ended_at", "stored_otherwise", "unknown", "modified_at"
    )


def _edited(column: str, kind: SemanticType) -> pl.Expr:
    base, now = pl.col(base_column(column)), pl.col(before_column(column))
    known = ~pl.col("unknown").list.contains(column).fill_null(value=True)
    later = _second("modified_at") > _second("ended_at")
    odd = pl.col("stored_otherwise").list.contains(column) | stored_otherwise(base, now, kind)
    ours = odd.fill_null(value=False) & ~later.fill_null(value=False)
    changed = pl.col("changed").list.contains(column)
    return known & changed & differs(now, base, kind) & ~ours


def _second(column: str) -> pl.Expr:
    """Return a point in time down to the second; targets keep no more."""
    return read_moment(pl.col(column)).dt.truncate("1s")


def _named(flags: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return the names of the columns whose flag is true."""
    told = [pl.when(flag).then(pl.lit(name)) for name, flag in flags.items()]
    return pl.concat_list(told).list.drop_nulls() if told else _NO_NAMES
