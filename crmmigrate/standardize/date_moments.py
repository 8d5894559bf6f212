"""Read times of day and counts of time, in a compiled loop over a column."""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets
from crmmigrate.compiled.compiler import compiled
from crmmigrate.standardize.cell_digits import CellDigits
from crmmigrate.standardize.date_codes import CODES
from crmmigrate.standardize.date_layouts import KINDS, SHAPE, Layouts
from crmmigrate.standardize.date_readings import NO_DAY, UNSURE, Table, civil_day

__all__ = ["MOMENT", "Moments", "read_moments"]

Moments = NDArray[np.int64]

MOMENT = ("second", "zone", "sign", "minutes", "fraction_at", "fraction_length")
"""What is read of a time: second of the day (-1 for an odd time, which is left to the scalar), zone (0
for none, 1 for one that is named, 2 for one in digits), its sign and minutes from UTC, and where
the digits of a fraction stand."""

_KIND, _LAYOUT, _CLOCK, _BEFORE, _FIRST_DAY = (
    SHAPE.index(name) for name in ("kind", "layout", "clock", "before", "first_day")
)
_DATED, _EPOCH = KINDS.index("dated"), KINDS.index("epoch")
_SERIAL_NOTE, _EPOCH_NOTE = CODES.index("STD405") << 10, CODES.index("STD412") << 10
_AFTERNOON = 2
_EXACT = 15
"""Digits of a fraction that a double holds."""


def read_moments(digits: CellDigits, layouts: Layouts, found: Table) -> Moments:
    """Return MOMENT of all rows with a time, in their order; days that are counts are noted.

    Args:
        digits: Digits and shapes of the rows.
        layouts: The plans of the shapes.
        found: FOUND of every row; serial numbers and seconds since 1970 get their day.
    """
    timed = layouts.shapes[:, _CLOCK] >= 0
    count = np.bincount(digits.numbers, minlength=len(timed))[timed].sum() if timed.any() else 0
    moments = np.zeros((int(count), len(MOMENT)), np.int64)
    if count:
        _read(
            digits.numbers, digits.begins, digits.digits, layouts.shapes, layouts.clocks, found,
            moments,
        )  # fmt: skip
    return moments


@compiled
def _read(
    numbers: Offsets, begins: Offsets, digits: Bytes, shapes: Table, clocks: Table, found: Table,
    moments: Moments,
) -> None:  # fmt: skip
    place = 0
    for row in range(len(numbers)):
        shape = numbers[row]
        if shapes[shape, _CLOCK] < 0:
            continue
        if shapes[shape, _KIND] == _DATED:
            begin = begins[row] + shapes[shape, _BEFORE]
            _read_clock(digits, begin, clocks, shapes[shape, _CLOCK], moments, place)
        elif found[row, 0] == NO_DAY and shapes[shape, _KIND] == _EPOCH:
            _count_seconds(digits, begins[row], found, row, moments, place)
        elif found[row, 0] == NO_DAY:
            length, first = shapes[shape, _LAYOUT], shapes[shape, _FIRST_DAY]
            _count_days(digits, begins[row], length, first, found, row, moments, place)
        place += 1


@compiled
def _number(digits: Bytes, at: int, length: int) -> int:
    number = 0
    for place in range(at, at + length):
        number = number * 10 + int(digits[place])
    return number


@compiled
def _read_clock(
    digits: Bytes, begin: int, clocks: Table, clock: int, moments: Moments, place: int
) -> None:
    minute, second, zone_hour, zone_minute = 0, 0, clocks[clock, 7], 0
    hour = _number(digits, begin + clocks[clock, 0], clocks[clock, 1])
    if clocks[clock, 2] >= 0:
        minute = _number(digits, begin + clocks[clock, 2], 2)
    if clocks[clock, 3] >= 0:
        second = _number(digits, begin + clocks[clock, 3], 2)
    half, zone = clocks[clock, 4], clocks[clock, 5]
    odd = minute > 59 or second > 59 or hour > 23 or (half and not 1 <= hour <= 12)
    if half:
        hour = hour % 12 + (12 if half == _AFTERNOON else 0)
    if zone > 1:
        zone_hour = _number(digits, begin + clocks[clock, 7], 2)
        if clocks[clock, 8] >= 0:
            zone_minute = _number(digits, begin + clocks[clock, 8], 2)
    odd = odd or zone_hour > 15 or zone_minute > 59
    moments[place, 0] = -1 if odd else hour * 3600 + minute * 60 + second
    moments[place, 1], moments[place, 2] = zone, clocks[clock, 6]
    moments[place, 3] = zone_hour * 60 + zone_minute
    at, length = begin + clocks[clock, 9], clocks[clock, 10]
    moments[place, 4] = at
    moments[place, 5] = length if length and _number(digits, at, length) else 0


@compiled
def _count_seconds(
    digits: Bytes, begin: int, found: Table, row: int, moments: Moments, place: int
) -> None:
    """Read seconds or milliseconds since 1970."""
    found[row, 0] = UNSURE
    if digits[begin] == 1:
        seconds = _number(digits, begin, 10)
        moments[place, 0], moments[place, 1], moments[place, 2] = seconds % 86400, 1, 1
        found[row, 0], found[row, 2] = civil_day(seconds // 86400), _EPOCH_NOTE


@compiled
def _count_days(
    digits: Bytes, begin: int, length: int, first: int, found: Table, row: int, moments: Moments,
    place: int,
) -> None:  # fmt: skip
    """Read the days that a spreadsheet counts, with a fraction of so many digits."""
    found[row, 0] = UNSURE
    if digits[begin] != 0 and length <= _EXACT:
        part = _number(digits, begin + 5, length) / 10.0**length if length else 0.0
        moments[place, 0] = min(int(np.rint(part * 86400)), 86399)
        days = _number(digits, begin, 5) + first
        found[row, 0], found[row, 2] = civil_day(days), _SERIAL_NOTE
