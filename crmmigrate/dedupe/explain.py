"""Tell why two records are, or are not, the same."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.dedupe.compare import compare_pairs, encode_features
from crmmigrate.dedupe.evidence import Encoded
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
    every = pl.concat([_of_feature(one, scored, weights) for one in encoded.values()])
    parts = pl.struct(list(CONTRIBUTION.to_schema())).alias("contributions")
    told = every.sort("pair", maintain_order=True).select("pair", parts)
    lists = told.group_by("pair", maintain_order=True).agg("contributions")
    rows = pl.DataFrame({"pair": pl.int_range(scored.height, dtype=pl.UInt32, eager=True)})
    found = rows.join(lists, on="pair", how="left", maintain_order="left")["contributions"]
    return found.fill_null(pl.Series([[]], dtype=found.dtype))


def _of_feature(one: Encoded, scored: pl.DataFrame, weights: Weights) -> pl.DataFrame:
    """Return what every piece of a feature's evidence added, by the number of the pair."""
    ids = scored.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("pair"),
        one.ids.gather(scored["a"]).alias("va"),
        one.ids.gather(scored["b"]).alias("vb"),
        *(column for name in one.evidence for column in (name, weight_column(name))),
    ).drop_nulls(["va", "vb"])
    shown = one.values["shown"]
    ids = ids.with_columns(value_a=shown.gather(ids["va"]), value_b=shown.gather(ids["vb"]))
    return pl.concat(
        ids.filter(pl.col(name).is_not_null()).select(
            "pair",
            pl.lit(name).alias("feature"),
            "value_a",
            "value_b",
            pl.col(name)
            .replace_strict(
                {i: level.name for i, level in enumerate(weights.levels[name])},
                default=None, return_dtype=pl.String,
            )
            .alias("level"),
            pl.col(weight_column(name)).round(2).alias("weight"),
        )
        for name in one.evidence
    )  # fmt: skip


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
