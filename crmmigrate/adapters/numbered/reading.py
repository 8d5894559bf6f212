"""Frames of numbered records as a source yields them."""

from collections.abc import Iterable, Iterator

import polars as pl
import pyarrow as pa

from crmmigrate.adapters.base import EXCLUDED, RAW_TEXT, REJECTED, ROW

__all__ = ["numbered_batches"]


def numbered_batches(frames: Iterable[pl.DataFrame]) -> Iterator[pa.RecordBatch]:
    """Yield frames with the number of each row; none is rejected or excluded."""
    row = 0
    for frame in frames:
        numbers = pl.int_range(row + 1, row + frame.height + 1, dtype=pl.Int64).alias(ROW)
        nothing = [pl.lit(None, pl.String).alias(c) for c in (REJECTED, EXCLUDED, RAW_TEXT)]
        yield from frame.with_columns(numbers, *nothing).to_arrow().to_batches()
        row += frame.height
