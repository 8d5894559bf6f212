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
    """Return the first row of each distinct number, in order, and each row's place among these."""
    numbers, firsts = np.empty(len(hashes), np.int64), np.empty(len(hashes), np.int64)
    known = _number(hashes, numbers, firsts)
    return firsts[:known].copy(), numbers


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


_FIRST_SLOTS = 1 << 14
_FREE = -1


@compiled
def _number(
    hashes: NDArray[np.uint64], numbers: NDArray[np.int64], firsts: NDArray[np.int64]
) -> int:
    """Number hashes by a table with open addressing that is at most half full."""
    keys, places = np.empty(_FIRST_SLOTS, np.uint64), np.full(_FIRST_SLOTS, _FREE, np.int32)
    known, one = 0, np.uint64(1)
    last = np.uint64(len(keys) - 1)
    for row in range(len(hashes)):
        wanted = hashes[row]
        slot = (wanted ^ (wanted >> _SHIFT)) & last
        while places[slot] != _FREE and keys[slot] != wanted:
            slot = (slot + one) & last
        if places[slot] != _FREE:
            numbers[row] = places[slot]
            continue
        keys[slot], places[slot], firsts[known] = wanted, known, row
        numbers[row] = known
        known += 1
        if known * 2 > len(keys):
            keys, places = _widened(keys, places)
            last = np.uint64(len(keys) - 1)
    return known


@compiled
def _widened(
    keys: NDArray[np.uint64], places: NDArray[np.int32]
) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Return a table of four times the size with the same content."""
    wide_keys = np.empty(len(keys) * 4, np.uint64)
    wide_places = np.full(len(keys) * 4, _FREE, np.int32)
    last = np.uint64(len(wide_keys) - 1)
    for old in range(len(keys)):
        if places[old] != _FREE:
            slot = (keys[old] ^ (keys[old] >> _SHIFT)) & last
            while wide_places[slot] != _FREE:
                slot = (slot + np.uint64(1)) & last
            wide_keys[slot], wide_places[slot] = keys[old], places[old]
    return wide_keys, wide_places
