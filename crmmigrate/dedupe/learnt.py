"""Weights as rows, so that a run keeps what it has learnt."""

import polars as pl

from crmmigrate.dedupe.evidence import Level
from crmmigrate.dedupe.score import Weights

__all__ = ["WEIGHTS", "weights_frame", "weights_of"]

WEIGHTS = pl.Schema(
    {
        "evidence": pl.String,
        "level": pl.String,
        "match": pl.Float64,
        "random": pl.Float64,
        "rare": pl.Boolean,
        "apart": pl.Float64,
        "prior": pl.Float64,
        "disbelieved": pl.String,
    }
)
"""One row a level in their order; `prior` and `disbelieved` (codes, joined by blanks) in each."""


def weights_frame(weights: Weights) -> pl.DataFrame:
    """Return the weights as rows of WEIGHTS."""
    common = (weights.prior, " ".join(sorted(weights.disbelieved)))
    rows = [
        (name, level.name, level.match, level.random, level.rare, level.apart, *common)
        for name, levels in weights.levels.items()
        for level in levels
    ]
    return pl.DataFrame(rows, schema=WEIGHTS, orient="row")


def weights_of(frame: pl.DataFrame) -> Weights:
    """Return the weights that rows of WEIGHTS tell."""
    levels: dict[str, tuple[Level, ...]] = {}
    for row in frame.iter_rows(named=True):
        level = Level(
            row["level"], row["match"], row["random"], rare=row["rare"], apart=row.get("apart", 1.0)
        )
        levels[row["evidence"]] = (*levels.get(row["evidence"], ()), level)
    prior = frame["prior"][0] if frame.height else 0.0
    codes = frame["disbelieved"][0].split() if frame.height else []
    return Weights(levels, prior, frozenset(codes))
