"""Decide: the threshold of matches, and what people said."""

from collections.abc import Sequence
from math import log2

import polars as pl

from crmmigrate.model.decisions import DECIDED, DECISION_COLUMNS, Decision
from crmmigrate.model.matching import Bands, Judgement

__all__ = ["choose_threshold", "decision_frame", "forced_pairs", "unkept"]


def choose_threshold(bands: Bands) -> float:
    """Return the least score of a match, as the base 2 logarithm of the odds.

    Merging costs less than leaving apart, as far as can be expected, from the odds on that equal
    the cost of a wrong merge.
    """
    if bands.match is not None:
        sure = min(max(bands.match, 1e-9), 1 - 1e-9)
        return log2(sure / (1 - sure))
    return log2(bands.false_merge_cost)


def decision_frame(decisions: Sequence[Decision]) -> pl.DataFrame:
    """Return decisions as rows of `key_a`, `key_b`, `judgement`."""
    rows = [(d.key_a, d.key_b, d.judgement) for d in decisions]
    return pl.DataFrame(rows, schema=dict.fromkeys(DECISION_COLUMNS[:3], pl.String), orient="row")


def forced_pairs(keys: pl.Series, decisions: pl.DataFrame | None) -> pl.DataFrame:
    """Return `a`, `b`, `said` of human judgements whose two records are both here.

    Of a pair that is judged both ways, `no_match` holds: nothing is merged on a word that is
    disputed.

    Args:
        keys: Key of every record.
        decisions: `key_a`, `key_b`, `judgement`.
    """
    empty = pl.DataFrame(schema={"a": pl.UInt32, "b": pl.UInt32, "said": pl.String})
    if decisions is None or decisions.height == 0:
        return empty
    rows = (
        pl.DataFrame({"key": keys})
        .with_row_index("row")
        .with_columns(pl.col("row").cast(pl.UInt32))
    )
    apart = pl.col("judgement") == Judgement.NO_MATCH.value
    return (
        decisions.filter(pl.col("judgement").is_in(DECIDED))
        .join(rows, left_on="key_a", right_on="key")
        .join(rows, left_on="key_b", right_on="key", suffix="_b")
        .filter(pl.col("row") != pl.col("row_b"))
        .group_by(
            pl.min_horizontal("row", "row_b").alias("a"),
            pl.max_horizontal("row", "row_b").alias("b"),
            maintain_order=True,
        )
        .agg(
            pl.when(apart.any())
            .then(pl.lit(Judgement.NO_MATCH.value))
            .otherwise(pl.lit(Judgement.MATCH.value))
            .alias("said")
        )
    )


def unkept(decisions: pl.DataFrame, clusters: pl.DataFrame) -> pl.DataFrame:
    """Return the decisions that did not come true, with `code` and `message`.

    Args:
        decisions: `key_a`, `key_b`, `judgement`.
        clusters: `_key`, `cluster_id` of every record.

    Returns:
        DUP221 for a `match` whose records are apart because other decisions forbid it, and DUP222
        for decisions about records that are not here.
    """
    ids = clusters.select("_key", "cluster_id")
    both = decisions.select("key_a", "key_b", "judgement").join(
        ids, left_on="key_a", right_on="_key", how="left", maintain_order="left"
    ).join(ids, left_on="key_b", right_on="_key", how="left", suffix="_b", maintain_order="left")  # fmt: skip
    gone_a, gone_b = pl.col("cluster_id").is_null(), pl.col("cluster_id_b").is_null()
    apart = pl.col("cluster_id") != pl.col("cluster_id_b")
    gone = pl.when(gone_a).then("key_a").otherwise("key_b")
    other = pl.concat_str(pl.lit("decided to be one with "), "key_b")
    return (
        both.filter(gone_a | gone_b | ((pl.col("judgement") == Judgement.MATCH.value) & apart))
        .with_columns(
            pl.when(gone_a | gone_b)
            .then(pl.lit("DUP222"))
            .otherwise(pl.lit("DUP221"))
            .alias("code"),
            pl.when(gone_a | gone_b)
            .then(pl.concat_str(pl.lit("there is no record "), gone))
            .otherwise(pl.concat_str(other, pl.lit(", but other decisions keep them apart")))
            .alias("message"),
        )
        .select("key_a", "key_b", "judgement", "code", "message")
    )
