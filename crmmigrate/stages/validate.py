"""Stage validate: check golden records against the model and the project's rules."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.runs import StageReport
from crmmigrate.model.validation import ValidationRules
from crmmigrate.quality.gates import check_gates
from crmmigrate.quality.rules import validate_records
from crmmigrate.stages.books import Tally, prove, severities, split_findings
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.corrections import Corrector
from crmmigrate.store.artifacts import UnitWriter, parts, read, units

__all__ = ["run"]

_MOST_PASSES = 50
"""A chain of references within one object is followed at most this deep."""


def run(ctx: StageContext) -> StageReport:
    """Validate all objects, parents before children, so that rejections reach the children."""
    present = set(units(ctx.run.dir, "dedupe"))
    known = {name: _keys(ctx, "dedupe", name) for name in present}
    tallies = [
        _object(ctx, ctx.project.model.objects[name], known)
        for name in ctx.project.model.load_order
        if name in present
    ]
    ctx.progress.finish()
    books = tuple(t.line() for t in tallies)
    findings = Tally.sum_codes(tallies, ctx.project.rules)
    return StageReport(
        stage="validate",
        run_id=ctx.run.id,
        books=books,
        findings=findings,
        gates=check_gates(ctx.project.migration.gates.gates(), books, findings),
        artifacts=str(ctx.run.dir / "validate"),
        next_command="crmmigrate plan",
    )


def _object(ctx: StageContext, object_type: ObjectType, known: dict[str, pl.Series]) -> Tally:
    """Validate one object; repeat while a rejection leaves a reference within it dangling."""
    rules = ctx.project.validation.get(object_type.name, ValidationRules(object_type.name))
    for _ in range(_MOST_PASSES):
        tally = _pass(ctx, object_type, rules, known)
        left = _keys(ctx, "validate", object_type.name)
        before = known[object_type.name]
        known[object_type.name] = left
        if left.len() == before.len() or not _refers_to_itself(object_type):
            break
    return tally


def _pass(
    ctx: StageContext,
    object_type: ObjectType,
    rules: ValidationRules,
    known: Mapping[str, pl.Series],
) -> Tally:
    name = object_type.name
    levels = severities(ctx.project.rules)
    tally = Tally(name)
    corrector = _corrector(ctx, object_type)
    ctx.progress.start(f"validate {name}", known[name].len())
    with UnitWriter(ctx.run.dir, "validate", name) as writer:
        for frame in parts(ctx.run.dir, "dedupe", name, "rows"):
            corrected, told = corrector.apply(frame) if corrector else (frame, None)
            checked, rejected = validate_records(corrected, object_type, rules, known)
            rows, findings = split_findings(checked, levels)
            findings = findings if told is None else pl.concat([told, findings])
            _, reasons = split_findings(rejected, levels)
            prove(f"validate {name}", frame["_key"], rows["_key"], rejected["_key"])
            writer.write("rows", rows)
            writer.write("rejected", _with_reason(rejected, reasons))
            writer.write("findings", pl.concat([findings, reasons]))
            tally.rows_in += frame.height
            tally.rows_out += rows.height
            tally.rejected += rejected.height
            tally.add_findings(pl.concat([findings, reasons]))
            ctx.progress.advance(frame.height)
        writer.finish(rows_in=tally.rows_in)
    return tally


def _corrector(ctx: StageContext, object_type: ObjectType) -> Corrector | None:
    corrections = ctx.project.corrections.get(object_type.name)
    if not corrections:
        return None
    members = read(ctx.run.dir, "dedupe", object_type.name, "members", ["_key", "golden_key"])
    return Corrector(object_type, corrections, members, ctx.project.book)


def _with_reason(rejected: pl.DataFrame, reasons: pl.DataFrame) -> pl.DataFrame:
    """Return rejected rows as `_key, code, message, raw`."""
    first = (
        reasons.filter(pl.col("action") == "rejected")
        .group_by("_key", maintain_order=True)
        .agg(
            pl.col("code").first(),
            pl.format("{}: {}", pl.col("field").fill_null(""), pl.col("message").fill_null(""))
            .str.strip_prefix(": ")
            .str.join("; ")
            .alias("message"),
        )
    )
    shown = [
        c for c, kind in rejected.schema.items() if kind == pl.String and not c.startswith("_")
    ]
    return (
        rejected.select("_key", pl.struct(shown).struct.json_encode().alias("raw"))
        .join(first, on="_key", how="left", maintain_order="left")
        .select("_key", "code", "message", "raw")
    )


def _keys(ctx: StageContext, stage: str, name: str) -> pl.Series:
    frame = read(ctx.run.dir, stage, name, "rows", ["_key"])
    return frame["_key"] if frame is not None else pl.Series("_key", [], dtype=pl.String)


def _refers_to_itself(object_type: ObjectType) -> bool:
    return any(object_type.name in field.references for field in object_type.references)
