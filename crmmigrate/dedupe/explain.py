"""Tell why two records are, or are not, the same."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.dedupe.compare import compare_pairs, encode_features
from crmmigrate.dedupe.evidence import VALUE_ID, Encoded
from crmmigrate.dedupe.score import Weights, score_pairs, weight_column
from crmmigrate.errors import UsageError
from crmmigrate.model.matching import MatchRules

__all__ = ["CONTRIBUTION", "contributions", "explain_pair"]

CONTRIBUTION = pl.Struct(
    {
        "feature": pl.String,
        "value_a": pl.String,
        "value_b": pl.String,
        "level": pl.String,
        "weight": pl.Float32,
    }
)
"""What one piece of evidence added to a score."""


def contributions(
    scored: pl.DataFrame, weights: Weights, encoded: Mapping[str, Encoded]
) -> pl.Series:
    """Return the list of contributions of every pair, unknown evidence left out."""
    if scored.height == 0:
        return pl.Series("contributions", [], dtype=pl.List(CONTRIBUTION))
    structs = []
    for one in encoded.values():
        shown = one.values.select(VALUE_ID, "shown")
        sides = [_shown(one.ids.gather(scored[side]), shown) for side in ("a", "b")]
        for name in one.evidence:
            names = {i: level.name for i, level in enumerate(weights.levels[name])}
            frame = scored.select(
                pl.lit(name).alias("feature"),
                sides[0].alias("value_a"),
                sides[1].alias("value_b"),
                pl.col(name)
                .replace_strict(names, default=None, return_dtype=pl.String)
                .alias("level"),
                pl.col(weight_column(name)).round(2).alias("weight"),
            )
            struct = pl.struct(frame.columns)
            structs.append(
                frame.select(pl.when(pl.col("level").is_not_null()).then(struct).alias(name))[name]
            )
    return pl.DataFrame(structs).select(
        pl.concat_list(pl.all()).list.drop_nulls().alias("contributions")
    )["contributions"]


def _shown(ids: pl.Series, shown: pl.DataFrame) -> pl.Series:
    frame = ids.alias(VALUE_ID).to_frame()
    return frame.join(shown, on=VALUE_ID, how="left", maintain_order="left")["shown"]


def explain_pair(
    frame: pl.DataFrame, rules: MatchRules, weights: Weights, key_a: str, key_b: str
) -> pl.DataFrame:
    """Return one row with score, probability, veto and contributions of any two records.

    Args:
        frame: All records, so that rare values are known as such.
        rules: Match rules.
        weights: As learnt when matching.
        key_a: `_key` of the one.
        key_b: `_key` of the other.

    Raises:
        UsageError: there is no such record.
    """
    rows = dict(zip(frame["_key"], range(frame.height), strict=True))
    for key in (key_a, key_b):
        if key not in rows:
            raise UsageError(f"there is no record '{key}'", hint="keys stand in clusters.csv")
    encoded = encode_features(frame, rules)
    pairs = pl.DataFrame(
        {"a": [rows[key_a]], "b": [rows[key_b]]}, schema={"a": pl.UInt32, "b": pl.UInt32}
    )
    scored = score_pairs(compare_pairs(encoded, pairs), weights, encoded, rules)
    return scored.select("score", "probability", "veto", contributions(scored, weights, encoded))
