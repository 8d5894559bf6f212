"""Take the digits out of a column of dates or amounts, and number the shapes that are left.

The shape of a text is the text with every digit alike, those of other scripts, too. A column of a
million dates or amounts has few shapes, each of which is planned once for its region.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn, text_column
from crmmigrate.compiled.compiler import compiled, inner
from crmmigrate.compiled.shapes import mix, number_distinct

__all__ = ["LAST_CODE", "NO_DIGIT", "CellDigits", "code_point", "digit_values", "take_digits"]

_SEED = np.uint64(0xCBF29CE484222325)
LAST_CODE = 0x1FFFF
NO_DIGIT = 255
"""The last code point that is looked at, and what stands for a sign that is no decimal digit."""

_BYTE = np.uint64(8)
_MORE = 4
"""Bytes behind the digits, so that four may be read wherever a number begins."""


@dataclass(frozen=True, slots=True)
class CellDigits:
    """The digits of every row, and which shape it has.

    Attributes:
        numbers: Number of each row's shape and region, int64.
        firsts: Row of the first value of each.
        digits: The digits of all rows as numbers, one row behind the other, and some bytes more.
        begins: Where those of each row begin, and the end of the last, int64.
    """

    numbers: NDArray[np.int64]
    firsts: NDArray[np.int64]
    digits: NDArray[np.uint8]
    begins: NDArray[np.int64]


def take_digits(column: TextColumn, regions: pl.Series, *, noughts: bool = False) -> CellDigits:
    """Read a column.

    Two shapes have one number with a chance of about 1 in 10**7 for a million shapes: 64 bits are
    compared.

    Args:
        column: The cells.
        regions: Region of each, String; rows of several regions never share a number, nor do those
            with ASCII digits and with others.
        noughts: Texts whose first digit is 0 share no number with others either.
    """
    rows, places = len(column), text_column(regions.fill_null("\0"))
    digits = np.empty(int(column.offsets[-1] - column.offsets[0]) + _MORE, np.uint8)
    hashes, begins = np.empty(rows, np.uint64), np.zeros(rows + 1, np.int64)
    total = _take(
        column.data, column.offsets, places.data, places.offsets, digit_values(), noughts,
        hashes, digits, begins,
    )  # fmt: skip
    firsts, numbers = number_distinct(hashes)
    return CellDigits(numbers, firsts, digits[: total + _MORE], begins)


@cache
def digit_values() -> Bytes:
    """Return the value of every decimal digit of Unicode by its code point, NO_DIGIT for other signs."""
    values = np.full(LAST_CODE + 1, NO_DIGIT, np.uint8)
    for code in range(LAST_CODE + 1):
        if chr(code).isdecimal():
            values[code] = int(chr(code))
    return values


@compiled
def _take(
    data: Bytes,
    offsets: Offsets,
    region_data: Bytes,
    region_offsets: Offsets,
    values: Bytes,
    noughts: bool,
    hashes: NDArray[np.uint64],
    digits: Bytes,
    begins: NDArray[np.int64],
) -> int:
    """Hash eight bytes at a time: those of the region, and of the text with every digit as 0."""
    total = 0
    for row in range(len(hashes)):
        state, word, count = _SEED, np.uint64(0), 0
        for at in range(region_offsets[row], region_offsets[row + 1]):
            state = mix(state, np.uint64(region_data[at]))
        at, end = offsets[row], offsets[row + 1]
        while at < end:
            byte = data[at]
            at += 1
            if 48 <= byte <= 57:
                digits[total] = byte - 48
                total += 1
                byte = 48
            elif byte >= 0xC2:
                code, length = code_point(data, at, byte)
                if code <= LAST_CODE and values[code] != NO_DIGIT:
                    digits[total] = values[code]
                    total += 1
                    at += length
                    byte = 1
            word = (word << _BYTE) | np.uint64(byte)
            count += 1
            if count == 8:
                state, word, count = mix(state, word), np.uint64(0), 0
        if noughts and total > begins[row] and digits[begins[row]] == 0:
            state = mix(state, _SEED)
        hashes[row], begins[row + 1] = mix(mix(state, word), np.uint64(count)), total
    return total


@inner
def code_point(data: Bytes, at: int, lead: int) -> tuple[int, int]:
    """Return the code point that a lead byte begins, and how many bytes follow it."""
    if lead < 0xE0:
        return ((lead & 0x1F) << 6) | (data[at] & 0x3F), 1
    if lead < 0xF0:
        return ((lead & 0x0F) << 12) | ((data[at] & 0x3F) << 6) | (data[at + 1] & 0x3F), 2
    high = ((lead & 0x07) << 18) | ((data[at] & 0x3F) << 12)
    return high | ((data[at + 1] & 0x3F) << 6) | (data[at + 2] & 0x3F), 3
