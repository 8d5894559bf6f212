"""Carry out operations on a target: links in two steps, everything else by one call."""

import polars as pl

from crmmigrate.adapters.base import Claimable, Target
from crmmigrate.model.operations import OUTCOME, Action, Status

__all__ = ["can_link", "carry_out"]


def can_link(target: Target, object_: str) -> bool:
    """Return whether records of an object can be taken over."""
    return isinstance(target, Claimable) and target.can_claim(object_)


def carry_out(target: Target, object_: str, action: str, operations: pl.DataFrame) -> pl.DataFrame:
    """Apply operations of one object and action; return one OUTCOME row for each.

    A link writes the fields first and the key last, so that a record that bears our key is whole,
    and one whose link was broken off is simply linked again. An unlink goes the same way.
    """
    if action not in {Action.LINK, Action.UNLINK} or not isinstance(target, Claimable):
        return target.write(object_, action, operations)
    changing = operations.filter(pl.col("changed").list.len() > 0)
    told = OUTCOME.to_frame()
    if changing.height:
        as_update = changing.with_columns(action=pl.lit(Action.UPDATE.value))
        written = target.write(object_, Action.UPDATE.value, as_update)
        told = written.select(OUTCOME.names()).cast(OUTCOME)
    failed = told.filter(pl.col("status") != Status.SUCCEEDED.value)
    key = pl.col("external_id") if action == Action.LINK else pl.lit(None, pl.String)
    claims = operations.filter(~pl.col("op_id").is_in(failed["op_id"].implode())).select(
        "op_id", "target_id", external_id=key
    )
    if claims.is_empty():
        return failed
    claimed = target.claim(object_, claims).select(OUTCOME.names()).cast(OUTCOME)
    return pl.concat([failed, _with_remarks(claimed, told)])


def _with_remarks(claimed: pl.DataFrame, written: pl.DataFrame) -> pl.DataFrame:
    """Keep what the first step has told of records that have succeeded."""
    names = ("error_code", "error_field", "message")
    remarks = written.select("op_id", *(pl.col(n).alias(f"_{n}") for n in names))
    joined = claimed.join(remarks, on="op_id", how="left", maintain_order="left")
    kept = [pl.coalesce(name, f"_{name}").alias(name) for name in names]
    return joined.with_columns(kept).select(OUTCOME.names())
