"""Numbers that every region reads alike: digits, one or two decimals, groups of three."""

import polars as pl

__all__ = ["plain_numbers"]

_SHAPES = (
    (r"^-?[0-9]{1,15}(?:\.(?:[0-9]{1,2}|[0-9]{4,9}))?$", "", "."),
    (r"^-?[0-9]{1,15},(?:[0-9]{1,2}|[0-9]{4,9})$", "", ","),
    (r"^-?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]{1,2}$", ".", ","),
    (r"^-?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]{1,2}$", ",", "."),
)
"""Pattern, group sign and decimal sign; a sign before three digits alone needs the region."""


def plain_numbers(rows: pl.DataFrame) -> pl.DataFrame:
    """Read the numbers whose signs cannot be doubted.

    Args:
        rows: `_at` and `text`.

    Returns:
        `_at`, `value`, `status` and `codes` of those rows; the others are for the scalar.
    """
    text = pl.col("text")
    value = pl.lit(None, dtype=pl.String)
    for pattern, group, decimal in reversed(_SHAPES):
        read = text.str.replace_all(group, "", literal=True) if group else text
        read = read if decimal == "." else read.str.replace(decimal, ".", literal=True)
        value = pl.when(text.str.contains(pattern)).then(read).otherwise(value)
    found = rows.select("_at", "text", value.alias("value")).filter(
        pl.col("value").is_not_null() & ~text.str.contains(r"^-[0.,]*$")
    )
    same = pl.col("value") == text
    nothing = pl.lit([], dtype=pl.List(pl.String))
    return found.select(
        "_at",
        "value",
        status=pl.when(same).then(pl.lit("unchanged")).otherwise(pl.lit("normalised")),
        codes=pl.when(same).then(nothing).otherwise(pl.lit(["STD451"])),
    )
