"""Let field policies decide, before records are compared, whose value is wanted.

Row kernel: the same records come out, with values of the target where a policy keeps them.
"""

from collections.abc import Mapping

import polars as pl

from crmmigrate.changes.compare import comparable, differs
from crmmigrate.model.policies import Policy
from crmmigrate.model.semantic import SemanticType

__all__ = ["KEPT", "MODIFIED", "OURS", "apply_policies", "read_moment"]

MODIFIED = "_modified_at"
"""When a record was changed last, on either side."""
OURS = (Policy.HOLD, Policy.OVERWRITE, Policy.SOURCE_WINS)
"""Policies under which our value is wanted whatever the target holds."""
KEPT = pl.Schema(
    {
        "external_id": pl.String(),
        "field": pl.String(),
        "before": pl.String(),
        "after": pl.String(),
    }
)
"""Cells in which the target keeps its value: `before` is what stays, `after` what we have."""


def apply_policies(
    desired: pl.DataFrame,
    current: pl.DataFrame,
    kinds: Mapping[str, SemanticType],
    policies: Mapping[str, Policy],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return desired records as the policies allow them, and the cells that they kept.

    Args:
        desired: `external_id`, further columns, and the columns of `kinds`; for NEWEST also
            `_modified_at`.
        current: `_external_id`, `_modified_at` and the columns of `kinds`.
        kinds: Target columns with their semantic types.
        policies: Column → policy; columns that are not named are overwritten.

    Returns:
        `desired` in its order and columns, and a frame of the schema `KEPT`. Records that the
        target does not have stay as they are.
    """
    ruled = {
        c: policies[c]
        for c in kinds
        if policies.get(c, Policy.HOLD) not in OURS and c in desired.columns
    }
    if not ruled or current.is_empty():
        return desired, KEPT.to_frame()
    there = current.select(
        pl.col("_external_id").alias("external_id"),
        pl.lit(value=True).alias("_there"),
        *(pl.col(c).alias(_there(c)) for c in (*ruled, MODIFIED) if c in current.columns),
    )
    joined = desired.join(there, on="external_id", how="left", maintain_order="left")
    stays = {c: _stays(c, kinds[c], policy) for c, policy in ruled.items()}
    allowed = joined.with_columns(
        pl.when(stay).then(pl.col(_there(c))).otherwise(pl.col(c)).alias(c)
        for c, stay in stays.items()
    )
    kept = [_kept(joined.filter(stay), c, kinds[c]) for c, stay in stays.items()]
    return allowed.select(desired.columns), pl.concat([KEPT.to_frame(), *kept])


def _kept(joined: pl.DataFrame, column: str, kind: SemanticType) -> pl.DataFrame:
    """Return the cells of a column in which what stays is not what we have."""
    other = joined.filter(differs(pl.col(column), pl.col(_there(column)), kind))
    return other.select(
        "external_id",
        pl.lit(column).alias("field"),
        _shown(_there(column), kind).alias("before"),
        _shown(column, kind).alias("after"),
    )


def _stays(column: str, kind: SemanticType, policy: Policy) -> pl.Expr:
    """Return whether the value of the target stays."""
    there = pl.col("_there").is_not_null()
    if policy is Policy.NEVER_BLANK:
        return there & comparable(pl.col(column), kind).is_null()
    if policy is Policy.FILL_BLANKS:
        return there & comparable(pl.col(_there(column)), kind).is_not_null()
    if policy is Policy.NEWEST:
        newer = read_moment(pl.col(MODIFIED)) > read_moment(pl.col(_there(MODIFIED)))
        return there & ~newer.fill_null(value=False)
    return there


def read_moment(text: pl.Expr) -> pl.Expr:
    """Return a point in time; one without a zone counts as UTC, and what is none is unknown."""
    plain = text.str.replace(" ", "T").str.replace("Z$", "+00:00")
    zoned = plain.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", strict=False, time_unit="us")
    bare = plain.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    day = plain.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
    utc = [one.dt.replace_time_zone("UTC") for one in (bare, day)]
    return pl.coalesce(zoned.dt.convert_time_zone("UTC"), *utc)


def _there(column: str) -> str:
    return f"there.{column}"


def _shown(column: str, kind: SemanticType) -> pl.Expr:
    if kind is SemanticType.BINARY:
        return pl.col(column).bin.size().cast(pl.String) + " bytes"
    return pl.col(column)
