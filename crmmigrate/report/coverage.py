"""Show what becomes of the columns of the sources, and what is left behind and why."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from crmmigrate.config.migration import DatasetConfig, SourceConfig
from crmmigrate.mapping.coverage import coverage
from crmmigrate.model.catalog import Column, Dataset
from crmmigrate.model.mapping import ObjectMapping
from crmmigrate.report.contract import (
    CoverageLine,
    DatasetLine,
    ExcludeLine,
    IgnoredColumn,
    MappedColumn,
)
from crmmigrate.report.fates import channel

__all__ = ["coverage_lines", "left_behind"]


def coverage_lines(
    run_dir: Path, mappings: Sequence[ObjectMapping], sources: Mapping[str, SourceConfig]
) -> tuple[CoverageLine, ...]:
    """Return one line for each extracted dataset that has a mapping, in the order of config."""
    places = [(name, d, c) for name, s in sources.items() for d, c in s.datasets.items()]
    lines = []
    for source, dataset, config in places:
        own = [m for m in mappings if (m.source, m.dataset) == (source, dataset)]
        columns = _columns(run_dir, f"{source}.{dataset}")
        if own and columns:
            lines.append(_line(run_dir, own, columns, config))
    return tuple(lines)


def _columns(run_dir: Path, unit: str) -> tuple[str, ...]:
    rows = channel(run_dir, "extract", unit, "rows")
    if rows is None:
        return ()
    return tuple(name for name in rows.collect_schema().names() if not name.startswith("_"))


def _line(
    run_dir: Path, own: Sequence[ObjectMapping], columns: Sequence[str], config: DatasetConfig
) -> CoverageLine:
    dataset = Dataset(own[0].dataset, tuple(Column(name) for name in columns), key=config.key)
    found = coverage(own, dataset, [config.modified_at] if config.modified_at else [])
    return CoverageLine(
        source=own[0].source,
        dataset=own[0].dataset,
        objects=tuple(dict.fromkeys(mapping.object for mapping in own)),
        columns=len(columns),
        mapped=tuple(MappedColumn(column=c, fields=f) for c, f in found.mapped.items()),
        unmapped=found.unmapped,
        ignored=tuple(IgnoredColumn(column=c, why=why) for c, why in found.ignored.items()),
        excluded=_excluded(run_dir, own),
    )


def _excluded(run_dir: Path, own: Sequence[ObjectMapping]) -> tuple[ExcludeLine, ...]:
    """Return the rules that set rows of a dataset aside, also those that met none."""
    counts: dict[tuple[str, str, str], int] = {}
    for mapping in own:
        for rule in mapping.exclude:
            counts[mapping.object, rule.rule, rule.why] = 0
    sets = [("", channel(run_dir, "extract", own[0].extract_unit, "excluded"))]
    sets += [(mapping.object, channel(run_dir, "map", mapping.unit, "excluded")) for mapping in own]
    for object_, frame in sets:
        if frame is not None:
            named = frame.group_by("rule", pl.col("why").fill_null("")).len().sort("rule").collect()
            for rule, why, count in named.iter_rows():
                counts[object_, rule, why] = counts.get((object_, rule, why), 0) + count
    return tuple(
        ExcludeLine(object=object_, rule=rule, why=why, rows=count)
        for (object_, rule, why), count in counts.items()
    )


def left_behind(sources: Mapping[str, SourceConfig]) -> tuple[DatasetLine, ...]:
    """Return the datasets that the project ignores, with the why."""
    return tuple(
        DatasetLine(source=name, dataset=dataset, why=why)
        for name, source in sources.items()
        for dataset, why in source.ignore.items()
    )
