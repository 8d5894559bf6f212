"""Stage standardize: clean every value by its semantic type and the record's region."""

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from crmmigrate.engines.local import LocalEngine
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.changelog import CHANGES
from crmmigrate.model.restraint import Restraint
from crmmigrate.model.runs import StageReport
from crmmigrate.stages.books import Tally, prove
from crmmigrate.stages.changelog import add_changes
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.odd_columns import OddColumns
from crmmigrate.standardize.contexts import Evidence, column_evidence
from crmmigrate.standardize.records import standardize_records
from crmmigrate.store.artifacts import UnitWriter, manifest, parts, scan, units

__all__ = ["run"]

_BLOCK = 170_000
"""Most rows that are looked at together: more share more repeated values, but need more memory."""


def run(ctx: StageContext) -> StageReport:
    """Standardize all units of the stage map."""
    notes = _asked(ctx)
    with LocalEngine() as engine:
        tallies = [_unit(ctx, unit, engine, notes) for unit in units(ctx.run.dir, "map")]
    ctx.progress.finish()
    return StageReport(
        stage="standardize",
        run_id=ctx.run.id,
        books=Tally.sum_lines(tallies),
        findings=Tally.sum_codes(tallies, ctx.project.rules),
        notes=tuple(notes),
        artifacts=str(ctx.run.dir / "standardize"),
        next_command="crmmigrate dedupe",
    )


def _unit(ctx: StageContext, unit: str, engine: LocalEngine, notes: list[str]) -> Tally:
    object_name = unit.split("~", 1)[0]
    object_type = ctx.project.model.objects[object_name]
    tally = Tally(object_name)
    total = sum(e["rows"] for e in manifest(ctx.run.dir, "map", unit)["channels"].get("rows", []))
    ctx.progress.start(f"standardize {unit}", total)
    evidence = _evidence(ctx, unit, object_type)
    told = {name: found.question or found.summary for name, found in evidence.items()}
    notes += [f"{object_name}.{name}: {text}" for name, text in told.items() if text]
    contexts = {name: found.options for name, found in evidence.items() if found.options}
    contexts |= {
        name: {**contexts.get(name, {}), **said} for name, said in _said(ctx, unit).items()
    }
    odd, restraint = OddColumns(unit), _restraint(ctx)
    with UnitWriter(ctx.run.dir, "standardize", unit) as writer:
        for frame in _blocks(parts(ctx.run.dir, "map", unit, "rows")):
            engine.ahead = (total - tally.rows_in) / max(frame.height, 1)
            read = standardize_records(
                frame,
                object_type,
                ctx.project.book,
                contexts,
                restraint,
                engine.run_kernel,
            )
            prove(f"standardize {unit}", frame["_key"], read.rows["_key"])
            writer.write("rows", read.rows)
            writer.write(CHANGES, read.changes)
            add_changes(tally, read.changes, ctx.project.rules)
            odd.add(read.statuses, read.doubtful)
            tally.rows_in += frame.height
            tally.rows_out += read.rows.height
            ctx.progress.advance(frame.height)
            del frame, read  # the next block needs the memory
        columns = odd.changes(object_type, {name: e.question for name, e in evidence.items()})
        writer.write(CHANGES, columns)
        add_changes(tally, columns, ctx.project.rules)
        writer.finish(rows_in=tally.rows_in)
    return tally


def _asked(ctx: StageContext) -> list[str]:
    """Say which raw values stay because a command asked for it, now or before in this run."""
    undone, least = ctx.options.get("undo_rules"), ctx.options.get("min_confidence")
    told = [f"rules {', '.join(map(str, undone))} undone"] if isinstance(undone, list) else []
    told += [f"confidence below {least}"] if least is not None else []
    return [
        f"raw values kept: {'; '.join(told)} (`run` keeps to this; a new `standardize` without it does not)"
    ] * bool(told)


def _restraint(ctx: StageContext) -> Restraint:
    """Return what is not to be done: what migration.yaml says, and what this command adds."""
    configured = ctx.project.migration.standardize.restraint()
    undone, least = ctx.options.get("undo_rules"), ctx.options.get("min_confidence")
    return Restraint(
        configured.undo_rules | frozenset(undone if isinstance(undone, list) else ()),
        float(str(least)) if least is not None else configured.min_confidence,
    )


def _blocks(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Put parts together: the first stays alone, so that it is soon known what work costs."""
    held: list[pl.DataFrame] = []
    for number, frame in enumerate(frames):
        if number == 1 or sum(f.height for f in held) + frame.height > _BLOCK:
            yield from _joined(held)
            held = []
        held.append(frame)
    yield from _joined(held)


def _joined(frames: list[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    if frames:
        yield pl.concat(frames, rechunk=True)


def _evidence(ctx: StageContext, unit: str, object_type: ObjectType) -> Mapping[str, Evidence]:
    """Look at whole columns first where one cell cannot tell (day or month first?)."""
    lazy = scan(ctx.run.dir, "map", unit, "rows")
    known = [name for name, said in _said(ctx, unit).items() if "date_order" in said]
    if lazy is not None:
        lazy = lazy.drop(known, strict=False)
    return column_evidence(
        lazy if lazy is not None else pl.LazyFrame(), object_type, ctx.project.book
    )


def _said(ctx: StageContext, unit: str) -> dict[str, dict[str, object]]:
    """Return field → what the mapping says about its dates."""
    mapped = (f for mapping in ctx.project.mappings if mapping.unit == unit for f in mapping.fields)
    return {f.field: f.dates.options() for f in mapped if f.dates.options()}
