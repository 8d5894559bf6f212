"""Join clusters by the evidence of all their records together.

Two records of which little is known may each be too little like the other, and yet like it in
different fields: one member of a cluster shares the telephone, another the birth date. So clusters
are compared field by field, each field by its best pair, as if each cluster were one record that
holds what all its members know.
"""

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from crmmigrate.dedupe.block import packed_pairs
from crmmigrate.dedupe.evidence import Encoded
from crmmigrate.dedupe.score import Weights, grouped_score, weight_column
from crmmigrate.model.matching import MatchRules

__all__ = ["join_clusters"]

_ROUNDS = 3
_LARGEST = 20
"""Most records of two clusters that are joined in this way."""
_NEAR = -8.0
"""Score of the best pair from which two clusters are looked at."""

ScorePairs = Callable[[pl.Series], pl.DataFrame]
"""Packed pairs that were not compared yet → the same columns as the scored ones."""


def join_clusters(
    scored: pl.DataFrame,
    labels: pl.Series,
    threshold: float,
    weights: Weights,
    encoded: Mapping[str, Encoded],
    rules: MatchRules,
    score_more: ScorePairs,
) -> tuple[pl.DataFrame, pl.Series]:
    """Return the scored pairs, with those that had to be looked at, and the new labels.

    The best of several pairs is good by chance the more often, the more there are: each doubling
    costs one bit. No clusters are joined with a veto between any of their records.

    Args:
        scored: As for `cluster_records`, with the weight of every piece of evidence.
        labels: Cluster of each record.
        threshold: Least score of a match.
        weights: As learnt.
        encoded: All features.
        rules: Match rules.
        score_more: Compares further pairs.
    """
    for _ in range(_ROUNDS):
        near = _joint(scored, labels, weights, encoded, rules)
        near = near.filter(pl.col("joint") >= threshold)
        if near.is_empty():
            break
        known = packed_pairs(scored["a"], scored["b"])
        wanted = _pairs_between(near, labels)
        missing = wanted.filter(~wanted.is_in(known.implode()))
        if missing.len():
            scored = pl.concat([scored, score_more(missing).select(scored.columns)])
            near = _joint(scored, labels, weights, encoded, rules)
        near = near.filter((pl.col("joint") >= threshold) & ~pl.col("vetoed"))
        joined = _best_first(near)
        if not joined:
            break
        labels = labels.replace(joined)
    return scored, labels


def _joint(
    scored: pl.DataFrame,
    labels: pl.Series,
    weights: Weights,
    encoded: Mapping[str, Encoded],
    rules: MatchRules,
) -> pl.DataFrame:
    """Return `one`, `other` (labels), `joint` score and `vetoed` of clusters that are near."""
    sizes = pl.Series("n", np.bincount(labels.to_numpy()))
    one, other = labels.gather(scored["a"]), labels.gather(scored["b"])
    ends = pl.DataFrame([
        one.alias("la"), other.alias("lb"), sizes.gather(one), sizes.gather(other).alias("n_b")
    ])  # fmt: skip
    few = (pl.col("n") * pl.col("n_b") > 1) & (pl.col("n") + pl.col("n_b") <= _LARGEST)
    joinable = ends.select((pl.col("la") != pl.col("lb")) & few).to_series()
    low, high = pl.min_horizontal("la", "lb"), pl.max_horizontal("la", "lb")
    columns = [weight_column(name) for name in weights.levels]
    both = ends.select((low.cast(pl.UInt64) * 2**32 + high).alias("both")).to_series()
    looked_at = both.filter(joinable & (scored["score"] >= _NEAR)).unique()
    joinable &= both.is_in(looked_at.implode())
    possible = ends.select((pl.col("n") * pl.col("n_b")).alias("pairs")).to_series()
    apart = scored.select("score", "veto", *columns).hstack([both, possible]).filter(joinable)
    near = apart.group_by("both").agg(
        pl.col("veto").is_not_null().any().alias("vetoed"),
        pl.col("pairs").first(),
        *(pl.col(column).max() for column in columns),
    )
    score = weights.prior + grouped_score(weights, encoded, rules) - pl.col("pairs").log(2.0)
    low, high = pl.col("both") // 2**32, pl.col("both") % 2**32
    return near.select(
        low.cast(pl.UInt32).alias("one"), high.cast(pl.UInt32).alias("other"),
        score.alias("joint"), "vetoed",
    )  # fmt: skip


def _pairs_between(near: pl.DataFrame, labels: pl.Series) -> pl.Series:
    """Return all packed pairs of records of two clusters that are near."""
    rows = pl.DataFrame([labels.alias("label"), pl.int_range(len(labels), dtype=pl.UInt32, eager=True).alias("row")])  # fmt: skip
    both = near.select("one", "other").join(rows, left_on="one", right_on="label").join(
        rows, left_on="other", right_on="label", suffix="_b"
    )  # fmt: skip
    return packed_pairs(both["row"], both["row_b"]).unique()


def _best_first(near: pl.DataFrame) -> dict[int, int]:
    """Return label → the label it joins; each cluster is joined once, with its best match."""
    taken: set[int] = set()
    joined = {}
    ordered = near.sort("joint", "one", "other", descending=[True, False, False])
    for one, other in ordered.select("one", "other").iter_rows():
        if one not in taken and other not in taken:
            taken |= {one, other}
            joined[other] = one
    return joined
