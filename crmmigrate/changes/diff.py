"""Compare desired records with the target's current ones and say what has to be done.

Row kernels: each record gives exactly one operation of pass 1 (create, update or unchanged), and
perhaps one of pass 2 for references that must wait until all records exist.
"""

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from crmmigrate.changes.compare import comparable, differs
from crmmigrate.model.operations import Action, after_column, before_column
from crmmigrate.model.semantic import SemanticType

__all__ = ["defer", "diff", "payload_columns"]

_NO_NAMES = pl.lit([], dtype=pl.List(pl.String))


def diff(
    desired: pl.DataFrame,
    current: pl.DataFrame,
    kinds: Mapping[str, SemanticType],
    *,
    keep: Collection[str] = (),
) -> pl.DataFrame:
    """Return one pass-1 operation a desired record, in the order of `desired`.

    Args:
        desired: `external_id`, further `_` columns to carry along, and the columns of `kinds`.
        current: `_id`, `_external_id` and the columns of `kinds`; records by unique external id.
        kinds: Target columns with their semantic types.
        keep: Columns in which a blank means "leave what is there", since nothing feeds them.

    Returns:
        Columns `external_id, target_id, action, pass, changed`, the carried ones, and
        `to.<column>` / `was.<column>`. Payload of unchanged records is null.
    """
    was = current.select(
        pl.col("_external_id").alias("external_id"),
        pl.col("_id").alias("target_id"),
        *(pl.col(c).alias(before_column(c)) for c in kinds),
    )
    to = desired.rename({c: after_column(c) for c in kinds})
    joined = to.join(was, on="external_id", how="left", maintain_order="left")
    return (
        joined.with_columns(_kept(c, kinds[c]) for c in kinds if c in keep)
        .with_columns(changed=_changed(kinds, pl.col("target_id").is_not_null()))
        .with_columns(_action().alias("action"), pl.lit(1, pl.Int8).alias("pass"))
        .with_columns(_blanked_if_unchanged(kinds))
    )


def _action() -> pl.Expr:
    return (
        pl.when(pl.col("target_id").is_null())
        .then(pl.lit(Action.CREATE.value))
        .when(pl.col("changed").list.len() > 0)
        .then(pl.lit(Action.UPDATE.value))
        .otherwise(pl.lit(Action.UNCHANGED.value))
    )


def payload_columns(frame: pl.DataFrame) -> list[str]:
    """Return the target columns that an operation frame carries values for."""
    prefix = after_column("")
    return [c.removeprefix(prefix) for c in frame.columns if c.startswith(prefix)]


def _kept(column: str, kind: SemanticType) -> pl.Expr:
    to, was = pl.col(after_column(column)), pl.col(before_column(column))
    return (
        pl.when(comparable(to, kind).is_null()).then(was).otherwise(to).alias(to.meta.output_name())
    )


def _changed(kinds: Mapping[str, SemanticType], exists: pl.Expr) -> pl.Expr:
    flags = [
        pl.when(exists & differs(pl.col(after_column(c)), pl.col(before_column(c)), kind)).then(
            pl.lit(c)
        )
        for c, kind in kinds.items()
    ]
    return pl.concat_list(flags).list.drop_nulls() if flags else _NO_NAMES


def _blanked_if_unchanged(kinds: Mapping[str, SemanticType]) -> list[pl.Expr]:
    told = pl.col("action") != Action.UNCHANGED.value
    names = [name for c in kinds for name in (after_column(c), before_column(c))]
    return [pl.when(told).then(pl.col(name)).alias(name) for name in names]


def defer(operations: pl.DataFrame, deferred: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Move references that cannot be written yet to operations of pass 2.

    A record whose only change is such a reference keeps an update with no changed columns in
    pass 1, so that every record is counted once.

    Returns:
        The operations of pass 1, and those of pass 2, which carry the deferred columns only.
    """
    names = [c for c in deferred if after_column(c) in operations.columns]
    if not names:
        return operations, operations.clear()
    return _without(operations, names), _second_pass(operations, names)


def _second_pass(operations: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    create = pl.col("action") == Action.CREATE.value
    waiting = [
        pl.when(
            pl.when(create)
            .then(pl.col(after_column(c)).is_not_null())
            .otherwise(pl.col("changed").list.contains(c))
        ).then(pl.lit(c))
        for c in names
    ]
    payload = [n for c in names for n in (after_column(c), before_column(c))]
    fixed = [
        c for c in operations.columns if not c.startswith((after_column(""), before_column("")))
    ]
    return (
        operations.select(*fixed, *payload)
        .with_columns(
            pl.concat_list(waiting).list.drop_nulls().alias("changed"),
            pl.lit(2, pl.Int8).alias("pass"),
        )
        .filter(pl.col("changed").list.len() > 0)
        .with_columns(pl.lit(Action.UPDATE.value).alias("action"))
    )


def _without(operations: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    create = pl.col("action") == Action.CREATE.value
    emptied = [pl.when(~create).then(pl.col(after_column(c))).alias(after_column(c)) for c in names]
    return operations.with_columns(
        *emptied,
        pl.col("changed").list.eval(pl.element().filter(~pl.element().is_in(names))),
    )
