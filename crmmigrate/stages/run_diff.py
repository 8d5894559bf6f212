"""Compare what standardizing made of the same cells in two runs."""

from dataclasses import dataclass

import polars as pl

from crmmigrate.errors import UsageError
from crmmigrate.model.changelog import CHANGE_FRAME, CHANGES
from crmmigrate.store.artifacts import scan, units
from crmmigrate.store.workspace import Run

__all__ = ["DIFFERENCES", "RunDiff", "diff_runs"]

DIFFERENCES = {
    "value": "came out differently",
    "rules": "the same value by other rules",
    "source": "the source holds something else",
    "gone": "the record is not in the second run",
    "new": "the record is not in the first run",
}
"""Kinds of difference, and what they mean."""
_BESIDE = "STD122"
"""A rule that tells of a cell a second time."""


@dataclass(frozen=True)
class RunDiff:
    """How two runs differ.

    Attributes:
        first: Id of the earlier run.
        second: Id of the later run.
        cells: One row a cell: object, _key, field, kind, before, first, second (the values),
            first_codes, second_codes.
    """

    first: str
    second: str
    cells: pl.DataFrame

    def counts(self) -> pl.DataFrame:
        """Return object, field, kind and number of cells, the most frequent first."""
        counted = self.cells.group_by("object", "field", "kind").agg(cells=pl.len())
        return counted.sort(["cells", "object", "field", "kind"], descending=[True] + [False] * 3)


def diff_runs(first: Run, second: Run) -> RunDiff:
    """Compare two runs by key and field.

    A cell that is not in the log of a run came through unchanged there.

    Raises:
        UsageError: one of them has not been standardized.
    """
    names = [set(units(run.dir, "standardize")) for run in (first, second)]
    for run, found in zip((first, second), names, strict=True):
        if not found:
            raise UsageError(
                f"run {run.id} has no change log", hint="run `crmmigrate standardize` first"
            )
    cells = [_unit(first, second, unit) for unit in sorted(names[0] | names[1])]
    return RunDiff(first.id, second.id, pl.concat(cells))


def _unit(first: Run, second: Run, unit: str) -> pl.DataFrame:
    both = _log(first, unit).join(
        _log(second, unit), on=["_key", "field"], how="full", coalesce=True, suffix="_2"
    )
    here = [_keys(run, unit) for run in (first, second)]
    joined = both.join(here[0].with_columns(in_1=True), on="_key", how="left").join(
        here[1].with_columns(in_2=True), on="_key", how="left"
    )
    compared = joined.select(
        pl.lit(unit.partition("~")[0]).alias("object"), "_key", "field", *_compared()
    )
    return compared.drop_nulls("kind").sort("_key", "field").collect()


def _compared() -> list[pl.Expr]:
    """Return kind, raw value, and value and codes in either run."""
    only_first, only_second = pl.col("codes_2").is_null(), pl.col("codes").is_null()
    raw = pl.coalesce("before", "before_2")
    first = pl.when(only_second).then(raw).otherwise("after")
    second = pl.when(only_first).then(raw).otherwise("after_2")
    source = ~only_first & ~only_second & pl.col("before").ne_missing(pl.col("before_2"))
    kind = (
        pl.when(only_first & pl.col("in_2").is_null())
        .then(pl.lit("gone"))
        .when(only_second & pl.col("in_1").is_null())
        .then(pl.lit("new"))
        .when(source)
        .then(pl.lit("source"))
        .when(first.ne_missing(second))
        .then(pl.lit("value"))
        .when(pl.col("codes").ne_missing(pl.col("codes_2")))
        .then(pl.lit("rules"))
    )
    named = {"kind": kind, "before": raw, "first": first, "second": second}
    codes = {"first_codes": pl.col("codes"), "second_codes": pl.col("codes_2")}
    return [value.alias(name) for name, value in (named | codes).items()]


def _log(run: Run, unit: str) -> pl.LazyFrame:
    found = scan(run.dir, "standardize", unit, CHANGES) if _has(run, unit) else None
    log = CHANGE_FRAME.to_frame().lazy() if found is None else found
    columns = log.select("_key", "field", "before", "after", "codes")
    return columns.filter(pl.col("codes") != _BESIDE)


def _keys(run: Run, unit: str) -> pl.LazyFrame:
    found = scan(run.dir, "standardize", unit, "rows") if _has(run, unit) else None
    return pl.LazyFrame(schema={"_key": pl.String}) if found is None else found.select("_key")


def _has(run: Run, unit: str) -> bool:
    return unit in units(run.dir, "standardize")
