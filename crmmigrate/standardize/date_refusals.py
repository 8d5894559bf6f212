"""Dates that are none: texts whose shape already tells why."""

import polars as pl

from crmmigrate.values.dates import NEVER, ZEROS

__all__ = ["refuse_dates"]


def refuse_dates(
    rows: pl.DataFrame, refusal: pl.Series, refusals: list[tuple[str, str]]
) -> pl.DataFrame:
    """Keep texts as they came, with the reason.

    Args:
        rows: `_at`, `text`, `tidied` and `plain`, as `date_lane` has them.
        refusal: Number of the reason of each row, null where there is none.
        refusals: Code and reason.

    Returns:
        `_at` and the outcome columns of the rows that are refused; what stands for no date has
        another reason and is left to the scalar.
    """
    codes = pl.Series([[code] for code, _ in refusals], dtype=pl.List(pl.String))
    reasons = pl.Series([f"' {why}" for _, why in refusals], dtype=pl.String)
    plain = pl.col("plain")
    never = plain.str.slice(0, 10).is_in(list(NEVER)) | plain.str.contains(ZEROS)
    return (
        rows.with_columns(refusal.alias("_why"))
        .filter(pl.col("_why").is_not_null() & ~never)
        .select(
            "_at",
            value="text",
            status=pl.lit("invalid"),
            codes=pl.lit(codes).gather("_why"),
            message=pl.concat_str(
                pl.lit("'"), pl.col("tidied").str.slice(0, 40), pl.lit(reasons).gather("_why")
            ),
            confidence=pl.lit(0.0),
        )
    )
