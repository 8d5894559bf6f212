"""Decide: the threshold of matches, and what people said."""

from math import log2

import polars as pl

from crmmigrate.errors import UsageError
from crmmigrate.model.matching import Bands, Judgement

__all__ = ["choose_threshold", "forced_pairs"]


def choose_threshold(bands: Bands) -> float:
    """Return the least score of a match, as the base 2 logarithm of the odds."""
    if bands.match is not None:
        sure = min(max(bands.match, 1e-9), 1 - 1e-9)
        return log2(sure / (1 - sure))
    return 0.0


def forced_pairs(keys: pl.Series, decisions: pl.DataFrame | None) -> pl.DataFrame:
    """Return `a`, `b`, `said` of human judgements whose two records are both here.

    Raises:
        UsageError: the same pair is judged both ways.
    """
    empty = pl.DataFrame(schema={"a": pl.UInt32, "b": pl.UInt32, "said": pl.String})
    if decisions is None or decisions.height == 0:
        return empty
    rows = (
        pl.DataFrame({"key": keys})
        .with_row_index("row")
        .with_columns(pl.col("row").cast(pl.UInt32))
    )
    said = (
        decisions.filter(
            pl.col("judgement").is_in([Judgement.MATCH.value, Judgement.NO_MATCH.value])
        )
        .join(rows, left_on="key_a", right_on="key")
        .join(rows, left_on="key_b", right_on="key", suffix="_b")
        .filter(pl.col("row") != pl.col("row_b"))
        .select(
            pl.min_horizontal("row", "row_b").alias("a"),
            pl.max_horizontal("row", "row_b").alias("b"),
            pl.col("judgement").alias("said"),
        )
        .unique(maintain_order=True)
    )
    twice = said.filter(pl.struct("a", "b").is_duplicated())
    if twice.height:
        row = twice.row(0)
        raise UsageError(
            f"'{keys[row[0]]}' and '{keys[row[1]]}' are judged both match and no_match",
            hint="remove one of the two decisions",
        )
    return said
