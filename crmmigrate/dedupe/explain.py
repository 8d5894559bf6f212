"""Tell why two records are, or are not, the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from crmmigrate.dedupe.compare import compare_pairs, encode_features
from crmmigrate.dedupe.evidence import Encoded
from crmmigrate.dedupe.member_sets import MEMBER_PARTS, member_lists
from crmmigrate.dedupe.score import Weights, score_pairs, weight_column
from crmmigrate.errors import UsageError
from crmmigrate.model.matching import MatchRules

__all__ = ["CONTRIBUTION", "PairEvidence", "contributions", "explain_pair"]

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


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """Why two records are, or are not, the same.

    Attributes:
        score: Base 2 logarithm of the odds that they are.
        probability: The same as a probability.
        veto: Code of the veto that holds them apart, or None.
        prior: Score of two records of which nothing is known.
        contributions: One dict of CONTRIBUTION a piece of evidence that is known of both.
        keys: Blocking key that both share → what they share, e.g. `phone: 0722123456`.
    """

    score: float
    probability: float
    veto: str | None
    prior: float
    contributions: tuple[Mapping[str, Any], ...]
    keys: Mapping[str, str]

    @property
    def repeated(self) -> float:
        """What the score is lower by because evidence of one group says the same twice."""
        told = sum(float(part["weight"]) for part in self.contributions)
        return min(0.0, round(self.score - self.prior - told, 2))


def explain_pair(
    frame: pl.DataFrame, rules: MatchRules, weights: Weights, key_a: str, key_b: str
) -> PairEvidence:
    """Weigh any two records, whether or not they were ever compared.

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
            raise UsageError(
                f"there is no record '{key}'", hint="record keys look like source:object:dataset/id"
            )
    encoded = encode_features(frame, rules)
    a, b = rows[key_a], rows[key_b]
    pairs = pl.DataFrame({"a": [a], "b": [b]}, schema={"a": pl.UInt32, "b": pl.UInt32})
    scored = score_pairs(compare_pairs(encoded, pairs), weights, encoded, rules)
    found = scored.row(0, named=True)
    return PairEvidence(
        score=found["score"],
        probability=found["probability"],
        veto=found["veto"],
        prior=weights.prior,
        contributions=tuple(contributions(scored, weights, encoded).to_list()[0]),
        keys=_shared_keys(encoded, rules, a, b),
    )


def _shared_keys(
    encoded: Mapping[str, Encoded], rules: MatchRules, a: int, b: int
) -> dict[str, str]:
    """Return the blocking keys of which both records hold the same value in every part."""
    found = {}
    for key in rules.blocking:
        shared = [_shared(encoded, part, a, b) for part in key.parts]
        if all(shared):
            found[key.name] = ", ".join(shared)
    return found


def _shared(encoded: Mapping[str, Encoded], part: str, a: int, b: int) -> str:
    """Return what two records hold both of a part, blank if nothing."""
    feature, _, column = part.partition(".")
    one = encoded.get(feature)
    if one is None or one.ids[a] is None or one.ids[b] is None:
        return ""
    ids = one.ids.gather([a, b])
    values = (
        member_lists(one, ids)[column]
        if column in MEMBER_PARTS and "members" in one.tables
        else one.values[column].gather(ids)
    )
    mine, other = values[0], values[1]
    if isinstance(mine, pl.Series) and isinstance(other, pl.Series):
        both = sorted({str(text) for text in mine} & {str(text) for text in other})
        return both[0] if both else ""
    return str(mine) if mine is not None and mine == other else ""
