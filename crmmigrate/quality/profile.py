"""Profile columns: how filled, how various, what shape, what they seem to mean (merge kernel).

`partial` looks at one batch, `merge` joins two partial results in any order, `finish` tells the
outcome. Distinct values are counted exactly up to 20,000 a column; beyond that a uniform sample
of them (those with the smallest hashes) gives an estimate, so memory does not grow with the rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from crmmigrate.model.canonical import RESERVED_COLUMNS
from crmmigrate.model.columns import is_blank, text_of
from crmmigrate.quality.guess import guess_type

__all__ = ["ColumnProfile", "Partial", "finish", "mask", "merge", "partial", "pattern_of"]

_SAMPLE = 20_000
_TOP = 5
_HASHES = 2.0**64
_COUNTED = pl.Schema({"hash": pl.UInt64, "value": pl.String, "count": pl.UInt64})


@dataclass(frozen=True)
class Partial:
    """What one batch, or several, tell about one column."""

    rows: int
    blanks: int
    min_length: int | None
    max_length: int | None
    values: pl.DataFrame
    """Distinct values with the smallest hashes and how often each occurs."""


@dataclass(frozen=True)
class ColumnProfile:
    """What is known of a column; values and patterns are masked.

    Attributes:
        name: Column.
        rows: Rows seen.
        blanks: Null or nothing but white space.
        distinct: Distinct values that are not blank.
        estimated: Whether `distinct` is an estimate.
        min_length: Shortest value in characters.
        max_length: Longest value in characters.
        patterns: Most frequent shapes (`Aa` letters, `9` digits) with counts.
        top_values: Most frequent values, masked, with counts.
        semantic_type: What it seems to be, or None; `confidence` says how sure.
        confidence: Share of the values that agree.
    """

    name: str
    rows: int
    blanks: int
    distinct: int
    estimated: bool
    min_length: int | None
    max_length: int | None
    patterns: tuple[tuple[str, int], ...]
    top_values: tuple[tuple[str, int], ...]
    semantic_type: str | None
    confidence: float


def partial(frame: pl.DataFrame) -> dict[str, Partial]:
    """Profile one batch of source rows; bytes are only counted."""
    return {
        name: _column(frame.get_column(name))
        for name in frame.columns
        if name not in RESERVED_COLUMNS
    }


def _column(cells: pl.Series) -> Partial:
    if cells.dtype == pl.Binary:
        return Partial(cells.len(), cells.null_count(), None, None, _COUNTED.to_frame())
    frame = cells.alias("v").to_frame().select(text_of("v", cells.dtype).alias("value"))
    filled = frame.filter(~is_blank(pl.col("value")))
    lengths = filled.get_column("value").str.len_chars()
    counted = filled.group_by("value").agg(count=pl.len())
    return Partial(
        rows=frame.height,
        blanks=frame.height - filled.height,
        min_length=_whole(lengths.min()),
        max_length=_whole(lengths.max()),
        values=_smallest(counted.with_columns(hash=pl.col("value").hash(0))),
    )


def _smallest(counted: pl.DataFrame) -> pl.DataFrame:
    return counted.select(_COUNTED.names()).cast(_COUNTED).sort("hash", "value").head(_SAMPLE)


def merge(one: Mapping[str, Partial], two: Mapping[str, Partial]) -> dict[str, Partial]:
    """Join the partial results of two sets of batches."""
    names = dict.fromkeys([*one, *two])
    return {
        name: _merged(one[name], two[name])
        if name in one and name in two
        else (one.get(name) or two[name])
        for name in names
    }


def _merged(one: Partial, two: Partial) -> Partial:
    values = (
        pl.concat([one.values, two.values]).group_by("hash", "value").agg(pl.col("count").sum())
    )
    shortest = [n for n in (one.min_length, two.min_length) if n is not None]
    longest = [n for n in (one.max_length, two.max_length) if n is not None]
    return Partial(
        rows=one.rows + two.rows,
        blanks=one.blanks + two.blanks,
        min_length=min(shortest, default=None),
        max_length=max(longest, default=None),
        values=_smallest(values),
    )


def finish(found: Mapping[str, Partial]) -> tuple[ColumnProfile, ...]:
    """Return the profile of every column, in order."""
    return tuple(_finished(name, part) for name, part in found.items())


def _finished(name: str, part: Partial) -> ColumnProfile:
    sampled = part.values.height
    estimated = sampled == _SAMPLE
    distinct = sampled
    if estimated:
        largest = int(part.values.get_column("hash")[-1])
        distinct = round((sampled - 1) * _HASHES / max(largest, 1))
    shapes = part.values.with_columns(pattern=pattern_of(pl.col("value")))
    kind, confidence = guess_type(name, part.values)
    return ColumnProfile(
        name=name,
        rows=part.rows,
        blanks=part.blanks,
        distinct=distinct,
        estimated=estimated,
        min_length=part.min_length,
        max_length=part.max_length,
        patterns=_top(shapes, "pattern"),
        top_values=_top(shapes.with_columns(value=mask(pl.col("value"))), "value"),
        semantic_type=kind.value if kind else None,
        confidence=round(confidence, 3),
    )


def _top(frame: pl.DataFrame, column: str) -> tuple[tuple[str, int], ...]:
    counted = frame.group_by(column).agg(pl.col("count").sum())
    best = counted.sort(["count", column], descending=[True, False]).head(_TOP)
    return tuple(
        (str(value), int(count)) for value, count in best.select(column, "count").iter_rows()
    )


def pattern_of(text: pl.Expr) -> pl.Expr:
    """Return the shape of a text: runs of letters as A or a, of digits as 9; other signs stay."""
    shape = text.str.strip_chars().str.replace_all(r"\p{Nd}+", "9")
    shape = shape.str.replace_all(r"\p{Lu}+", "A").str.replace_all(
        r"[\p{Ll}\p{Lo}\p{Lt}\p{M}]+", "a"
    )
    return shape.str.head(60)


def mask(text: pl.Expr) -> pl.Expr:
    """Return a text that shows its first two signs and its shape, but not its content."""
    shape = text.str.slice(2).str.replace_all(r"\p{Nd}", "9").str.replace_all(r"\p{L}", "x")
    return pl.concat_str(text.str.head(2), shape).str.head(40)


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int) else None
