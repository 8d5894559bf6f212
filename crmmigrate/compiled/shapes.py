"""Shapes of text: every value with its runs of ASCII digits taken out and kept as numbers.

Values of one column have few shapes (`12.03.1984` and `07.11.1990` have one), so a scalar plans once
a shape, and all values follow the plan as numbers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn
from crmmigrate.compiled.compiler import compiled

__all__ = ["Shapes", "mix", "number_distinct", "read_shapes"]

_SEED = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


@dataclass(frozen=True, slots=True)
class Shapes:
    """What every value looks like.

    Attributes:
        numbers: Dense number of each value's shape, int64.
        firsts: Row of the first value of each shape.
        runs: Value of each run of digits, (rows, most) int64; those beyond `most`, and the digits
            of a run beyond the 18th, are left out.
        counts: How many runs each value has.
    """

    numbers: NDArray[np.int64]
    firsts: NDArray[np.int64]
    runs: NDArray[np.int64]
    counts: NDArray[np.int16]


def read_shapes(column: TextColumn, most: int = 7) -> Shapes:
    """Tell the shapes of a column: two values have one if they differ only in which digits stand.

    The length of each run of digits counts. Two shapes have one number with a chance of about
    1 in 10**7 for a million shapes: 64 bits are compared.
    """
    rows = len(column)
    hashes, counts = np.empty(rows, np.uint64), np.empty(rows, np.int16)
    runs = np.zeros((rows, most), np.int64)
    _read(column.data, column.offsets, hashes, runs, counts)
    firsts, numbers = number_distinct(hashes)
    return Shapes(numbers, firsts, runs, counts)


def number_distinct(
    hashes: NDArray[np.uint64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first row of each distinct number, and each row's place among these."""
    _, firsts, numbers = np.unique(hashes, return_index=True, return_inverse=True)
    return firsts, numbers


@compiled
def mix(state: np.uint64, byte: np.uint64) -> np.uint64:
    """Take one more byte (or number) into a 64-bit hash."""
    state = (state ^ byte) * _PRIME
    return state ^ (state >> _SHIFT)


@compiled
def _read(
    data: Bytes,
    offsets: Offsets,
    hashes: NDArray[np.uint64],
    runs: NDArray[np.int64],
    counts: NDArray[np.int16],
) -> None:
    most = runs.shape[1]
    for row in range(len(offsets) - 1):
        state, run, length = _SEED, -1, 0
        for at in range(offsets[row], offsets[row + 1]):
            byte = data[at]
            if 48 <= byte <= 57:
                if length == 0:
                    run += 1
                if run < most and length < 18:
                    runs[row, run] = runs[row, run] * 10 + (byte - 48)
                length += 1
                byte = 48
            else:
                length = 0
            state = mix(state, np.uint64(byte))
        hashes[row] = state
        counts[row] = run + 1
