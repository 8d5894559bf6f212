"""Stage dedupe: find duplicates, merge them, and point references at the golden records.

Objects with match rules are matched whole, parents before children, so that a contact's account
already is a golden one when contacts are compared. All other objects pass through part by part.
The memory needed grows with the rows of the largest matched object.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from crmmigrate.dedupe.crowds import CROWDED, Crowd, find_crowds
from crmmigrate.dedupe.decide import decision_frame, unkept
from crmmigrate.dedupe.learnt import weights_frame
from crmmigrate.dedupe.match import MatchResult, match_records
from crmmigrate.dedupe.survive import merge_clusters
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.matching import SurvivorshipRules
from crmmigrate.model.runs import StageReport
from crmmigrate.stages.books import Tally, prove
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.counterparts import find_counterparts
from crmmigrate.stages.references import moved_keys, repoint
from crmmigrate.store.artifacts import UnitWriter, parts, units

__all__ = ["run"]

MERGED = "DUP101"
SELF_REFERENCE = "DUP120"
CONTRADICTED = "DUP221"


def run(ctx: StageContext) -> StageReport:
    """Deduplicate all objects that have match rules."""
    present = _units_by_object(ctx)
    moved: dict[str, pl.DataFrame] = {}
    tallies: list[Tally] = []
    merged_frames: dict[str, _Merged] = {}
    for name in ctx.project.model.load_order:
        if name in ctx.project.match_rules and _has_rows(ctx, present.get(name, [])):
            merged_frames[name] = _match(ctx, name, present[name], moved)
            moved[name] = moved_keys(merged_frames[name].members)
            merged_frames[name] = _related(ctx, name, merged_frames)
    facts = {name: _facts(found.result) for name, found in merged_frames.items()}
    for name in ctx.project.model.load_order:
        if name in merged_frames:
            tallies.append(_write_merged(ctx, merged_frames.pop(name), moved))
        elif name in present:
            tallies.append(_pass_through(ctx, name, present[name], moved))
    ctx.progress.finish()
    return StageReport(
        stage="dedupe",
        run_id=ctx.run.id,
        books=tuple(t.line() for t in tallies),
        findings=Tally.sum_codes(tallies, ctx.project.rules),
        artifacts=str(ctx.run.dir / "dedupe"),
        next_command="crmmigrate validate",
        facts={"matching": facts},
    )


def _facts(result: MatchResult) -> dict[str, object]:
    """Return how the pairs were judged, for the report."""
    return {
        "threshold": result.threshold,
        "compared": result.compared,
        "pairs_by_key": dict(result.by_key),
        "codes": dict(result.findings),
    }


@dataclass(frozen=True, slots=True)
class _Merged:
    """What matching one object gave, until its references can be pointed right."""

    object_type: ObjectType
    golden: pl.DataFrame
    members: pl.DataFrame
    provenance: pl.DataFrame
    result: MatchResult
    unkept: pl.DataFrame
    crowds: tuple[Crowd, ...]
    related: pl.DataFrame


def _units_by_object(ctx: StageContext) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for unit in units(ctx.run.dir, "standardize"):
        found.setdefault(unit.split("~", 1)[0], []).append(unit)
    return found


def _has_rows(ctx: StageContext, names: list[str]) -> bool:
    """Return whether there is anything to match: a file may hold a header only."""
    return any(frame.height for frame in _rows(ctx, names))


def _rows(ctx: StageContext, names: list[str]) -> Iterator[pl.DataFrame]:
    for unit in names:
        yield from parts(ctx.run.dir, "standardize", unit, "rows")


def _match(
    ctx: StageContext, name: str, names: list[str], moved: dict[str, pl.DataFrame]
) -> _Merged:
    object_type = ctx.project.model.objects[name]
    frame = pl.concat(list(_rows(ctx, names)), how="diagonal_relaxed")
    ctx.progress.start(f"match {name}", frame.height)
    frame = repoint(frame, object_type, moved)
    decisions = decision_frame(ctx.project.decisions.get(name, ()))
    result = match_records(frame, ctx.project.match_rules[name], decisions)
    rules = ctx.project.survivorship.get(name, SurvivorshipRules(name))
    golden, provenance = merge_clusters(
        frame, result.clusters, rules, ctx.project.migration.source_priority
    )
    members = _members(result.clusters)
    ctx.progress.advance(frame.height)
    told = unkept(decisions, result.clusters)
    crowds = tuple(find_crowds(frame, ctx.project.match_rules[name]))
    related = FINDING_FRAME.to_frame()
    return _Merged(object_type, golden, members, provenance, result, told, crowds, related)


def _related(ctx: StageContext, name: str, found: Mapping[str, _Merged]) -> _Merged:
    """Point records at what they already are in another object, and take decisions on that as such."""
    mine, rules = found[name], ctx.project.match_rules[name]
    if rules.counterpart is None or rules.counterpart.object not in found:
        return mine
    decisions = decision_frame(ctx.project.decisions.get(name, ()))
    others = {o: m.golden for o, m in found.items() if o != name}
    told = find_counterparts(mine.golden, others, rules, decisions, ctx.project.model)
    there = found[rules.counterpart.object].members["_key"].implode()
    across = pl.col("key_a").is_in(there) | pl.col("key_b").is_in(there)
    return replace(
        mine, golden=told.rows, related=told.findings, unkept=mine.unkept.filter(~across)
    )


def _members(clusters: pl.DataFrame) -> pl.DataFrame:
    """Return `_key, golden_key, cluster_id` of every record."""
    golden = clusters.filter("golden").select("cluster_id", pl.col("_key").alias("golden_key"))
    return clusters.join(golden, on="cluster_id", how="left", maintain_order="left").select(
        "_key", "golden_key", "cluster_id"
    )


def _write_merged(ctx: StageContext, found: _Merged, moved: dict[str, pl.DataFrame]) -> Tally:
    name = found.object_type.name
    tally = Tally(name, rows_in=found.members.height)
    rows, loops = _without_loops(repoint(found.golden, found.object_type, moved), found.object_type)
    merged = found.members.filter(pl.col("_key") != pl.col("golden_key"))
    told = [_decision_findings(found.unkept), _crowd_findings(name, found.crowds), found.related]
    findings = pl.concat([_merge_findings(merged), loops, *told])
    prove(f"dedupe {name}", found.members["_key"], rows["_key"], merged["_key"])
    with UnitWriter(ctx.run.dir, "dedupe", name) as writer:
        writer.write("rows", rows)
        writer.write("members", found.members)
        writer.write("pairs", found.result.pairs)
        writer.write("provenance", found.provenance)
        writer.write("weights", weights_frame(found.result.weights))
        writer.write("findings", findings)
        writer.finish(rows_in=tally.rows_in, threshold=found.result.threshold)
    tally.rows_out, tally.merged = rows.height, merged.height
    tally.add_findings(findings)
    tally.changed = merged["golden_key"].n_unique()
    return tally


def _pass_through(
    ctx: StageContext, name: str, names: list[str], moved: dict[str, pl.DataFrame]
) -> Tally:
    object_type = ctx.project.model.objects[name]
    tally = Tally(name)
    with UnitWriter(ctx.run.dir, "dedupe", name) as writer:
        for frame in _rows(ctx, names):
            rows = repoint(frame, object_type, moved)
            prove(f"dedupe {name}", frame["_key"], rows["_key"])
            writer.write("rows", rows)
            writer.write(
                "members",
                rows.select(
                    "_key", pl.col("_key").alias("golden_key"), pl.col("_key").alias("cluster_id")
                ),
            )
            tally.rows_in += frame.height
            tally.rows_out += rows.height
            tally.changed += _count_changed(frame, rows, object_type)
        writer.finish(rows_in=tally.rows_in)
    return tally


def _count_changed(before: pl.DataFrame, after: pl.DataFrame, object_type: ObjectType) -> int:
    """Count the rows with a reference that now points at a golden record."""
    names = [f.name for f in object_type.references if f.name in before.columns]
    if not names:
        return 0
    changed = [before[n].ne_missing(after[n]) for n in names]
    return int(pl.DataFrame({f"c{i}": c for i, c in enumerate(changed)}).max_horizontal().sum())


def _without_loops(
    rows: pl.DataFrame, object_type: ObjectType
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Clear references of a record to itself that merging brought about."""
    found = []
    for field in object_type.references:
        if field.name not in rows.columns or object_type.name not in field.references:
            continue
        loop = (pl.col(field.name) == pl.col("_key")).fill_null(value=False)
        looped = rows.filter(loop)
        found.append(
            _finding(
                looped.select("_key", pl.col(field.name).alias("before")),
                SELF_REFERENCE,
                field.name,
                "the record it referred to was merged into this one",
            )
        )
        rows = rows.with_columns(
            pl.when(loop).then(None).otherwise(pl.col(field.name)).alias(field.name)
        )
    return rows, pl.concat([FINDING_FRAME.to_frame(), *found])


