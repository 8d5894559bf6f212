"""Stage verify: read the target back and explain every difference."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.changes.compare import column_kinds
from crmmigrate.changes.reconcile import DIFFERENCE, differences
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.runs import BookLine, GateResult, StageReport
from crmmigrate.stages.books import Tally, severities
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.desired import Desired, desired_objects, unfed_columns
from crmmigrate.stages.doubles import held_records
from crmmigrate.stages.field_policies import spare_kept
from crmmigrate.stages.plan_file import PLAN_FILE, read_plan
from crmmigrate.stages.target import Crm, open_crm
from crmmigrate.store.artifacts import UnitWriter
from crmmigrate.store.ledger import PlanEntry

__all__ = ["run"]

_ERRORS = ("VER601", "VER603", "VER611", "VER612", "VER613", "VER616", "VER621", "VER622")
_LEFT_OUT = ("VER622", "VER612")
"""Differences that a remark of the load explains."""


@dataclass
class _Result:
    """What verifying one object has shown."""

    expected: int = 0
    found: int = 0
    matched: int = 0
    differing: int = 0
    missing: int = 0
    extra: int = 0
    others: int = 0
    tally: Tally = field(default_factory=lambda: Tally(""))


def run(ctx: StageContext) -> StageReport:
    """Compare counts, fields and references of all objects; the target is only read.

    Memory: one part of an object with its current records, and the external ids of one object.
    """
    with open_crm(ctx) as crm:
        desired = Desired(ctx, crm)
        entry = _entry(ctx, crm)
        results = {
            o: _verify_object(ctx, crm, desired, entry, o) for o in desired_objects(ctx, crm)
        }
    ctx.progress.finish()
    findings = Tally.sum_codes([r.tally for r in results.values()], ctx.project.rules)
    wrong = sum(r.tally.codes.get(code, 0) for r in results.values() for code in _ERRORS)
    gate = GateResult("differences", wrong == 0, "0", str(wrong))
    return StageReport(
        stage="verify",
        run_id=ctx.run.id,
        books=tuple(_line(o, r) for o, r in results.items()),
        findings=findings,
        gates=(gate,),
        notes=tuple(_notes(results)),
        artifacts=str(ctx.run.dir / "verify"),
        next_command="crmmigrate report" if gate.passed else "crmmigrate plan",
        facts={"objects": {o: _facts(r) for o, r in results.items()}, "target": crm.name},
    )


def _verify_object(
    ctx: StageContext, crm: Crm, desired: Desired, entry: PlanEntry | None, object_: str
) -> _Result:
    object_type = ctx.project.model.objects[object_]
    result = _Result(tally=Tally(object_))
    keys: list[pl.Series] = []
    unfed = unfed_columns(ctx, object_type) | crm.filled(object_type)
    ctx.progress.start(f"verify {object_}", None)
    with UnitWriter(ctx.run.dir, "verify", object_) as writer:
        for wanted in desired.frames(object_type):
            told = _compare_part(ctx, crm, object_type, wanted, entry, result, unfed)
            _write(ctx, writer, told, result)
            keys.append(wanted["external_id"])
            ctx.progress.advance(wanted.height)
        for extra in _extra(crm, object_type, keys, result):
            _write(ctx, writer, extra, result)
        writer.finish(**_facts(result))
    return result


def _compare_part(
    ctx: StageContext,
    crm: Crm,
    object_type: ObjectType,
    wanted: pl.DataFrame,
    entry: PlanEntry | None,
    result: _Result,
    unfed: set[str],
) -> pl.DataFrame:
    """Compare one part; a blank that nothing feeds, or that the target fills, asks for nothing."""
    current = crm.current(object_type, wanted["external_id"])
    wanted = spare_kept(ctx, object_type, wanted, current)
    missing = wanted.join(current, left_on="external_id", right_on="_external_id", how="anti")
    wrong = differences(wanted, current, column_kinds(object_type)).filter(
        ~(pl.col("field").is_in(list(unfed)) & pl.col("expected").is_null())
    )
    wrong = _explained(crm, object_type, wrong, current, entry)
    result.expected += wanted.height
    result.found += current.height
    result.missing += missing.height
    result.differing += wrong["external_id"].n_unique()
    result.matched += current.height - wrong["external_id"].n_unique()
    gone = _missing(crm, missing["external_id"], entry, held_records(ctx, object_type.name))
    return pl.concat([gone, wrong])


def _missing(crm: Crm, keys: pl.Series, entry: PlanEntry | None, held: pl.Series) -> pl.DataFrame:
    """Tell of records that are not there whether they were refused, are pending or got lost."""
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


def _explained(
    crm: Crm,
    object_type: ObjectType,
    wrong: pl.DataFrame,
    current: pl.DataFrame,
    entry: PlanEntry | None,
) -> pl.DataFrame:
    """Name the cause where the ledger knows it: a reference left out, or an edit after our write."""
    if wrong.is_empty() or entry is None:
        return wrong
    remarks = crm.ledger.reasons(entry, object_type.name).filter(pl.col("error_code") == "LOD503")
    left_out = remarks.select(
        "external_id", field=pl.col("error_field").str.split(","), why=pl.lit("VER623")
    ).explode("field")
    stamps = current.select(external_id="_external_id", at="_modified_at")
    joined = wrong.join(left_out, on=["external_id", "field"], how="left", maintain_order="left")
    joined = joined.join(stamps, on="external_id", how="left", maintain_order="left")
    edited = pl.col("at").str.slice(0, 19) > (entry.ended_at or "9")[:19]
    code = (
        pl.when(pl.col("why").is_not_null())
        .then("why")
        .when(edited)
        .then(pl.lit("VER616"))
        .otherwise("code")
    )
    return joined.with_columns(code=code).select(DIFFERENCE.names())


def _extra(
    crm: Crm, object_type: ObjectType, keys: list[pl.Series], result: _Result
) -> Iterator[pl.DataFrame]:
    """Yield records under our external ids that nothing asks for; count those of others."""
    asked = pl.concat([pl.Series("external_id", [], dtype=pl.String), *keys]).to_frame()
    for batch in crm.target.fetch(object_type.name, None, "id", ()):
        frame = pl.DataFrame(pl.from_arrow(batch)).select(
            external_id=pl.col("_external_id").cast(pl.String)
        )
        result.others += frame["external_id"].null_count()
        left = frame.drop_nulls().join(asked, on="external_id", how="anti")
        if left.is_empty():
            continue
        known = crm.ledger.crosswalk.by_source(crm.name, left["external_id"])["source_key"]
        ours = left.filter(pl.col("external_id").is_in(known.implode()))
        result.extra += ours.height
        result.others += left.height - ours.height
        nothing = (pl.lit(None, pl.String).alias(c) for c in ("field", "expected", "actual"))
        yield ours.select("external_id", *nothing, pl.lit("VER604").alias("code"))


def _write(ctx: StageContext, writer: UnitWriter, told: pl.DataFrame, result: _Result) -> None:
    writer.write("differences", told)
    found = told.select(
        pl.col("external_id").alias("_key"),
        "code",
        "field",
        pl.col("expected").alias("before"),
        pl.col("actual").alias("after"),
        pl.lit(None, pl.String).alias("message"),
        pl.lit("flagged").alias("action"),
    ).join(severities(ctx.project.rules), on="code", how="left", maintain_order="left")
    findings = found.select(FINDING_FRAME.names()).cast(FINDING_FRAME)
    writer.write("findings", findings)
    result.tally.add_findings(findings)


def _entry(ctx: StageContext, crm: Crm) -> PlanEntry | None:
    """Return the plan of this run in the ledger, if its load has begun."""
    if not (ctx.run.dir / "plan" / PLAN_FILE).exists():
        return None
    plan_id = read_plan(ctx.run.dir).plan_id
    return next((e for e in crm.ledger.plans(ctx.run.id) if e.plan_id == plan_id), None)


def _facts(result: _Result) -> dict[str, int]:
    names = ("expected", "found", "matched", "differing", "missing", "extra", "others")
    return {name: getattr(result, name) for name in names}


def _line(object_: str, result: _Result) -> BookLine:
    return BookLine(
        object_,
        result.expected,
        result.found,
        flagged=result.differing,
        rejected=result.missing,
    )


def _notes(results: dict[str, _Result]) -> Iterator[str]:
    matched = sum(r.matched for r in results.values())
    expected = sum(r.expected for r in results.values())
    yield f"{matched:,} of {expected:,} records are in the target exactly as they should be"
    extra = sum(r.extra for r in results.values())
    if extra:
        yield f"{extra:,} records of earlier loads are in no source any more"
