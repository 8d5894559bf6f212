"""The change log of stage standardize, and the findings that follow from it.

The stage writes one row a changed or doubtful cell. Findings, one row a rule that fired, are
not written beside it: they are the log's rows, taken apart by their codes when somebody asks.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from crmmigrate.model.changelog import CHANGES
from crmmigrate.model.findings import FINDING_FRAME, Rule
from crmmigrate.stages.books import Tally, severities
from crmmigrate.store.artifacts import manifest, parts, scan

__all__ = ["add_changes", "changes_of", "finding_parts", "findings_of_cells", "findings_of_key"]

_BETWEEN = ";"


def findings_of_cells(changes: pl.DataFrame, levels: pl.DataFrame) -> pl.DataFrame:
    """Return one finding for each rule of each cell (FINDING_FRAME).

    Args:
        changes: Rows of the change log.
        levels: Result of `books.severities`.
    """
    return (
        changes.with_columns(pl.col("codes").str.split(_BETWEEN).alias("code"))
        .explode("code")
        .join(levels, on="code", how="left", maintain_order="left")
        .with_columns(pl.col("severity").fill_null("warning"))
        .select(FINDING_FRAME.names())
        .cast(FINDING_FRAME)
    )


def changes_of(run_dir: Path, unit: str) -> pl.LazyFrame | None:
    """Return the change log of a unit, or None if there is none."""
    return scan(run_dir, "standardize", unit, CHANGES)


def finding_parts(
    run_dir: Path, stage: str, unit: str, rules: Mapping[str, Rule], columns: list[str]
) -> Iterator[pl.DataFrame]:
    """Yield the findings of a unit part by part; those of one record stand in one part."""
    channels = manifest(run_dir, stage, unit)["channels"]
    if "findings" in channels:
        yield from parts(run_dir, stage, unit, "findings", columns=columns)
    if CHANGES in channels:
        levels = severities(rules)
        for part in parts(run_dir, stage, unit, CHANGES):
            for piece in part.iter_slices(500_000):
                yield findings_of_cells(piece, levels).select(columns)


def findings_of_key(run_dir: Path, unit: str, key: str, rules: Mapping[str, Rule]) -> pl.DataFrame:
    """Return the findings of one record in stage standardize."""
    log = changes_of(run_dir, unit)
    if log is None:
        return FINDING_FRAME.to_frame()
    return findings_of_cells(log.filter(pl.col("_key") == key).collect(), severities(rules))


def add_changes(tally: Tally, changes: pl.DataFrame, rules: Mapping[str, Rule]) -> None:
    """Count rules, and the rows that were changed or flagged, in the books of an object.

    Args:
        tally: The running totals.
        changes: The change log of whole rows.
        rules: Rules by code; what is only informative flags no row.
    """
    by_codes = changes.group_by("codes").len()
    for codes, count in by_codes.iter_rows():
        for code in codes.split(_BETWEEN):
            tally.codes[code] = tally.codes.get(code, 0) + count
    grave = [codes for codes in by_codes["codes"] if _is_grave(codes, rules)]
    action, record = pl.col("action"), pl.col("_key").hash()
    flagged = (action == "flagged") & pl.col("codes").is_in(grave)
    counts = changes.select(
        changed=record.filter(action.is_in(["changed", "split"])).n_unique(),
        flagged=record.filter(flagged).n_unique(),
    )
    tally.changed += counts["changed"].item()
    tally.flagged += counts["flagged"].item()


def _is_grave(codes: str, rules: Mapping[str, Rule]) -> bool:
    return any(
        code not in rules or rules[code].severity != "info" for code in codes.split(_BETWEEN)
    )
