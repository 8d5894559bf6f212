"""Follow every source row to where it ended: in the CRM, merged, set aside or rejected."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from crmmigrate.report.contract import FunnelLine, Totals
from crmmigrate.report.fates import golden_fates
from crmmigrate.stages.outcomes import Outcomes
from crmmigrate.store.artifacts import has_unit, manifest, scan, units

__all__ = ["RecordUnit", "channel_rows", "funnel_lines", "funnel_totals", "record_units"]

_ENDS = (
    *("excluded", "held", "rejected", "merged"),
    *("created", "updated", "unchanged", "failed", "pending"),
)


@dataclass(frozen=True, slots=True)
class RecordUnit:
    """A unit of map and standardize: one dataset on its way to one object."""

    name: str
    object: str
    source: str
    dataset: str

    @property
    def key_prefix(self) -> str:
        """Beginning of the record keys of this unit."""
        return f"{self.source}:{self.object}:{self.dataset}/"

    @property
    def extract_unit(self) -> str:
        """The unit that the rows were extracted to."""
        return f"{self.source}.{self.dataset}"


def record_units(run_dir: Path) -> list[RecordUnit]:
    """Return the units that map wrote."""
    return [_record_unit(name) for name in units(run_dir, "map")]


def _record_unit(name: str) -> RecordUnit:
    object_, _, place = name.partition("~")
    source, _, dataset = place.partition(".")
    return RecordUnit(name, object_, source, dataset)


def channel_rows(run_dir: Path, stage: str, unit: str, channel: str) -> int:
    """Return how many rows a channel holds, from the manifest; 0 if there is none."""
    if not has_unit(run_dir, stage, unit):
        return 0
    listed = manifest(run_dir, stage, unit)["channels"].get(channel, [])
    return sum(int(entry["rows"]) for entry in listed)


def funnel_lines(run_dir: Path, outcomes: Outcomes) -> tuple[FunnelLine, ...]:
    """Return one line for each dataset and object; datasets without a mapping come last."""
    mapped = record_units(run_dir)
    reached = {unit.extract_unit for unit in mapped}
    lines: list[FunnelLine] = []
    for object_ in dict.fromkeys(unit.object for unit in mapped):
        group = [unit for unit in mapped if unit.object == object_]
        fates = _member_fates(run_dir, object_, group, outcomes)
        lines += _object_lines(run_dir, group, fates)
    rest = [name for name in units(run_dir, "extract") if name not in reached]
    return (*lines, *(_unmapped_line(run_dir, name, mapped=bool(mapped)) for name in rest))


def _object_lines(
    run_dir: Path, group: list[RecordUnit], fates: dict[str, dict[str, int]] | None
) -> Iterator[FunnelLine]:
    for unit in group:
        ends = _early_ends(run_dir, unit)
        if fates is None:
            last = "standardize" if has_unit(run_dir, "standardize", unit.name) else "map"
            ends["pending"] = channel_rows(run_dir, last, unit.name, "rows")
        else:
            for fate, count in fates.get(unit.key_prefix, {}).items():
                ends[fate] += count
        rows = _extracted(run_dir, unit.extract_unit)
        yield FunnelLine(
            source=unit.source,
            dataset=unit.dataset,
            object=unit.object,
            rows=rows,
            unaccounted=rows - sum(ends.values()),
            **ends,
        )


def _early_ends(run_dir: Path, unit: RecordUnit) -> dict[str, int]:
    """Count the rows that never came as far as dedupe."""
    ends = dict.fromkeys(_ENDS, 0)
    for name in ("excluded", "rejected"):
        ends[name] = channel_rows(run_dir, "extract", unit.extract_unit, name) + sum(
            channel_rows(run_dir, stage, unit.name, name) for stage in ("map", "standardize")
        )
    return ends


def _extracted(run_dir: Path, unit: str) -> int:
    return sum(
        channel_rows(run_dir, "extract", unit, channel)
        for channel in ("rows", "rejected", "excluded")
    )


def _member_fates(
    run_dir: Path, object_: str, group: list[RecordUnit], outcomes: Outcomes
) -> dict[str, dict[str, int]] | None:
    """Count the members of each unit by fate; None if dedupe has not run."""
    if not has_unit(run_dir, "dedupe", object_):
        return None
    members = scan(run_dir, "dedupe", object_, "members")
    if members is None:
        return {}
    merged = pl.col("_key") != pl.col("golden_key")
    fate = pl.when(merged).then(pl.lit("merged")).otherwise(pl.col("fate").fill_null("pending"))
    prefix = pl.coalesce(
        *[
            pl.when(pl.col("_key").str.starts_with(unit.key_prefix)).then(pl.lit(unit.key_prefix))
            for unit in sorted(group, key=lambda unit: -len(unit.key_prefix))
        ]
    )
    counts = (
        members.join(golden_fates(run_dir, object_, outcomes), on="golden_key", how="left")
        .group_by(prefix.alias("prefix"), fate.alias("fate"))
        .len()
        .collect()
    )
    found: dict[str, dict[str, int]] = {}
    for key_prefix, name, count in counts.iter_rows():
        found.setdefault(key_prefix, {})[name] = count
    return found


def _unmapped_line(run_dir: Path, name: str, *, mapped: bool) -> FunnelLine:
    """Return the line of a dataset that no mapping takes, or that waits for map to run."""
    source, _, dataset = name.partition(".")
    rows = channel_rows(run_dir, "extract", name, "rows")
    excluded = channel_rows(run_dir, "extract", name, "excluded")
    rejected = channel_rows(run_dir, "extract", name, "rejected")
    return FunnelLine(
        source=source,
        dataset=dataset,
        object="",
        rows=rows + excluded + rejected,
        excluded=excluded,
        rejected=rejected,
        pending=0 if mapped else rows,
        unmapped=rows if mapped else 0,
    )


def funnel_totals(run_dir: Path, lines: tuple[FunnelLine, ...]) -> Totals:
    """Add up the funnel; source rows are counted once however many objects they feed."""
    return Totals(
        source_rows=sum(_extracted(run_dir, name) for name in units(run_dir, "extract")),
        records=sum(line.rows for line in lines if line.object),
        excluded=sum(line.excluded for line in lines),
        rejected=sum(line.rejected for line in lines),
        merged=sum(line.merged for line in lines),
        loaded=sum(line.created + line.updated + line.unchanged for line in lines),
        failed=sum(line.failed for line in lines),
        pending=sum(line.pending for line in lines),
        held=sum(line.held for line in lines),
        unmapped=sum(line.unmapped for line in lines),
        unaccounted=sum(line.unaccounted for line in lines),
    )
