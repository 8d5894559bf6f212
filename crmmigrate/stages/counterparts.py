"""Point records of one object at what they already are in another: leads at the contacts they became."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from crmmigrate.dedupe.match import match_records
from crmmigrate.model.canonical import CanonicalModel, ObjectType
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.matching import Counterpart, Judgement, MatchRules
from crmmigrate.model.semantic import SemanticType

__all__ = ["DOUBTFUL", "LINKED", "Counterparts", "find_counterparts"]

LINKED = "DUP130"
DOUBTFUL = "DUP131"


@dataclass(frozen=True)
class Counterparts:
    """What comparing two objects gave.

    Attributes:
        rows: The golden records with the reference filled where it was blank and one record of the
            other object is surely the same.
        findings: FINDING_FRAME rows: what was filled, and what may be the same.
    """

    rows: pl.DataFrame
    findings: pl.DataFrame


def find_counterparts(
    rows: pl.DataFrame,
    others: Mapping[str, pl.DataFrame],
    rules: MatchRules,
    decisions: pl.DataFrame,
    model: CanonicalModel,
) -> Counterparts:
    """Compare golden records with those of the object that `rules.counterpart` names.

    A reference that a source has given is never touched. Memory: the match columns of both.

    Args:
        rows: Golden records with `_key` and canonical columns.
        others: Object → golden records, as far as they were matched.
        rules: Match rules of the object of `rows`; they judge the pairs.
        decisions: `key_a`, `key_b`, `judgement`, of any two keys.
        model: The canonical model.
    """
    told = rules.counterpart
    blank = Counterparts(rows, FINDING_FRAME.to_frame())
    if told is None or told.object not in others:
        return blank
    wanted = rows
    if told.reference in rows.columns:
        wanted = rows.filter(pl.col(told.reference).is_null())
    there = _alike(others, rules, told, model.objects[told.object])
    if wanted.is_empty() or there.is_empty():
        return blank
    columns = [c for c in there.columns if c in wanted.columns]
    if columns == ["_key"]:
        return blank  # the two have nothing in common that could be compared
    both = pl.concat(
        [wanted.select(columns), there.select(columns)], how="vertical_relaxed", rechunk=True
    )
    side = pl.Series([0] * wanted.height + [1] * there.height, dtype=pl.UInt8)
    found = match_records(both, rules, decisions, side=side)
    judged = _judged(found.pairs, wanted["_key"], _telling(rules), decisions)
    return _told(rows, judged, told.object, told.reference)


def _alike(
    others: Mapping[str, pl.DataFrame],
    rules: MatchRules,
    told: Counterpart,
    object_type: ObjectType,
) -> pl.DataFrame:
    """Return the other records in the columns of the object that is compared with them."""
    frame = others[told.object]
    for column, source in told.values.items():
        reference, _, name = source.partition(".")
        parents = [
            others[o].select(pl.col("_key").alias("_parent"), pl.col(name).alias(column))
            for o in object_type.fields[reference].references
            if o in others and name in others[o].columns
        ]
        if parents and reference in frame.columns:
            frame = frame.drop(column, strict=False).join(
                pl.concat(parents),
                left_on=reference,
                right_on="_parent",
                how="left",
                maintain_order="left",
            )
    names = tuple(name for feature in rules.features for name in feature.fields)
    chosen = [c for c in frame.columns if c in names or c.startswith(tuple(f"{n}_" for n in names))]
    return frame.select("_key", *chosen)


def _telling(rules: MatchRules) -> list[str]:
    """Return the features that say more than a name does: namesakes are no counterparts."""
    return [f.name for f in rules.features if f.type is not SemanticType.PERSON_NAME]


def _judged(
    pairs: pl.DataFrame, ours: pl.Series, telling: list[str], decisions: pl.DataFrame
) -> pl.DataFrame:
    """Return `_key, other, probability, sure` of pairs that match or may; the surest first.

    Several leads may have become one contact, but one lead is one contact.
    """
    match = pl.col("judgement") == Judgement.MATCH.value
    first = pl.col("key_a").is_in(ours.implode())
    part = pl.element().struct
    feature = part.field("feature").str.split(".").list.first()
    speaks = (part.field("weight") > 0) & feature.is_in(telling)
    said = decisions.select(
        pl.concat_list("key_a", "key_b").list.sort().list.join("\n").alias("pair")
    )
    pair = pl.concat_list("key_a", "key_b").list.sort().list.join("\n")
    believed = pl.col("contributions").list.eval(speaks).list.any() | pair.is_in(
        said["pair"].implode()
    )
    named = pairs.filter(match | (pl.col("judgement") == Judgement.REVIEW.value)).with_columns(
        _key=pl.when(first).then("key_a").otherwise("key_b"),
        other=pl.when(first).then("key_b").otherwise("key_a"),
    )
    alone = match.sum().over("_key") == 1
    return named.select("_key", "other", "probability", sure=match & alone & believed)


def _told(rows: pl.DataFrame, judged: pl.DataFrame, other: str, field: str) -> Counterparts:
    best = judged.sort("sure", "probability", descending=True, maintain_order=True).unique(
        "_key", keep="first", maintain_order=True
    )
    sure = best.filter("sure").select("_key", pl.col("other").alias("_other"))
    old = pl.col(field) if field in rows.columns else pl.lit(None, pl.String)
    filled = (
        rows.join(sure, on="_key", how="left", maintain_order="left")
        .with_columns(pl.coalesce(old, "_other").alias(field))
        .drop("_other")
    )
    chance = (pl.col("probability") * 100).round(0).cast(pl.Int64)
    nothing = pl.lit(None, pl.String)
    findings = best.select(
        "_key",
        pl.when("sure").then(pl.lit(LINKED)).otherwise(pl.lit(DOUBTFUL)).alias("code"),
        pl.lit(field).alias("field"),
        nothing.alias("before"),
        pl.col("other").alias("after"),
        pl.when("sure")
        .then(pl.format("the same as this {}, to {} %; it points to it now", pl.lit(other), chance))
        .otherwise(pl.format("perhaps this {}, to {} %", pl.lit(other), chance))
        .alias("message"),
        pl.when("sure").then(pl.lit("changed")).otherwise(pl.lit("flagged")).alias("action"),
        pl.when("sure").then(pl.lit("info")).otherwise(pl.lit("warning")).alias("severity"),
    )
    return Counterparts(filled, findings.select(FINDING_FRAME.names()).cast(FINDING_FRAME))
