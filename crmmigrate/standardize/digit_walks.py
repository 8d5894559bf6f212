"""Many numbers walk through one automaton side by side, a column of digits at a time."""

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

__all__ = ["step_table", "walk_digits"]

_SIGNS = 11
"""Ten digits and `:`, the sign behind `9`, for the end of a number."""
_END = ":"
_ROWS = 1 << 16
"""So many numbers at a time stay in the processor's cache."""
_NOT_DIGITS = [0] * ord("0")
"""The table begins with the signs before `0`, so that a sign's own number finds its step."""


def step_table(steps: pl.Series | Sequence[Sequence[int]]) -> pl.Series:
    """Return the table to walk through.

    Args:
        steps: State → ten states that follow. The end of a number leaves the state as it is.
    """
    rows = pl.Series(steps, dtype=pl.List(pl.UInt32))
    itself = pl.int_range(len(steps), dtype=pl.UInt32, eager=True)
    frame = pl.DataFrame({"rows": rows, "itself": itself})
    flat = frame.select(
        pl.concat_list("rows", "itself").explode(empty_as_null=True, keep_nulls=True) * _SIGNS
    ).to_series()
    return pl.concat([pl.Series(_NOT_DIGITS, dtype=pl.UInt32), flat]).rechunk()


def walk_digits(
    steps: pl.Series, digits: pl.Series, start: pl.Series, width: int | None = None
) -> pl.Series:
    """Return the state in which each number ends.

    Args:
        steps: From `step_table`.
        digits: ASCII digits without anything else.
        start: First state of each number.
        width: Most digits of a number, if they are known.
    """
    if digits.is_empty():
        return start
    width = width or max([1, *digits.str.len_bytes().top_k(1)])
    state = start * _SIGNS
    ends = [
        _walk(steps, digits[at : at + _ROWS], state[at : at + _ROWS], width)
        for at in range(0, digits.len(), _ROWS)
    ]
    return pl.concat(ends) // _SIGNS


def _walk(steps: pl.Series, digits: pl.Series, start: pl.Series, width: int) -> pl.Series:
    signs = digits.str.pad_end(width, _END).to_arrow()
    size = len(digits) * width
    flat = pl.Series("flat", pa.Array.from_buffers(pa.uint8(), size, [None, signs.buffers()[2]]))
    state = pl.lit(start)
    for at in range(width):
        sign = pl.col("flat").gather_every(width, at).cast(pl.UInt32)
        state = pl.lit(steps).gather(sign + state)
    return flat.to_frame().select(state).to_series()
