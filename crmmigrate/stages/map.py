"""Stage map: source rows become records of the canonical model, by the mapping files."""

from collections.abc import Mapping
from dataclasses import asdict

import polars as pl

from crmmigrate.errors import ConfigError
from crmmigrate.mapping.apply import map_rows
from crmmigrate.mapping.coverage import coverage, coverage_findings
from crmmigrate.mapping.lookups import EXCLUDED_KEYS, build_index, needed_indexes
from crmmigrate.model.catalog import Column, Dataset
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.mapping import ObjectMapping
from crmmigrate.model.runs import StageReport
from crmmigrate.stages.books import Tally, prove, severities, split_findings
from crmmigrate.stages.context import StageContext
from crmmigrate.store.artifacts import UnitWriter, manifest, parts, read, scan

__all__ = ["run"]

_NO_KEYS = pl.Series("_key", [], dtype=pl.String)


def run(ctx: StageContext) -> StageReport:
    """Apply all mappings, those of referenced objects first.

    Raises:
        ConfigError: there is none.
    """
    if not ctx.project.mappings:
        raise ConfigError(
            f"no mapping file is there: {', '.join(ctx.project.migration.mappings)}",
            where="migration.yaml: mappings",
            hint="write one; `crmmigrate init` proposes mappings for a source",
        )
    known: dict[str, pl.Series] = {}
    indexes = _indexes(ctx)
    uncovered = _uncovered(ctx)
    tallies: dict[str, Tally] = {}
    for mapping in _ordered(ctx):
        _complete(ctx, mapping, known, indexes)
        found = uncovered.pop(mapping.extract_unit, FINDING_FRAME.to_frame())
        tallies[mapping.unit] = _unit(ctx, mapping, known, indexes, found)
    ctx.progress.finish()
    lines = list(tallies.values())
    return StageReport(
        stage="map",
        run_id=ctx.run.id,
        books=Tally.sum_lines(lines),
        findings=Tally.sum_codes(lines, ctx.project.rules),
        artifacts=str(ctx.run.dir / "map"),
        next_command="crmmigrate standardize",
        facts={"units": {unit: asdict(tally.line()) for unit, tally in tallies.items()}},
    )


def _ordered(ctx: StageContext) -> list[ObjectMapping]:
    order = {name: i for i, name in enumerate(ctx.project.model.load_order)}
    return sorted(ctx.project.mappings, key=lambda mapping: order[mapping.object])


def _unit(
    ctx: StageContext,
    mapping: ObjectMapping,
    known: dict[str, pl.Series],
    indexes: Mapping[str, pl.DataFrame],
    uncovered: pl.DataFrame,
) -> Tally:
    object_type = ctx.project.model.objects[mapping.object]
    levels = severities(ctx.project.rules)
    tally = Tally(mapping.object)
    ctx.progress.start(f"map {mapping.unit}", _height(ctx, mapping))
    keys: list[pl.Series] = [_NO_KEYS]
    excluded: list[pl.Series] = [_NO_KEYS]
    with UnitWriter(ctx.run.dir, "map", mapping.unit) as writer:
        writer.write("findings", uncovered)
        for frame in parts(ctx.run.dir, "extract", mapping.extract_unit, "rows"):
            mapped = map_rows(frame, mapping, object_type, known, indexes)
            rows, findings = split_findings(mapped.rows, levels)
            findings = pl.concat([findings, _rejections(mapped.rejected)])
            outcomes = [f["_row_key"] for f in (rows, mapped.rejected, mapped.excluded)]
            prove(f"map {mapping.unit}", frame["_row_key"], *outcomes)
            writer.write("rows", rows)
            writer.write("rejected", mapped.rejected)
            writer.write("excluded", mapped.excluded)
            writer.write("findings", findings)
            tally.add_findings(findings)
            keys.append(rows["_key"])
            excluded.append(mapped.excluded["_key"])
            ctx.progress.advance(frame.height)
        tally.rows_out = writer.rows("rows")
        tally.rejected, tally.excluded = writer.rows("rejected"), writer.rows("excluded")
        tally.rows_in = tally.rows_out + tally.rejected + tally.excluded
        tally.codes["MAP101"] = tally.codes.get("MAP101", 0) + uncovered.height
        tally.codes = {code: n for code, n in tally.codes.items() if n}
        writer.finish(rows_in=tally.rows_in)
    known[mapping.prefix] = pl.concat(keys)
    known[mapping.prefix + EXCLUDED_KEYS] = pl.concat(excluded)
    return tally


def _complete(
    ctx: StageContext,
    mapping: ObjectMapping,
    known: dict[str, pl.Series],
    indexes: Mapping[str, pl.DataFrame],
) -> None:
    """Find the keys of objects that this mapping refers to and that are not mapped yet.

    Needed only for references of an object to itself and for cycles: their rows are mapped once
    more beforehand, for the keys alone.
    """
    for target in {lookup.target for _, lookup in mapping.lookups} - set(known):
        for other in ctx.project.mappings:
            if other.prefix == target:
                object_type = ctx.project.model.objects[other.object]
                mapped = [
                    map_rows(frame, other, object_type, {}, indexes)
                    for frame in parts(ctx.run.dir, "extract", other.extract_unit, "rows")
                ]
                known[target] = pl.concat([_NO_KEYS, *(m.rows["_key"] for m in mapped)])
                known[target + EXCLUDED_KEYS] = pl.concat(
                    [_NO_KEYS, *(m.excluded["_key"] for m in mapped)]
                )


def _indexes(ctx: StageContext) -> dict[str, pl.DataFrame]:
    """Build the indexes of lookups by another column than the key."""
    found = {}
    for name, lookup in needed_indexes(ctx.project.mappings).items():
        unit = f"{lookup.source}.{lookup.dataset}"
        rows = read(ctx.run.dir, "extract", unit, "rows", ["_row_key", lookup.by or ""])
        if rows is not None:
            found[name] = build_index(rows, lookup)
    return found


def _uncovered(ctx: StageContext) -> dict[str, pl.DataFrame]:
    """Return the columns of each extracted dataset that nobody has decided about."""
    found = {}
    for unit in {mapping.extract_unit for mapping in ctx.project.mappings}:
        mappings = [m for m in ctx.project.mappings if m.extract_unit == unit]
        config = ctx.project.migration.sources[mappings[0].source].datasets[mappings[0].dataset]
        lazy = scan(ctx.run.dir, "extract", unit, "rows")
        names = lazy.collect_schema().names() if lazy is not None else []
        dataset = Dataset(
            mappings[0].dataset, tuple(Column(name) for name in names), tuple(config.key)
        )
        settled = [config.modified_at] if config.modified_at else []
        found[unit] = coverage_findings(coverage(mappings, dataset, settled))
    return found


def _rejections(rejected: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for each rejected row."""
    blank = pl.lit(None, pl.String)
    return rejected.select(
        "_key",
        "code",
        "field",
        blank.alias("before"),
        blank.alias("after"),
        "message",
        pl.lit("rejected").alias("action"),
        pl.lit("error").alias("severity"),
    ).cast(FINDING_FRAME)


def _height(ctx: StageContext, mapping: ObjectMapping) -> int:
    channels = manifest(ctx.run.dir, "extract", mapping.extract_unit)["channels"]
    return sum(entry["rows"] for entry in channels.get("rows", []))
