"""Find the duplicates of one frame of records."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import polars as pl

from crmmigrate.dedupe.block import across, all_pairs, candidate_pairs, packed_pairs, unpacked
from crmmigrate.dedupe.cluster import cluster_records, components
from crmmigrate.dedupe.cluster_names import CLUSTERS, name_clusters
from crmmigrate.dedupe.compare import compare_pairs, encode_features
from crmmigrate.dedupe.decide import choose_threshold, forced_pairs
from crmmigrate.dedupe.evidence import Encoded
from crmmigrate.dedupe.explain import CONTRIBUTION, contributions
from crmmigrate.dedupe.join import join_clusters
from crmmigrate.dedupe.score import Weights, score_pairs
from crmmigrate.dedupe.screen import screen_pairs
from crmmigrate.dedupe.train import train
from crmmigrate.model.matching import Judgement, MatchRules

__all__ = ["CLUSTERS", "PAIRS", "MatchResult", "match_records"]

_PAIR: dict[str, pl.DataType | type[pl.DataType]] = {
    "key_a": pl.String,
    "key_b": pl.String,
    "score": pl.Float32,
    "probability": pl.Float32,
    "judgement": pl.String,
    "veto": pl.String,
    "contributions": pl.List(CONTRIBUTION),
}
PAIRS = pl.Schema(_PAIR)
"""One row a pair that was close enough to be worth telling of; `veto` is a DUP code or null."""
_WORTH_TELLING = 0.02
_WHOLE = 40
"""Largest group of linked records of which every pair is compared."""

_EVERY = 2_000_000
"""Pairs up to which every two records are compared: blocking is for files too large for that."""
_FEWEST = 300
"""Records below which a match is so likely beforehand, and so little can be learnt, that neighbouring
telephone numbers alone would join two records that share no key."""


@dataclass(frozen=True)
class MatchResult:
    """What matching found.

    Attributes:
        pairs: Rows of `PAIRS`, the surest first.
        clusters: Rows of `CLUSTERS`.
        weights: What was learnt; give it to `match_records` again to score without training.
        threshold: Least score (base 2 logarithm of the odds) of a match.
        by_key: Blocking key → pairs it brought up.
        compared: Number of distinct pairs compared.
        findings: DUP code → how often it fired.
    """

    pairs: pl.DataFrame
    clusters: pl.DataFrame
    weights: Weights
    threshold: float = 0.0
    by_key: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    compared: int = 0
    findings: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


def match_records(
    frame: pl.DataFrame,
    rules: MatchRules,
    decisions: pl.DataFrame | None = None,
    *,
    side: pl.Series | None = None,
    weights: Weights | None = None,
) -> MatchResult:
    """Find pairs and clusters of records that are the same.

    Args:
        frame: `_key` (unique) and canonical columns, best in canonical spelling.
        rules: Match rules of the object.
        decisions: Human judgements (`key_a`, `key_b`, `judgement`); they always hold.
        side: A label per record; only records of different sides are paired.
        weights: Learnt earlier; learnt from this frame if None.
    """
    encoded = encode_features(frame, rules)
    if not encoded or frame.height < 2:
        return _nothing(frame)
    threshold = choose_threshold(rules.bands)
    forced = forced_pairs(frame["_key"], decisions)
    found = candidate_pairs(encoded, rules, side)
    beyond = _beyond(found.pairs, frame.height, side)
    compared = len(found.pairs) + len(beyond)
    weights = weights or train(
        encoded, found.pairs, rules, frame.height, _possible(frame.height, side)
    )
    screened = screen_pairs(found.pairs, encoded, weights, rules)
    by_key, vetoed, rows = found.by_key, screened.vetoed, screened.compared
    rows = pl.concat([rows, screen_pairs(beyond, encoded, weights, rules).compared])
    scored = score_pairs(rows, weights, encoded, rules)
    del found, screened, rows, beyond  # what is not needed any more makes room
    scored, labels = _grouped(scored, _Score(encoded, weights, rules, forced), threshold, side)
    encoded = {name: _shown(one) for name, one in encoded.items()}
    judged = _judged(scored, labels, threshold, rules)
    del scored
    counts, clusters = _counts(judged, vetoed), name_clusters(frame, labels)
    pairs = _pairs(frame, judged, weights, encoded)
    return MatchResult(pairs, clusters, weights, threshold, by_key, compared, counts)


def _beyond(pairs: pl.Series, records: int, side: pl.Series | None) -> pl.Series:
    """Return the pairs that share no blocking key, where the records are so few that all are compared."""
    if records < _FEWEST or records * (records - 1) > 2 * _EVERY:
        return pairs.clear()
    one = pl.Series("label", [0], dtype=pl.UInt32).new_from_index(0, records)
    every = across(all_pairs(one, records), side)
    return every.filter(~every.is_in(pairs.implode()))


def _shown(one: Encoded) -> Encoded:
    """Return of a feature only what tells of its pairs."""
    return replace(one, values=one.values.select("shown"), tables={}, prepared={})


@dataclass(frozen=True, slots=True)
class _Score:
    """Scores pairs that were not among the candidates; people's decisions count."""

    encoded: Mapping[str, Encoded]
    weights: Weights
    rules: MatchRules
    forced: pl.DataFrame

    def more(self, pairs: pl.Series) -> pl.DataFrame:
        """Compare and score packed pairs."""
        compared = compare_pairs(self.encoded, unpacked(pairs))
        scored = score_pairs(compared, self.weights, self.encoded, self.rules)
        return _with_decisions(scored, self.forced, self.rules)


