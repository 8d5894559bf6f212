"""Text columns of polars as numpy arrays of bytes, and back, without a Python object a value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

__all__ = [
    "INLINE",
    "MOST_VIEWED",
    "Bytes",
    "Offsets",
    "TextColumn",
    "ViewedColumn",
    "Views",
    "text_column",
    "text_series",
    "viewed_column",
    "viewed_series",
]

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int64]
Views = NDArray[np.int32]
"""Texts as Arrow's views, (rows, 4): length, and either the bytes themselves, filled up with zeros, or
their first four, the number of a buffer, and where they begin in it."""

INLINE = 12
"""Texts of so many bytes at most stand in their view."""
MOST_VIEWED = 2**31 - 1
"""Bytes of a buffer that a view can tell of."""


@dataclass(frozen=True, slots=True)
class TextColumn:
    """The UTF-8 of a column, one value behind the other.

    Attributes:
        data: Bytes of all values.
        offsets: Where each value begins, and the end of the last: value i is
            `data[offsets[i]:offsets[i + 1]]`. They need not begin at 0.
        missing: Which values are null (their bytes are of length 0), or None if none is.
    """

    data: Bytes
    offsets: Offsets
    missing: NDArray[np.bool_] | None

    def __len__(self) -> int:
        return len(self.offsets) - 1


def text_column(series: pl.Series) -> TextColumn:
    """Look at a column of strings as bytes. The arrays are read-only and share the column's memory.

    Args:
        series: Of dtype String.
    """
    missing = series.is_null().to_numpy() if series.null_count() else None
    # A null may still hold the bytes that stood there before.
    array = (series if missing is None else series.fill_null("")).to_arrow()
    if array.type != pa.large_string():
        array = array.cast(pa.large_string())
    _, begins, data = array.buffers()
    offsets = np.frombuffer(begins, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    letters = np.frombuffer(data or b"\0", dtype=np.uint8)
    return TextColumn(letters, offsets, missing)


def text_series(
    name: str, data: Bytes, offsets: Offsets, missing: NDArray[np.bool_] | None = None
) -> pl.Series:
    """Make a column of strings of bytes.

    Args:
        name: Of the column.
        data: UTF-8; it is trusted to be valid.
        offsets: As in `TextColumn`.
        missing: Which values are null.
    """
    valid = None
    if missing is not None and missing.any():
        valid = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    parts = [pa.py_buffer(np.ascontiguousarray(offsets)), pa.py_buffer(np.ascontiguousarray(data))]
    array = pa.LargeStringArray.from_buffers(len(offsets) - 1, *parts, valid)
    return pl.Series(name, pl.from_arrow(array), dtype=pl.String)


@dataclass(frozen=True, slots=True)
class ViewedColumn:
    """A column of strings where it stands, for loops that look at each text once; nothing is copied.

    Attributes:
        views: One of each text.
        addresses: Where in memory each of the buffers begins that the texts stand in.
        missing: Which values are null (their texts are empty), or None if none is.
        held: What keeps the memory.
    """

    views: Views
    addresses: NDArray[np.int64]
    missing: NDArray[np.bool_] | None
    held: pa.Array

    def __len__(self) -> int:
        return len(self.views)


def viewed_column(series: pl.Series) -> ViewedColumn:
    """Look at a column of strings where it stands.

    Args:
        series: Of dtype String.
    """
    missing = series.is_null().to_numpy() if series.null_count() else None
    known = (series if missing is None else series.fill_null("")).rechunk()
    array = known.to_arrow(compat_level=pl.CompatLevel.newest())
    _, views, *buffers = array.buffers()
    rows = np.frombuffer(views or b"", dtype=np.int32).reshape(-1, 4)
    addresses = np.array([buffer.address for buffer in buffers], dtype=np.int64)
    here = rows[array.offset : array.offset + len(array)]
    return ViewedColumn(here, addresses, missing, array)


def viewed_series(name: str, views: Views, buffers: Sequence[Bytes]) -> pl.Series:
    """Make a column of strings of views; the column keeps the buffers, nothing is copied.

    Args:
        name: Of the column.
        views: One of each text, trusted to be valid UTF-8 of these buffers.
        buffers: Bytes that texts stand in.
    """
    held = [pa.py_buffer(buffer) for buffer in (np.ascontiguousarray(views), *buffers)]
    array = pa.Array.from_buffers(pa.string_view(), len(views), [None, *held])
    return pl.Series(name, pl.from_arrow(array), dtype=pl.String)
