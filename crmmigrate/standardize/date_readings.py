"""The arithmetic of one date, compiled: what year, month and day as they are written give.

A day is one whole number, `year * 512 + month * 32 + day`, so that days are compared as numbers.
Functions take numbers, not arrays: handing an array to a function takes longer than a sum.
"""

from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.compiler import compiled
from crmmigrate.standardize.date_codes import CODES
from crmmigrate.standardize.date_numbers import SPECIAL
from crmmigrate.values.calendars import first_days
from crmmigrate.values.dates import (
    CLEARLY_PAST,
    CLEARLY_RECENT,
    FIRST_YEAR,
    LAST_YEAR,
    SHIFTED_YEARS,
)

__all__ = ["NO_DAY", "UNSURE", "Table", "civil_day", "common_day", "lunar_months", "special_day"]

NO_DAY, UNSURE = 0, -1
"""What stands for a day that does not exist, and for one that the scalar decides about."""

_PERSIAN_ROW, _ISLAMIC_ROW = 0, 1
_SIZE = 12 * 700
"""Months that are kept of a calendar: of years that lie within those believed."""

_BUDDHIST_SHORT, _PERSIAN, _PERSIAN_SHORT, _PERSIAN_LONG, _ISLAMIC, _ISLAMIC_LONG = range(
    1, 1 + len(SPECIAL)
)
_OTHER_CODE, _THAI_CODE = CODES.index("STD407"), CODES.index("STD417")
_FIRST_SHIFTED, _LAST_SHIFTED = SHIFTED_YEARS.start, SHIFTED_YEARS.stop - 1
_COMMON = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0]
_LENGTHS = np.array([*_COMMON, *_COMMON[:2], 29, *_COMMON[3:]], np.int64)
"""Days of each month of a common year and, from 16 on, of a leap year."""

_FIRST_DAY = date(1970, 1, 1).toordinal()

Table = NDArray[np.int32]


@cache
def lunar_months() -> Table:
    """Return the first days (since 1970) of all months of the Persian and the Islamic calendar.

    A row a calendar: its first year and number of months, then the days, and one more for the end.
    """
    months = np.zeros((2, _SIZE), np.int32)
    for row, calendar in ((_PERSIAN_ROW, "persian"), (_ISLAMIC_ROW, "islamic")):
        year, days = first_days(calendar, FIRST_YEAR, LAST_YEAR)
        months[row, 0], months[row, 1] = year, len(days) - 1
        months[row, 2 : 2 + len(days)] = [day.toordinal() - _FIRST_DAY for day in days]
    return months


@compiled
def civil_day(days: int) -> int:
    """Return the day that lies so many days after 1970-01-01.

    Counts from March in eras of 400 years (H. Hinnant, "chrono-compatible low-level date algorithms").
    """
    days += 719468
    era = days // 146097
    rest = days - era * 146097
    year = (rest - rest // 1460 + rest // 36524 - rest // 146096) // 365
    within = rest - (365 * year + year // 4 - year // 100)
    march = (5 * within + 2) // 153
    day = within - (153 * march + 2) // 5 + 1
    month = march + 3 if march < 10 else march - 9
    year += era * 400 + (1 if month <= 2 else 0)
    return (year << 9) | (month << 5) | day


@compiled
def common_day(year: int, month: int, day: int) -> int:
    """Return a day of the Gregorian calendar, NO_DAY or, beyond the years believed, UNSURE."""
    leap = (year & 3 == 0) & ((year & 15 == 0) | (year % 25 != 0))
    length = _LENGTHS[(16 if leap else 0) + (month & 15)]
    exists = (year >= 1) & (year <= 9999) & (month <= 12) & (day >= 1) & (day <= length)
    believed = (year >= FIRST_YEAR) & (year <= LAST_YEAR)
    found = (year << 9) | (month << 5) | day
    return (found if believed else UNSURE) if exists else NO_DAY


@compiled
def _lunar_day(months: Table, row: int, year: int, month: int, day: int) -> int:
    if month < 1 or month > 12:
        return NO_DAY
    at = (year - months[row, 0]) * 12 + month - 1
    if at < 0 or at >= months[row, 1]:
        return UNSURE
    begin, end = months[row, 2 + at], months[row, 3 + at]
    return civil_day(begin + day - 1) if 1 <= day <= end - begin else NO_DAY


@compiled
def _thai_day(year: int, month: int, day: int) -> tuple[int, int, int, int]:
    """Choose between the Buddhist and the common reading of a Thai year of two digits."""
    common = common_day(year + (2000 if year <= 49 else 1900), month, day)
    local = common_day(year + 1957, month, day)
    modern = year <= CLEARLY_RECENT or year > CLEARLY_PAST
    if local == NO_DAY or (common != NO_DAY and modern):
        return common, _THAI_CODE, local, year * 2 + 1
    return local, _THAI_CODE, common, year * 2


@compiled
def special_day(
    year: int, month: int, day: int, calendar: int, months: Table
) -> tuple[int, int, int, int]:
    """Read a Thai year of two digits, a Persian or an Islamic date.

    Args:
        year: As it is written.
        month: Its number.
        day: Day of the month.
        calendar: Number of the special way to count years, from 1.
        months: As `lunar_months` has them.

    Returns:
        The day, the number of its code, the other day that a Thai date may mean, and the number of
        the message about its year.
    """
    if calendar == _BUDDHIST_SHORT:
        return _thai_day(year, month, day)
    long = calendar in (_PERSIAN_LONG, _ISLAMIC_LONG)
    if long and not _FIRST_SHIFTED <= year <= _LAST_SHIFTED:
        return common_day(year, month, day), 0, NO_DAY, 0
    if calendar == _PERSIAN_SHORT:
        year += 1400 if year < 40 else 1300
    row = _ISLAMIC_ROW if calendar >= _ISLAMIC else _PERSIAN_ROW
    return _lunar_day(months, row, year, month, day), _OTHER_CODE, NO_DAY, 0
