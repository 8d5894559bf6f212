"""Explain differences by what only the ledger and the time of the last change can tell."""

import polars as pl

from crmmigrate.changes.compare import column_kinds
from crmmigrate.changes.reconcile import DIFFERENCE, differences
from crmmigrate.model.canonical import ObjectType
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.field_policies import column_policies
from crmmigrate.stages.target import Crm
from crmmigrate.store.artifacts import has_unit, parts
from crmmigrate.store.ledger import PlanEntry

__all__ = ["explain_conflicts", "explain_differences", "explain_missing", "kept_by_policy"]

_UNEXPLAINED = ("VER611", "VER612", "VER621", "VER622")
"""Differences that the two values alone do not explain."""
_SECONDS = 19
"""Characters of a point in time down to the second; targets keep no more."""
_AFTER_ALL = "9"
"""Later than any point in time."""
_CELL = pl.Schema(dict.fromkeys(("external_id", "field", "cause"), pl.String()))
_LEFT_OUT, _STORED = "LOD503", ("LOD504", "STORED_DIFFERENTLY")


def explain_differences(
    crm: Crm,
    object_type: ObjectType,
    wrong: pl.DataFrame,
    current: pl.DataFrame,
    entry: PlanEntry | None,
) -> pl.DataFrame:
    """Name the cause where it is known: left out by us, edited since, or changed by the target.

    Args:
        crm: For the ledger.
        object_type: The object.
        wrong: DIFFERENCE rows.
        current: `_external_id` and `_modified_at` of the records as they are now.
        entry: The load; without one nothing can be told.
    """
    if wrong.is_empty() or entry is None:
        return wrong
    remarks = crm.ledger.reasons(entry, object_type.name)
    told = pl.concat([_told(remarks, (_LEFT_OUT,), "VER623"), _told(remarks, _STORED, "VER619")])
    stamps = current.select(external_id="_external_id", at="_modified_at")
    joined = wrong.join(
        told.unique(["external_id", "field"]), on=["external_id", "field"], how="left",
        maintain_order="left",
    ).join(stamps, on="external_id", how="left", maintain_order="left")  # fmt: skip
    changed_at, ended_at = pl.col("at").str.slice(0, _SECONDS), (entry.ended_at or _AFTER_ALL)
    code = (
        pl.when(pl.col("why").is_not_null())
        .then("why")
        .when(changed_at > ended_at[:_SECONDS])
        .then(pl.lit("VER616"))
        .when((changed_at < ended_at[:_SECONDS]) & pl.col("code").is_in(_UNEXPLAINED))
        .then(pl.lit("VER619"))
        .otherwise("code")
    )
    return joined.with_columns(code=code).select(DIFFERENCE.names())


def explain_conflicts(ctx: StageContext, object_: str, wrong: pl.DataFrame) -> pl.DataFrame:
    """Name values that the plan has not written: of records in conflict, or kept by a decision."""
    if wrong.is_empty() or not has_unit(ctx.run.dir, "plan", object_):
        return wrong
    cells = [_CELL.to_frame()]
    for part in parts(ctx.run.dir, "plan", object_, "conflicts", ["external_id", "changed"]):
        held = part.select("external_id", field="changed", cause=pl.lit("VER630"))
        cells.append(held.explode("field"))
    decided = parts(ctx.run.dir, "plan", object_, "kept", ["external_id", "field"])
    cells += [part.with_columns(cause=pl.lit("VER617")) for part in decided]
    joined = wrong.join(
        pl.concat(cells), on=["external_id", "field"], how="left", maintain_order="left"
    )
    return joined.with_columns(code=pl.coalesce("cause", "code")).select(DIFFERENCE.names())


def _told(remarks: pl.DataFrame, codes: tuple[str, ...], why: str) -> pl.DataFrame:
    """Return `external_id, field, why` of fields that the load has remarked upon."""
    named = remarks.filter(pl.col("error_code").is_in(codes) & pl.col("error_field").is_not_null())
    return named.select(
        "external_id", field=pl.col("error_field").str.split(","), why=pl.lit(why)
    ).explode("field")


def kept_by_policy(
    ctx: StageContext,
    object_type: ObjectType,
    wanted: pl.DataFrame,
    spared: pl.DataFrame,
    current: pl.DataFrame,
) -> pl.DataFrame:
    """Return DIFFERENCE rows of values that the target keeps since a policy says so.

    Args:
        ctx: The stage.
        object_type: The object.
        wanted: Desired records as the sources have them.
        spared: The same with what the policies keep.
        current: Records as they are now.
    """
    kinds = column_kinds(object_type)
    ruled = {c: kinds[c] for c in column_policies(ctx, object_type)}
    if not ruled:
        return DIFFERENCE.to_frame()
    ours, left = (differences(frame, current, ruled) for frame in (wanted, spared))
    kept = ours.join(left, on=["external_id", "field"], how="anti", maintain_order="left")
    return kept.with_columns(code=pl.lit("VER617"))


def explain_missing(
    crm: Crm, keys: pl.Series, entry: PlanEntry | None, held: pl.Series
) -> pl.DataFrame:
    """Tell of records that are not there whether they are held, refused, pending or lost."""
    refused, done = keys.clear(), keys.clear()
    if entry is not None and keys.len():
        refused = crm.ledger.rejected_among(entry, keys)
        done = crm.ledger.crosswalk.by_source(crm.name, keys)["source_key"]
    code = (
        pl.when(pl.col("external_id").is_in(held.implode()))
        .then(pl.lit("VER605"))
        .when(pl.col("external_id").is_in(refused.implode()))
        .then(pl.lit("VER602"))
        .when(pl.col("external_id").is_in(done.implode()))
        .then(pl.lit("VER601"))
        .otherwise(pl.lit("VER603" if entry is not None and not entry.ended else "VER601"))
    )
    nothing = (pl.lit(None, pl.String).alias(c) for c in ("field", "expected", "actual"))
    return keys.alias("external_id").to_frame().select("external_id", *nothing, code.alias("code"))
