"""The arithmetic of one date, compiled: what some digits give as year, month and day.

A day is one whole number, `year * 512 + month * 32 + day`, so that days are compared as numbers.
"""

from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.standardize.date_codes import CODES
from crmmigrate.standardize.date_numbers import (
    CANDIDATE_FIELDS,
    CANDIDATES_AT,
    SLOTS,
    SLOTS_AT,
    SPECIAL,
)
from crmmigrate.values.calendars import first_days
from crmmigrate.values.dates import (
    CLEARLY_PAST,
    CLEARLY_RECENT,
    FIRST_YEAR,
    LAST_YEAR,
    SHIFTED_YEARS,
)

__all__ = [
    "NO_DAY",
    "UNSURE",
    "Table",
    "Values",
    "civil_day",
    "lunar_months",
    "number_at",
    "read_day",
    "read_slots",
    "thai_other",
]

NO_DAY, UNSURE = 0, -1
"""What stands for a day that does not exist, and for one that the scalar decides about."""

_PERSIAN_ROW, _ISLAMIC_ROW = 0, 1
_SIZE = 12 * 700
"""Table that are kept of a calendar: of years that lie within those believed."""

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
Values = NDArray[np.int64]


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


@inlined
def number_at(digits: Bytes, at: int, length: int) -> int:
    """Return the number that some digits are."""
    number = 0
    for place in range(at, at + length):
        number = number * 10 + int(digits[place])
    return number


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


@inlined
def read_slots(digits: Bytes, begin: int, layouts: Table, layout: int, values: Values) -> None:
    """Read the numbers of a date; all have up to four digits, so weights do without branches."""
    for slot in range(layouts[layout, SLOTS]):
        base = SLOTS_AT + 5 * slot
        at = begin + layouts[layout, base]
        number = digits[at] * layouts[layout, base + 1]
        number += digits[at + 1] * layouts[layout, base + 2]
        number += digits[at + 2] * layouts[layout, base + 3]
        values[slot] = number + digits[at + 3] * layouts[layout, base + 4]


@inlined
def _day(year: int, month: int, day: int) -> int:
    """Return a day of the Gregorian calendar."""
    leap = (year & 3 == 0) & ((year & 15 == 0) | (year % 25 != 0))
    length = _LENGTHS[(16 if leap else 0) + (month & 15)]
    exists = (year >= 1) & (year <= 9999) & (month <= 12) & (day >= 1) & (day <= length)
    if not exists:
        return NO_DAY
    if (year < FIRST_YEAR) | (year > LAST_YEAR):
        return UNSURE
    return (year << 9) | (month << 5) | day


@compiled
def _lunar_day(months: Table, row: int, year: int, month: int, day: int) -> int:
    if month < 1 or month > 12:
        return NO_DAY
    at = (year - months[row, 0]) * 12 + month - 1
    if at < 0 or at >= months[row, 1]:
        return UNSURE
    begin, end = months[row, 2 + at], months[row, 3 + at]
    return civil_day(begin + day - 1) if 1 <= day <= end - begin else NO_DAY


@inlined
def _pivoted(year: int) -> int:
    return year + (2000 if year <= 49 else 1900)


@compiled
def _thai_days(year: int, month: int, day: int) -> tuple[int, int, int]:
    """Return the day and the other one that a Thai year of two digits may mean, and if it is common."""
    common, local = _day(_pivoted(year), month, day), _day(year + 1957, month, day)
    modern = year <= CLEARLY_RECENT or year > CLEARLY_PAST
    if local == NO_DAY or (common != NO_DAY and modern):
        return common, local, 1
    return local, common, 0


@compiled
def thai_other(values: Values, layouts: Table, layout: int, at: int) -> tuple[int, int]:
    """Return the other day of a Thai date, and the number of its message.

    Args:
        values: As in `read_day`.
        layouts: All layouts.
        layout: Number of the row's.
        at: Number of the candidate.
    """
    base = CANDIDATES_AT + CANDIDATE_FIELDS * at
    year, month, day = (
        values[layouts[layout, base]],
        values[layouts[layout, base + 1]],
        values[layouts[layout, base + 2]],
    )
    _, other, common = _thai_days(year, month, day)
    return other, year * 2 + common


@inlined
def read_day(
    values: Values, layouts: Table, layout: int, at: int, months: Table
) -> tuple[int, int]:
    """Read one row as one candidate has it.

    Args:
        values: Its numbers.
        layouts: All layouts.
        layout: Number of the row's.
        at: Number of the candidate.
        months: As `lunar_months` has them.

    Returns:
        The day and the number of the code.
    """
    base = CANDIDATES_AT + CANDIDATE_FIELDS * at
    year = values[layouts[layout, base]]
    month, day = values[layouts[layout, base + 1]], values[layouts[layout, base + 2]]
    if layouts[layout, base + 3]:
        return _read_special(year, month, day, layouts[layout, base + 3], months)
    inside = (layouts[layout, base + 4] <= year) & (year <= layouts[layout, base + 5])
    year += layouts[layout, base + 6] if inside else layouts[layout, base + 7]
    code = layouts[layout, base + 8] if inside else layouts[layout, base + 9]
    return _day(year, month, day), code


@compiled
def _read_special(year: int, month: int, day: int, calendar: int, months: Table) -> tuple[int, int]:
    """Read a Thai year of two digits, a Persian or an Islamic date."""
    if calendar == _BUDDHIST_SHORT:
        return _thai_days(year, month, day)[0], _THAI_CODE
    long = calendar in (_PERSIAN_LONG, _ISLAMIC_LONG)
    if long and not _FIRST_SHIFTED <= year <= _LAST_SHIFTED:
        return _day(year, month, day), 0
    if calendar == _PERSIAN_SHORT:
        year += 1400 if year < 40 else 1300
    row = _ISLAMIC_ROW if calendar >= _ISLAMIC else _PERSIAN_ROW
    return _lunar_day(months, row, year, month, day), _OTHER_CODE
