"""Stage standardize: clean every value by its semantic type and the record's region."""

from collections.abc import Mapping
from functools import partial

import polars as pl

from crmmigrate.engines.local import LocalEngine
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.runs import StageReport
from crmmigrate.stages.books import Tally, prove, severities, split_findings
from crmmigrate.stages.context import StageContext
from crmmigrate.standardize.contexts import column_contexts
from crmmigrate.standardize.records import standardize_records
from crmmigrate.store.artifacts import UnitWriter, manifest, parts, scan, units

__all__ = ["run"]


def run(ctx: StageContext) -> StageReport:
    """Standardize all units of the stage map."""
    tallies = [_unit(ctx, unit) for unit in units(ctx.run.dir, "map")]
    ctx.progress.finish()
    return StageReport(
        stage="standardize",
        run_id=ctx.run.id,
        books=Tally.sum_lines(tallies),
        findings=Tally.sum_codes(tallies, ctx.project.rules),
        artifacts=str(ctx.run.dir / "standardize"),
        next_command="crmmigrate dedupe",
    )


def _unit(ctx: StageContext, unit: str) -> Tally:
    object_name = unit.split("~", 1)[0]
    object_type = ctx.project.model.objects[object_name]
    levels = severities(ctx.project.rules)
    tally = Tally(object_name)
    total = sum(e["rows"] for e in manifest(ctx.run.dir, "map", unit)["channels"].get("rows", []))
    ctx.progress.start(f"standardize {unit}", total)
    contexts = _contexts(ctx, unit, object_type)
    with UnitWriter(ctx.run.dir, "standardize", unit) as writer:
        kernel = partial(
            standardize_records, object_type=object_type, book=ctx.project.book, contexts=contexts
        )
        frames = parts(ctx.run.dir, "map", unit, "rows")
        for frame, clean in LocalEngine().run_rows(kernel, frames, total):
            rows, findings = split_findings(clean, levels)
            prove(f"standardize {unit}", frame["_key"], rows["_key"])
            writer.write("rows", rows)
            writer.write("findings", findings)
            tally.rows_in += frame.height
            tally.rows_out += rows.height
            tally.add_findings(findings)
            ctx.progress.advance(frame.height)
        writer.finish(rows_in=tally.rows_in)
    return tally


def _contexts(
    ctx: StageContext, unit: str, object_type: ObjectType
) -> Mapping[str, Mapping[str, object]]:
    """Look at whole columns first where one cell cannot tell (day or month first?)."""
    lazy = scan(ctx.run.dir, "map", unit, "rows")
    return column_contexts(
        lazy if lazy is not None else pl.LazyFrame(), object_type, ctx.project.book
    )
