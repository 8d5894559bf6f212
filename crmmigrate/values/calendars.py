"""Turn dates of other calendars into Gregorian ones.

Arithmetic of the Persian calendar: the 2820-year cycle is not used; the 33-year rule of
K. M. Borkowski, "The Persian calendar for 3000 years" (1996), as civil software does.
The Umm al-Qura table is generated from ICU (scripts/make_umalqura.mjs).
"""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

__all__ = ["JAPANESE_ERAS", "first_days", "gregorian"]

JAPANESE_ERAS: Mapping[str, int] = MappingProxyType(
    {
        "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018,
        "meiji": 1867, "taisho": 1911, "showa": 1925, "heisei": 1988, "reiwa": 2018,
        "m": 1867, "t": 1911, "s": 1925, "h": 1988, "r": 2018,
    }
)  # fmt: skip
"""Year before the first year of each era."""

_BUDDHIST_OFFSET = 543
_ROC_OFFSET = 1911
_PERSIAN_BREAKS = (
    -61, 9, 38, 199, 426, 686, 756, 818, 1111, 1181, 1210, 1635, 2060, 2097, 2192, 2262, 2324, 2394,
    2456, 3178,
)  # fmt: skip


def gregorian(calendar: str, year: int, month: int, day: int) -> date | None:
    """Return the Gregorian date, None if the calendar has no such day.

    Args:
        calendar: gregorian, buddhist, roc, persian or islamic (Umm al-Qura).
        year: Year of that calendar.
        month: Month from 1.
        day: Day from 1.
    """
    try:
        if calendar == "persian":
            return _persian(year, month, day)
        if calendar == "islamic":
            return _islamic(year, month, day)
        offset = {"buddhist": -_BUDDHIST_OFFSET, "roc": _ROC_OFFSET}.get(calendar, 0)
        return date(year + offset, month, day)
    except (ValueError, OverflowError):
        return None


def first_days(calendar: str, first: int, last: int) -> tuple[int, list[date]]:
    """Return a year and the first days of its months and of all that follow, and one more for the end.

    Args:
        calendar: persian or islamic.
        first: The first Gregorian year that the days may lie in.
        last: The last one.
    """
    if calendar == "persian":
        years = range(first - 621, last - 621)
        days = [gregorian(calendar, year, month, 1) for year in years for month in range(1, 13)]
        return years.start, [day for day in (*days, gregorian(calendar, years.stop, 1, 1)) if day]
    year, starts, months = _umalqura()
    every = [starts[0]]
    for bits in months:
        for bit in f"{bits:012b}":
            every.append(every[-1] + timedelta(days=29 + int(bit)))
    return year, every


def _persian(year: int, month: int, day: int) -> date | None:
    if not (1 <= month <= 12 and 1 <= year < _PERSIAN_BREAKS[-1]):
        return None
    length = 31 if month <= 6 else 30 if month < 12 or _persian_leap(year) else 29
    if not 1 <= day <= length:
        return None
    march = _persian_new_year(year)
    passed = (month - 1) * 31 - max(0, month - 7) + day - 1
    return date(year + 621, 3, march) + timedelta(days=passed)


def _persian_leap(year: int) -> bool:
    first = date(year + 621, 3, _persian_new_year(year))
    return (date(year + 622, 3, _persian_new_year(year + 1)) - first).days == 366


@lru_cache(maxsize=512)
def _persian_new_year(year: int) -> int:
    """Return the day in March on which the Persian year begins."""
    leaps, previous = -14, _PERSIAN_BREAKS[0]
    jump = 0
    for limit in _PERSIAN_BREAKS[1:]:
        jump = limit - previous
        if year < limit:
            break
        leaps += jump // 33 * 8 + jump % 33 // 4
        previous = limit
    n = year - previous
    leaps += n // 33 * 8 + (n % 33 + 3) // 4
    if jump % 33 == 4 and jump - n == 4:
        leaps += 1
    gregorian_year = year + 621
    gregorian_leaps = gregorian_year // 4 - (gregorian_year // 100 + 1) * 3 // 4 - 150
    return 20 + leaps - gregorian_leaps


@lru_cache(maxsize=1)
def _umalqura() -> tuple[int, tuple[date, ...], tuple[int, ...]]:
    text = files("crmmigrate.values").joinpath("data", "umalqura.json").read_text("utf-8")
    table = json.loads(text)
    starts = [date.fromisoformat(table["first"])]
    for bits in table["months"]:
        starts.append(starts[-1] + timedelta(days=12 * 29 + bits.bit_count()))
    return table["year"], tuple(starts), tuple(table["months"])


def _islamic(year: int, month: int, day: int) -> date | None:
    first, starts, months = _umalqura()
    index = year - first
    if not (0 <= index < len(months) and 1 <= month <= 12):
        return None
    bits = f"{months[index]:012b}"
    if not 1 <= day <= 29 + int(bits[month - 1]):
        return None
    passed = sum(29 + int(bit) for bit in bits[: month - 1]) + day - 1
    return starts[index] + timedelta(days=passed)
