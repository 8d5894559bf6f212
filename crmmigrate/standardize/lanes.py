"""Two lanes through a kernel: vectorised for what is plain, value by value for the rest."""

import gc
from collections.abc import Callable, Iterable, Mapping, Sequence

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.outcomes import outcome_schema

__all__ = ["fast_frame", "in_blocks", "in_order", "replaced", "unburdened"]

Kernel = Callable[[pl.DataFrame, RegionBook, Mapping[str, object]], pl.DataFrame]


def fast_frame(frame: pl.DataFrame, parts: Sequence[str] = ()) -> pl.DataFrame:
    """Complete vectorised results: missing columns of the contract get their usual value."""
    schema = outcome_schema(parts)
    usual: dict[str, pl.Expr] = {
        "codes": pl.lit([], dtype=pl.List(pl.String)),
        "alternatives": pl.lit([], dtype=pl.List(pl.String)),
        "confidence": pl.lit(1.0),
        "status": pl.lit("unchanged"),
    }
    missing = [usual.get(name, pl.lit(None)).alias(name) for name in schema if name not in frame]
    return frame.with_columns(missing).select(pl.col(n).cast(k) for n, k in schema.items())


def in_blocks(
    kernel: Kernel,
    distinct: pl.DataFrame,
    book: RegionBook,
    options: Mapping[str, object],
    *,
    most: int,
) -> pl.DataFrame:
    """Run a kernel on some rows at a time: fresh memory costs more than the work done in it.

    Args:
        kernel: The kernel of a semantic type.
        distinct: All rows.
        book: Rules of all regions.
        options: Handed to the kernel.
        most: Rows of a block.
    """
    blocks = range(0, max(distinct.height, 1), most)
    return pl.concat(kernel(distinct.slice(at, most), book, options) for at in blocks)


def unburdened(
    kernel: Kernel, distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Run a kernel while the collector of garbage passes over all that lived before.

    A kernel makes some 100,000 objects, and at some of them Python looks through all that there are:
    rules, tables and modules, which takes 0.1 s each time and finds nothing.
    """
    if gc.get_freeze_count():  # somebody else has told what is to stay
        return kernel(distinct, book, options)
    gc.freeze()
    try:
        return kernel(distinct, book, options)
    finally:
        gc.unfreeze()


def in_order(pieces: Iterable[tuple[pl.Series, pl.DataFrame]]) -> pl.DataFrame:
    """Put partial results together again.

    Args:
        pieces: Row numbers (each of 0 … n - 1 once) and their results, in any order.
    """
    numbers, frames = zip(*pieces, strict=True)
    rows = pl.concat([series.cast(pl.UInt32) for series in numbers])
    here = pl.int_range(rows.len(), dtype=pl.UInt32, eager=True)
    places = pl.zeros(rows.len(), dtype=pl.UInt32, eager=True).scatter(rows, here)
    whole: pl.DataFrame = pl.concat(frames, rechunk=True)
    return whole[places]


def replaced(frame: pl.DataFrame, rows: pl.Series, others: pl.DataFrame) -> pl.DataFrame:
    """Put other rows in the place of some; both frames have the same columns.

    Args:
        frame: All rows.
        rows: Numbers of the rows to replace, each once, in any order, UInt32.
        others: What stands there instead, in the order of `rows`.
    """
    cells = [_replaced(frame[name], rows, others[name]) for name in frame.columns]
    return pl.DataFrame(cells)


def _replaced(cells: pl.Series, rows: pl.Series, others: pl.Series) -> pl.Series:
    if not cells.dtype.is_nested():
        return cells.clone().scatter(rows, others)
    if cells.gather(rows).equals(others):  # as lists of alternatives that are empty
        return cells
    if len(rows) <= _FEW:
        return _spliced(cells, rows, others)
    behind = pl.int_range(len(cells), len(cells) + len(others), dtype=pl.UInt32, eager=True)
    places = pl.int_range(len(cells), dtype=pl.UInt32, eager=True).scatter(rows, behind)
    return pl.concat([cells, others], rechunk=True).gather(places)


_FEW = 1_000
"""So few lists are put between slices of a column in a fifth of the time that it takes to gather all."""


def _spliced(cells: pl.Series, rows: pl.Series, others: pl.Series) -> pl.Series:
    pieces, at = list[pl.Series](), 0
    for row, place in sorted(zip(rows.to_list(), range(len(rows)), strict=True)):
        pieces += [cells.slice(at, row - at), others.slice(place, 1)]
        at = row + 1
    return pl.concat([*pieces, cells.slice(at)], rechunk=True)
