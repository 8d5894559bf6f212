"""How good a clustering is: against truth, against a judged sample, or by its own probabilities."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import polars as pl

from crmmigrate.model.matching import Judgement

__all__ = ["Agreement", "Estimate", "against_truth", "expected", "from_sample", "harmonic_mean"]

_Z = 1.96
"""Standard deviations to either side of a mean that hold 95 % of a normal distribution."""


def harmonic_mean(one: float, other: float) -> float:
    """Return F1 of a precision and a recall."""
    return 2 * one * other / (one + other) if one + other else 0.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """Precision and recall of pairs, and of records (B-cubed, Bagga and Baldwin 1998).

    Attributes:
        precision: Share of pairs within clusters that are true.
        recall: Share of true pairs that are within clusters.
        cubed_precision: Mean over records of the share of its cluster that is its entity.
        cubed_recall: Mean over records of the share of its entity that is in its cluster.
    """

    precision: float
    recall: float
    cubed_precision: float
    cubed_recall: float

    @property
    def f1(self) -> float:
        """F1 of pairs."""
        return harmonic_mean(self.precision, self.recall)

    @property
    def cubed_f1(self) -> float:
        """F1 of records."""
        return harmonic_mean(self.cubed_precision, self.cubed_recall)


def against_truth(found: pl.DataFrame) -> Agreement:
    """Compare clusters with entities.

    Args:
        found: `cluster_id` and `entity` of every record whose entity is known.
    """

    def pairs(*by: str) -> int:
        sizes = found.group_by(by).len()["len"].cast(pl.Int64)
        return int((sizes * (sizes - 1) // 2).sum())

    both, made, true = pairs("cluster_id", "entity"), pairs("cluster_id"), pairs("entity")
    sized = found.with_columns(
        pl.len().over("cluster_id", "entity").alias("both"),
        pl.len().over("cluster_id").alias("made"),
        pl.len().over("entity").alias("true"),
    )
    cubed = sized.select(
        (pl.col("both") / pl.col("made")).mean(),
        (pl.col("both") / pl.col("true")).mean().alias("recall"),
    ).row(0)
    return Agreement(
        precision=both / made if made else 1.0,
        recall=both / true if true else 1.0,
        cubed_precision=cubed[0] if found.height else 1.0,
        cubed_recall=cubed[1] if found.height else 1.0,
    )


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimated share with the interval that holds it in 95 of 100 samples."""

    value: float
    low: float
    high: float


def expected(pairs: pl.DataFrame) -> tuple[float, float]:
    """Return the precision and recall that the probabilities of the pairs promise.

    They are as right as the probabilities are calibrated; true pairs that no blocking key brought
    up, or that were too unlikely to be told of, are not known and not counted.

    Args:
        pairs: `probability` and `judgement`.
    """
    matched = pairs.filter(pl.col("judgement") == Judgement.MATCH.value)["probability"]
    every = float(pairs["probability"].sum())
    precision = float(matched.mean()) if matched.len() else 1.0  # type: ignore[arg-type]
    return precision, float(matched.sum()) / every if every else 1.0


def from_sample(
    judged: Mapping[int, Sequence[tuple[bool, bool]]], sizes: Mapping[int, int]
) -> tuple[Estimate, Estimate]:
    """Return precision and recall estimated from a stratified sample of pairs.

    Args:
        judged: Stratum → (matched, true) of each judged pair.
        sizes: Stratum → pairs it holds in all.

    Returns:
        Both with the variance of a stratified ratio (Cochran, Sampling Techniques, 3rd ed., 5A).
    """
    strata = {s: rows for s, rows in judged.items() if rows}
    precision = _ratio(strata, sizes, lambda m, t: (m and t, m))
    recall = _ratio(strata, sizes, lambda m, t: (m and t, t))
    return precision, recall


def _ratio(
    strata: Mapping[int, Sequence[tuple[bool, bool]]],
    sizes: Mapping[int, int],
    parts: Callable[[bool, bool], tuple[bool, bool]],
) -> Estimate:
    """Estimate the ratio of two totals over all strata."""
    rows = {s: [parts(m, t) for m, t in found] for s, found in strata.items()}
    above = sum(sizes[s] * sum(y for y, _ in found) / len(found) for s, found in rows.items())
    below = sum(sizes[s] * sum(x for _, x in found) / len(found) for s, found in rows.items())
    if not below:
        return Estimate(1.0, 0.0, 1.0)
    ratio, variance = above / below, 0.0
    for s, found in rows.items():
        n = len(found)
        rest = [y - ratio * x for y, x in found]
        mean = sum(rest) / n
        # Half a case more keeps the interval of a stratum without any error from being nothing.
        spread = (sum((r - mean) ** 2 for r in rest) + 0.5) / max(n - 1, 1)
        variance += sizes[s] ** 2 * max(0.0, 1 - n / sizes[s]) * spread / n
    around = _Z * sqrt(variance) / below
    return Estimate(ratio, max(0.0, ratio - around), min(1.0, ratio + around))