def _merge_findings(merged: pl.DataFrame) -> pl.DataFrame:
    return _finding(
        merged.select("_key", pl.col("golden_key").alias("after")),
        MERGED,
        None,
        "merged into the golden record named in `after`",
        action="merged",
        severity="info",
    )


def _decision_findings(unkept: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    severe = pl.when(pl.col("code") == CONTRADICTED).then(pl.lit("warning"))
    return unkept.select(
        pl.col("key_a").alias("_key"), "code", nothing.alias("field"),
        pl.col("judgement").alias("before"), nothing.alias("after"), "message",
        pl.lit("flagged").alias("action"), severe.otherwise(pl.lit("info")).alias("severity"),
    )  # fmt: skip


def _crowd_findings(name: str, crowds: Sequence[Crowd]) -> pl.DataFrame:
    """Tell of fields with a value that too many records share, one finding a field."""
    rows = [
        {"_key": name, "code": CROWDED, "field": c.field, "message": str(c), "action": "flagged",
         "severity": "warning"} for c in crowds
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=FINDING_FRAME)


def _finding(
    frame: pl.DataFrame,
    code: str,
    field: str | None,
    message: str,
    *,
    action: str = "changed",
    severity: str = "warning",
) -> pl.DataFrame:
    blank = [n for n in ("before", "after") if n not in frame.columns]
    return frame.with_columns(
        *(pl.lit(None, pl.String).alias(n) for n in blank),
        pl.lit(code).alias("code"),
        pl.lit(field, pl.String).alias("field"),
        pl.lit(message).alias("message"),
        pl.lit(action).alias("action"),
        pl.lit(severity).alias("severity"),
    ).select(FINDING_FRAME.names())
