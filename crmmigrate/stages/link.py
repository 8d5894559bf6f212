"""Find records of the target that are what the sources are about to create a second time."""

from collections.abc import Iterator, Sequence

import polars as pl

from crmmigrate.config.migration import Migration
from crmmigrate.dedupe.decide import decision_frame
from crmmigrate.dedupe.match import match_records
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.matching import Judgement, MatchRules
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.target import Crm
from crmmigrate.standardize.records import standardize_records

__all__ = [
    "AMBIGUOUS",
    "LINKS",
    "REVIEW",
    "SURE",
    "match_columns",
    "match_unclaimed",
    "target_key",
    "unclaimed_records",
]

LINKS = pl.Schema(
    {
        "external_id": pl.String,
        "target_id": pl.String,
        "score": pl.Float32,
        "probability": pl.Float32,
        "verdict": pl.String,
    }
)
"""One row a pair; `score` is the base 2 logarithm of the odds that both are the same."""
SURE = "sure"
"""They match, and neither matches any other record."""
AMBIGUOUS = "ambiguous"
"""They match, but one of the two may be another record as well."""
REVIEW = "review"
"""They are alike, and too little is known to be sure."""


def target_key(object_: str, target_id: str) -> str:
    """Return the key under which a record of the target is judged."""
    return f"target:{object_}:{target_id}"


def match_columns(object_type: ObjectType, rules: MatchRules | None) -> tuple[str, ...]:
    """Return the canonical columns that matching looks at, none without rules.

    References are left out: those of a record made by hand point to other such records.
    """
    names = {name for feature in rules.features for name in feature.fields} if rules else set()
    chosen = (f for f in object_type.fields.values() if f.name in names and not f.references)
    return tuple(column for one in chosen for column in one.columns)


def unclaimed_records(
    ctx: StageContext, crm: Crm, object_type: ObjectType, columns: Sequence[str]
) -> pl.DataFrame | None:
    """Return the records of the target that nobody has a claim to, or None if there are none.

    They bear no external id. Values made by hand are written as ours are, so that like is
    compared with like. Memory: the match columns.

    Returns:
        `_key` (see `target_key`) and the columns.
    """
    free = [*_unclaimed(crm, object_type, list(columns))]
    return _standardized(ctx, object_type, pl.concat(free), list(columns)) if free else None


def match_unclaimed(
    ctx: StageContext, object_type: ObjectType, wanted: pl.DataFrame, there: pl.DataFrame
) -> pl.DataFrame:
    """Compare records that would be created with those of the target that nobody has a claim to.

    The rules and decisions of the object hold; only records of different sides are paired.

    Args:
        ctx: The run.
        object_type: An object with match rules.
        wanted: `external_id` and match columns of records that would be created.
        there: As `unclaimed_records` returns them.

    Returns:
        Rows of LINKS, the surest first.
    """
    name = object_type.name
    columns = [c for c in there.columns if c in wanted.columns]
    ours = wanted.select(pl.col("external_id").alias("_key"), *columns)
    theirs = there.select("_key", *columns)
    side = pl.Series([0] * ours.height + [1] * theirs.height, dtype=pl.UInt8)
    both = pl.concat([ours, theirs], how="vertical_relaxed", rechunk=True)
    decisions = decision_frame(ctx.project.decisions.get(name, ()))
    found = match_records(both, ctx.project.match_rules[name], decisions, side=side)
    return _judged(found.pairs, target_key(name, ""))


def _unclaimed(crm: Crm, object_type: ObjectType, columns: list[str]) -> Iterator[pl.DataFrame]:
    """Yield `_id` and match columns of records that bear no external id, if there are any."""
    ids = crm.target.fetch(object_type.name, None, "id", ())
    if not any(batch.column("_external_id").null_count for batch in ids):
        return
    for batch in crm.target.fetch(object_type.name, None, "id", columns):
        frame = pl.DataFrame(pl.from_arrow(batch)).filter(pl.col("_external_id").is_null())
        if frame.height:
            yield frame.select(pl.col("_id", *columns).cast(pl.String))


def _standardized(
    ctx: StageContext, object_type: ObjectType, there: pl.DataFrame, columns: list[str]
) -> pl.DataFrame:
    """Write values made by hand as ours are written, so that like is compared with like."""
    prefix = target_key(object_type.name, "")
    frame = there.select(
        pl.concat_str(pl.lit(prefix), "_id").alias("_key"),
        pl.lit(_region(ctx.project.migration), pl.String).alias("_region"),
        *columns,
    )
    read = standardize_records(frame, object_type, ctx.project.book)
    return read.rows.select("_key", *columns)


def _region(migration: Migration) -> str | None:
    """Return the region of the project, or the one that all its sources share."""
    named = {source.region for source in migration.sources.values()}
    return migration.region or (named.pop() if len(named) == 1 else None)


def _judged(pairs: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """Return pairs that match or may, with the verdict."""
    match = pl.col("judgement") == Judgement.MATCH.value
    from_target = pl.col("key_a").str.starts_with(prefix)
    told = pairs.filter(match | (pl.col("judgement") == Judgement.REVIEW.value)).select(
        pl.when(from_target).then("key_b").otherwise("key_a").alias("external_id"),
        pl.when(from_target)
        .then("key_a")
        .otherwise("key_b")
        .str.strip_prefix(prefix)
        .alias("target_id"),
        "score",
        "probability",
        "judgement",
    )
    alone = (pl.len().over("external_id") == 1) & (pl.len().over("target_id") == 1)
    verdict = (
        pl.when(~match)
        .then(pl.lit(REVIEW))
        .when(alone)
        .then(pl.lit(SURE))
        .otherwise(pl.lit(AMBIGUOUS))
    )
    return told.with_columns(verdict=verdict).select(LINKS.names()).cast(LINKS)