def _grouped(
    scored: pl.DataFrame, score: _Score, threshold: float, side: pl.Series | None
) -> tuple[pl.DataFrame, pl.Series]:
    """Return all pairs that were looked at, and the cluster label of every record."""
    records = len(next(iter(score.encoded.values())).ids)
    scored = _with_decisions(scored, score.forced, score.rules)
    said = packed_pairs(score.forced["a"], score.forced["b"])
    wanted = pl.concat([_within(scored, threshold, side, records), said])
    known = packed_pairs(scored["a"], scored["b"])
    more = score.more(wanted.filter(~wanted.is_in(known.implode())).unique())
    scored = pl.concat([scored, more.select(scored.columns)])
    labels = cluster_records(scored, threshold, records)
    return join_clusters(
        scored, labels, threshold, score.weights, score.encoded, score.rules,
        lambda pairs: score.more(across(pairs, side)),
    )  # fmt: skip


def _within(
    scored: pl.DataFrame, threshold: float, side: pl.Series | None, records: int
) -> pl.Series:
    """Return all pairs of groups that hang together: clustering must know what speaks against."""
    linked = scored.filter(pl.col("veto").is_null() & (pl.col("score") >= threshold))
    inside = all_pairs(components(linked, records), _WHOLE)
    return inside if side is None else across(inside, side)


def _with_decisions(scored: pl.DataFrame, forced: pl.DataFrame, rules: MatchRules) -> pl.DataFrame:
    """Add what a person decided: `must` holds pairs together, a `hard` veto holds them apart."""
    scored = scored.join(forced, on=["a", "b"], how="left", maintain_order="left")
    must = pl.col("said").eq_missing(Judgement.MATCH.value)
    cannot = pl.col("said").eq_missing(Judgement.NO_MATCH.value)
    scored = scored.with_columns(
        must.alias("must"), pl.when(cannot).then(pl.lit("DUP210")).otherwise("veto").alias("veto")
    )
    hard = ["DUP210", *(v.code for v in rules.vetoes if v.hard)]
    return scored.with_columns(pl.col("veto").is_in(hard).fill_null(value=False).alias("hard"))


def _possible(records: int, side: pl.Series | None) -> float:
    if side is None:
        return records * (records - 1) / 2
    sizes = side.value_counts(name="n")["n"].to_list()
    return float(max(1, (records**2 - sum(n * n for n in sizes)) // 2))


def _judged(
    scored: pl.DataFrame, labels: pl.Series, threshold: float, rules: MatchRules
) -> pl.DataFrame:
    """Add the judgement; what clustering tore apart is for a person to see."""
    together = labels.gather(scored["a"]) == labels.gather(scored["b"])
    match = (pl.col("score") >= threshold) & pl.col("veto").is_null()
    likely = pl.col("probability") >= rules.bands.review
    judged = scored.with_columns(together.alias("together")).with_columns(
        pl.when("must").then(pl.lit(Judgement.MATCH.value))
        .when(pl.col("veto") == "DUP210").then(pl.lit(Judgement.NO_MATCH.value))
        .when(match & pl.col("together")).then(pl.lit(Judgement.MATCH.value))
        .when(match | (likely & pl.col("veto").is_null())).then(pl.lit(Judgement.REVIEW.value))
        .otherwise(pl.lit(Judgement.NO_MATCH.value)).alias("judgement"),
        pl.when(match & ~pl.col("together")).then(pl.lit("DUP220")).otherwise("veto").alias("veto"),
    )  # fmt: skip
    told = pl.col("must") | pl.col("together") | (pl.col("judgement") != Judgement.NO_MATCH.value)
    rest = judged.filter(~told & (pl.col("probability") >= _WORTH_TELLING))
    return pl.concat([judged.filter(told), rest.top_k(max(len(labels) // 10, 1000), by="score")])


def _pairs(
    frame: pl.DataFrame, judged: pl.DataFrame, weights: Weights, encoded: Mapping[str, Encoded]
) -> pl.DataFrame:
    keys = frame["_key"]
    return (
        judged.with_columns(
            keys.gather(judged["a"]).alias("key_a"),
            keys.gather(judged["b"]).alias("key_b"),
            contributions(judged, weights, encoded),
        )
        .sort("score", "a", "b", descending=[True, False, False])
        .select(PAIRS.names())
        .cast(PAIRS)
    )


def _counts(judged: pl.DataFrame, vetoed: Mapping[str, int]) -> dict[str, int]:
    fired = Counter(dict(judged["veto"].drop_nulls().value_counts(name="n").iter_rows()))
    fired.update(vetoed)
    return dict(sorted(fired.items()))


def _nothing(frame: pl.DataFrame) -> MatchResult:
    """Every record is a cluster of its own: nothing is known of them."""
    labels = pl.Series("label", range(frame.height), dtype=pl.UInt32)
    return MatchResult(
        pairs=pl.DataFrame(schema=PAIRS),
        clusters=name_clusters(frame, labels),
        weights=Weights({}, 0.0),
    )
