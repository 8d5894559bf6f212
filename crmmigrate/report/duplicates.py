"""Show the duplicates: scores, biggest clusters, and why records were taken for the same."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from crmmigrate.model.canonical import CanonicalModel
from crmmigrate.model.findings import Rule
from crmmigrate.model.matching import Judgement, MatchRules
from crmmigrate.model.semantic import SemanticType
from crmmigrate.report.books import read_stage_reports
from crmmigrate.report.contract import (
    ClusterLine,
    Contribution,
    DuplicateSection,
    Histogram,
    PairExample,
)
from crmmigrate.report.fates import channel
from crmmigrate.report.masks import mask_value
from crmmigrate.store.artifacts import units

__all__ = ["duplicate_sections"]

_BINS = 24
_SHORTEST_SPAN = 6.0
"""Scores that lie closer together than this are drawn on an axis of this length."""
_BIGGEST = 8
_KEYS_SHOWN = 12
_SCORE = pl.col("score")
_SIZES = ("2", "3", "4", "5–9", "10 and more")


def duplicate_sections(
    run_dir: Path,
    model: CanonicalModel,
    match_rules: Mapping[str, MatchRules],
    rules: Mapping[str, Rule],
) -> tuple[DuplicateSection, ...]:
    """Return one section for each object that was compared for duplicates."""
    done = set(units(run_dir, "dedupe"))
    sections = []
    for object_ in (name for name in model.objects if name in done):
        pairs = channel(run_dir, "dedupe", object_, "pairs")
        if pairs is not None or object_ in match_rules:
            examples = _examples(pairs, match_rules.get(object_), rules)
            sections.append(_section(run_dir, object_, pairs, examples))
    return tuple(sections)


def _section(
    run_dir: Path,
    object_: str,
    pairs: pl.LazyFrame | None,
    examples: tuple[PairExample, ...],
) -> DuplicateSection:
    members = channel(run_dir, "dedupe", object_, "members")
    clusters = _clusters(members)
    counts = _judgement_counts(pairs)
    return DuplicateSection(
        object=object_,
        records=_height(members),
        golden=_height(members, pl.col("_key") == pl.col("golden_key")),
        clusters=clusters.height,
        cluster_sizes=_sizes(clusters),
        across_sources=clusters.filter(pl.col("sources").list.len() > 1).height,
        pairs=sum(counts.values()),
        matches=counts.get(Judgement.MATCH.value, 0),
        reviews=counts.get(Judgement.REVIEW.value, 0),
        match_threshold=_decided(run_dir, object_) or _lowest(pairs, [Judgement.MATCH]),
        review_threshold=_lowest(pairs, [Judgement.MATCH, Judgement.REVIEW]),
        histogram=_histogram(pairs),
        biggest=_biggest(members, clusters),
        examples=examples,
    )


def _height(frame: pl.LazyFrame | None, test: pl.Expr | None = None) -> int:
    if frame is None:
        return 0
    kept = frame if test is None else frame.filter(test)
    return int(kept.select(pl.len()).collect().item())


def _clusters(members: pl.LazyFrame | None) -> pl.DataFrame:
    """Return (golden_key, size, sources) of clusters with more than one member."""
    if members is None:
        return pl.DataFrame(
            schema={"golden_key": pl.String, "size": pl.UInt32, "sources": pl.List(pl.String)}
        )
    source = pl.col("_key").str.split(":").list.first()
    return (
        members.group_by("golden_key")
        .agg(pl.len().alias("size"), source.unique().sort().alias("sources"))
        .filter(pl.col("size") > 1)
        .sort(["size", "golden_key"], descending=[True, False])
        .collect()
    )


def _sizes(clusters: pl.DataFrame) -> dict[str, int]:
    size = pl.col("size")
    label = (
        pl.when(size < 5)
        .then(size.cast(pl.String))
        .when(size < 10)
        .then(pl.lit(_SIZES[3]))
        .otherwise(pl.lit(_SIZES[4]))
    )
    counts = dict(clusters.group_by(label.alias("label")).len().iter_rows())
    return {name: counts[name] for name in _SIZES if name in counts}


def _judgement_counts(pairs: pl.LazyFrame | None) -> dict[str, int]:
    if pairs is None:
        return {}
    return dict(pairs.group_by("judgement").len().collect().iter_rows())


def _decided(run_dir: Path, object_: str) -> float | None:
    """Return the threshold that matching chose, as the stage told it."""
    stage = read_stage_reports(run_dir).get("dedupe")
    matching = stage.facts.get("matching", {}) if stage else {}
    threshold = matching.get(object_, {}).get("threshold")
    return None if threshold is None else round(float(threshold), 3)


def _lowest(pairs: pl.LazyFrame | None, judgements: Sequence[Judgement]) -> float | None:
    """Return the lowest score with one of the judgements: the threshold as the data saw it."""
    if pairs is None:
        return None
    wanted = pl.col("judgement").is_in([j.value for j in judgements]) & _SCORE.is_finite()
    lowest = pairs.filter(wanted).select(_SCORE.min()).collect().item()
    return None if lowest is None else round(float(lowest), 3)


def _histogram(pairs: pl.LazyFrame | None) -> Histogram | None:
    if pairs is None:
        return None
    sane = pairs.filter(_SCORE.is_finite())
    low, high = sane.select(_SCORE.min().alias("low"), _SCORE.max().alias("high")).collect().row(0)
    if low is None:
        return None
    start, width = _steps(float(low), float(high))
    bin_ = ((_SCORE - start) / width).floor().clip(0, _BINS - 1).cast(pl.Int32).alias("bin")
    counts = sane.group_by(bin_, "judgement").len().collect()
    table = {(b, j): n for b, j, n in counts.iter_rows()}
    columns = {
        judgement.value: tuple(table.get((b, judgement.value), 0) for b in range(_BINS))
        for judgement in Judgement
    }
    edges = tuple(round(start + width * i, 3) for i in range(_BINS + 1))
    return Histogram(edges=edges, **columns)


def _steps(low: float, high: float) -> tuple[float, float]:
    """Return a start and a width of bins that are round numbers and cover both ends."""
    raw = max(high - low, _SHORTEST_SPAN) / (_BINS - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    width = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= raw)
    return math.floor(low / width) * width, width


def _biggest(members: pl.LazyFrame | None, clusters: pl.DataFrame) -> tuple[ClusterLine, ...]:
    if members is None or clusters.is_empty():
        return ()
    top = clusters.head(_BIGGEST)
    keys = (
        members.filter(pl.col("golden_key").is_in(top["golden_key"].to_list()))
        .group_by("golden_key")
        .agg(pl.col("_key").sort().head(_KEYS_SHOWN))
        .collect()
    )
    listed = dict(keys.iter_rows())
    return tuple(
        ClusterLine(golden_key=key, size=size, sources=tuple(sources), keys=tuple(listed[key]))
        for key, size, sources in top.iter_rows()
    )


def _examples(
    pairs: pl.LazyFrame | None, match: MatchRules | None, rules: Mapping[str, Rule]
) -> tuple[PairExample, ...]:
    """Choose a clear match, the least certain match, a pair to review and a refusal."""
    if pairs is None:
        return ()
    kinds = {f.name: f.type for f in match.features} if match else {}
    wishes = (
        ("a typical match between sources", _judged(Judgement.MATCH) & _across(), "middle"),
        ("the least certain match", _judged(Judgement.MATCH), "lowest"),
        ("a pair for a person to decide", _judged(Judgement.REVIEW), "highest"),
        ("alike, but kept apart", _judged(Judgement.NO_MATCH), "highest"),
    )
    chosen: dict[tuple[str, str], PairExample] = {}
    for why, test, place in wishes:
        row = _pick(pairs.filter(test & _SCORE.is_finite()), place)
        if row is not None and (row["key_a"], row["key_b"]) not in chosen:
            chosen[row["key_a"], row["key_b"]] = _example(row, why, kinds, rules)
    return tuple(chosen.values())


def _judged(judgement: Judgement) -> pl.Expr:
    return pl.col("judgement") == judgement.value


def _across() -> pl.Expr:
    first, second = (pl.col(k).str.split(":").list.first() for k in ("key_a", "key_b"))
    return first != second


def _pick(pairs: pl.LazyFrame, place: str) -> dict[str, Any] | None:
    """Return the pair with the lowest, highest or middle score."""
    keys = pairs.select("key_a", "key_b", "score")
    if place == "middle":
        middle = keys.select(_SCORE.median()).collect().item()
        if middle is None:
            return None
        keys = keys.with_columns((_SCORE - middle).abs().alias("_order"))
    else:
        keys = keys.with_columns((_SCORE if place == "lowest" else -_SCORE).alias("_order"))
    first = keys.sort("_order", "key_a", "key_b").head(1).collect()
    if first.is_empty():
        return None
    a, b = first.row(0)[:2]
    whole = pairs.filter((pl.col("key_a") == a) & (pl.col("key_b") == b)).head(1).collect()
    return whole.row(0, named=True)


def _example(
    row: dict[str, Any], why: str, kinds: Mapping[str, SemanticType], rules: Mapping[str, Rule]
) -> PairExample:
    contributions = tuple(
        Contribution(
            feature=c["feature"],
            value_a=mask_value(c["value_a"], kinds.get(c["feature"].partition(".")[0])),
            value_b=mask_value(c["value_b"], kinds.get(c["feature"].partition(".")[0])),
            level=c["level"] or "",
            weight=round(float(c["weight"] or 0.0), 3),
        )
        for c in row["contributions"] or ()
    )
    probability = row.get("probability")
    veto = row.get("veto") or ""
    return PairExample(
        key_a=row["key_a"],
        key_b=row["key_b"],
        score=round(float(row["score"]), 3),
        probability=None if probability is None else round(float(probability), 5),
        judgement=row["judgement"],
        why_shown=why,
        veto=veto,
        veto_name=rules[veto].name if veto in rules else "",
        contributions=contributions,
    )
