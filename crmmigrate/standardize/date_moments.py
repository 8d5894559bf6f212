"""Read the time of a day, and write days and times as ISO 8601, compiled."""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.standardize.date_readings import Table, number_at

__all__ = ["Clock", "put_clock", "put_day", "read_clock"]

Clock = NDArray[np.int64]
"""Second of the day (-1 for an odd time), zone (0 for none), its sign and minutes, place and length of
the fraction of a second."""

_HOUR_AT, _HOUR_LENGTH, _MINUTE_AT, _SECOND_AT, _HALF, _ZONE, _SIGN = range(7)
_ZONE_HOUR, _ZONE_MINUTE, _FRACTION_AT, _FRACTION_LENGTH = range(7, 11)
_AFTERNOON = 2
_DIGITS = 2
"""The zone that is written in digits."""


@compiled
def read_clock(digits: Bytes, begin: int, plans: Table, plan: int, clock: Clock) -> None:
    """Read a time of day.

    Args:
        digits: Digits of all rows.
        begin: Where those of the time begin.
        plans: Fields of all clocks.
        plan: Number of the row's.
        clock: Is filled; an hour of 24 and other odd times are left to the scalar.
    """
    minute, second = 0, 0
    hour = number_at(digits, begin + plans[plan, _HOUR_AT], plans[plan, _HOUR_LENGTH])
    if plans[plan, _MINUTE_AT] >= 0:
        minute = number_at(digits, begin + plans[plan, _MINUTE_AT], 2)
    if plans[plan, _SECOND_AT] >= 0:
        second = number_at(digits, begin + plans[plan, _SECOND_AT], 2)
    half = plans[plan, _HALF]
    odd = minute > 59 or second > 59 or hour > 23 or (half and not 1 <= hour <= 12)
    if half:
        hour = hour % 12 + (12 if half == _AFTERNOON else 0)
    zone_hour, zone_minute = plans[plan, _ZONE_HOUR], 0
    if plans[plan, _ZONE] == _DIGITS:
        zone_hour = number_at(digits, begin + plans[plan, _ZONE_HOUR], 2)
        if plans[plan, _ZONE_MINUTE] >= 0:
            zone_minute = number_at(digits, begin + plans[plan, _ZONE_MINUTE], 2)
    odd = odd or zone_hour > 15 or zone_minute > 59
    clock[0] = -1 if odd else hour * 3600 + minute * 60 + second
    clock[1], clock[2] = plans[plan, _ZONE], plans[plan, _SIGN]
    clock[3], clock[4] = zone_hour * 60 + zone_minute, begin + plans[plan, _FRACTION_AT]
    length = plans[plan, _FRACTION_LENGTH]
    clock[5] = length if length and number_at(digits, clock[4], length) else 0


@inlined
def _put(written: Bytes, at: int, number: int) -> None:
    """Write a number of two digits."""
    written[at], written[at + 1] = 48 + number // 10, 48 + number % 10


@inlined
def put_day(written: Bytes, at: int, day: int) -> int:
    """Write a day as YYYY-MM-DD and return where it ends.

    Args:
        written: Takes the text.
        at: Where it begins.
        day: As in `date_readings`.
    """
    year = day >> 9
    _put(written, at, year // 100)
    _put(written, at + 2, year % 100)
    _put(written, at + 5, (day >> 5) & 15)
    _put(written, at + 8, day & 31)
    written[at + 4], written[at + 7] = 45, 45
    return at + 10


@compiled
def put_clock(written: Bytes, at: int, clock: Clock, digits: Bytes) -> int:
    """Write a time as THH:MM:SS with fraction and zone, and return where it ends.

    Args:
        written: Takes the text.
        at: Where it begins.
        clock: What to write.
        digits: Digits of all rows.
    """
    second = clock[0]
    written[at], written[at + 3], written[at + 6] = 84, 58, 58
    _put(written, at + 1, second // 3600)
    _put(written, at + 4, second // 60 % 60)
    _put(written, at + 7, second % 60)
    at += 9
    if clock[5]:
        written[at] = 46
        for place in range(clock[5]):
            written[at + 1 + place] = 48 + digits[clock[4] + place]
        at += 1 + clock[5]
    if clock[1] == 0:
        return at
    named = clock[1] != _DIGITS
    written[at] = 45 if clock[2] < 0 and (clock[3] or named) else 43
    _put(written, at + 1, clock[3] // 60)
    written[at + 3] = 58
    _put(written, at + 4, clock[3] % 60)
    return at + 6
