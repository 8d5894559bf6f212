"""Read dates and times in the habits of a region; never guess between day and month."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.calendars import gregorian
from crmmigrate.values.date_words import Words, read_words
from crmmigrate.values.folding import to_ascii_digits
from crmmigrate.values.outcome import BLANK, Outcome, tidy
from crmmigrate.values.placeholders import is_placeholder
from crmmigrate.values.times import TimeOfDay, cut_time

__all__ = ["Reading", "read_date", "read_datetime"]

_ZEROS = re.compile(r"^(?:0{1,4}[-/. ]0{1,2}[-/. ]0{1,4}|0{6,14})(?:\D.*)?$")
_NEVER = frozenset(
    {
        "1900-01-00", "00/01/1900", "0/1/1900", "1/0/1900", "01/00/1900", "0001-01-01", "01/01/0001",
        "1/1/0001", "01.01.0001", "1899-12-30", "30/12/1899", "12/30/1899", "30.12.1899",
        "9999-12-31", "31/12/9999", "12/31/9999", "31.12.9999", "1753-01-01", "00.01.1900",
    }
)  # fmt: skip
"""Dates that databases and spreadsheets write for no date (SQL Server 1753, OLE 1899, Excel day 0)."""

_RUNS = re.compile(r"\d+|\D+")
_EPOCH = date(1899, 12, 30)
_PIVOT = 49
_FIRST_YEAR, _LAST_YEAR = 1583, 2199
_BUDDHIST_YEARS = range(2300, 2700)
_SHIFTED_YEARS = range(1250, 1560)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a date, with the rules that led to it."""

    day: date
    codes: tuple[str, ...] = ()
    status: str = "normalised"
    message: str | None = None
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()


def read_date(text: str | None, rules: RegionRules, order: str | None = None) -> Outcome:
    """Read a date; a time of day is dropped and told.

    Args:
        text: The cell.
        rules: The region it comes from: order, languages, calendar.
        order: dmy, mdy or ymd where configuration or the column's evidence settles it.
    """
    outcome, time = _read(text, rules, order)
    if outcome.value is None or outcome.confidence == 0:
        return outcome
    if time.clock and (time.clock != "00:00:00" or time.zone):
        dropped = f"time {time.clock} is dropped"
        return replace(
            outcome, codes=(*outcome.codes, "STD411"), message=outcome.message or dropped
        )
    return outcome


def read_datetime(text: str | None, rules: RegionRules, order: str | None = None) -> Outcome:
    """Read a date with its time of day as ISO 8601; midnight where none is written."""
    outcome, time = _read(text, rules, order)
    if outcome.value is None or outcome.confidence == 0:
        return outcome
    value = f"{outcome.value}T{time.clock or '00:00:00'}{time.zone}"
    status = outcome.status
    if status in {"unchanged", "normalised"}:
        status = "unchanged" if value == text else "normalised"
    codes = outcome.codes if outcome.codes or status == "unchanged" else ("STD401",)
    return replace(outcome, value=value, status=status, codes=codes)


def _read(text: str | None, rules: RegionRules, order: str | None) -> tuple[Outcome, TimeOfDay]:
    raw = to_ascii_digits(tidy(text)).replace("ـ", "").replace("元年", "1年")
    if not raw:
        return BLANK, TimeOfDay("")
    if len(raw) > 80:
        return _invalid(text, "STD410", "is no date"), TimeOfDay("")
    if raw in _NEVER or raw[:10] in _NEVER or _ZEROS.match(raw) or is_placeholder(raw):
        return _invalid(text, "STD408", "stands for no date"), TimeOfDay("")
    time = cut_time(raw, rules.languages)
    if time.rest.replace(".", "", 1).replace("-", "", 1).isdecimal():
        reading, time = _single_number(time)
    else:
        reading = _written(time.rest, rules, order)
    if isinstance(reading, tuple):
        return _invalid(text, *reading), time
    if reading.status == "ambiguous":
        return (
            Outcome(text, "ambiguous", reading.codes, reading.message, confidence=0.0,
                    alternatives=reading.alternatives),
            time,
        )  # fmt: skip
    return _outcome(text, reading), time


def _outcome(text: str | None, reading: Reading) -> Outcome:
    value = reading.day.isoformat()
    if not _FIRST_YEAR <= reading.day.year <= _LAST_YEAR:
        return _invalid(text, "STD414", f"would lie in the year {reading.day.year}")
    codes, status = reading.codes, reading.status
    if value == text:
        status, codes = "unchanged", ()
    elif not codes:
        codes = ("STD401",)
    return Outcome(
        value, status, codes, reading.message, confidence=reading.confidence,
        alternatives=reading.alternatives,
    )  # fmt: skip


def _invalid(text: str | None, code: str, why: str) -> Outcome:
    return Outcome(text, "invalid", (code,), f"'{tidy(text)[:40]}' {why}", confidence=0.0)


def _single_number(time: TimeOfDay) -> tuple[Reading | tuple[str, str], TimeOfDay]:
    """Read 20240229, an Excel serial or a count of seconds."""
    text = time.rest
    whole = text.split(".")[0]
    if len(whole) in {8, 14} and "." not in text and "-" not in text:
        day = _date_of(whole[:4], whole[4:6], whole[6:8])
        if day and _FIRST_YEAR <= day.year <= _LAST_YEAR:
            if len(whole) == 14:
                clock = f"{whole[8:10]}:{whole[10:12]}:{whole[12:14]}"
                return Reading(day, ("STD401",)), replace(time, clock=clock)
            return Reading(day, ("STD401",)), time
    if len(whole) == 5 and whole[0] != "0" and "-" not in text:
        seconds = round(float(text) % 1 * 86400) % 86400
        clock = str(timedelta(seconds=seconds)).zfill(8) if seconds else time.clock
        day = _EPOCH + timedelta(days=int(whole))
        return Reading(day, ("STD405",), "repaired", confidence=0.95), replace(time, clock=clock)
    if len(whole) in {10, 13} and whole[0] == "1" and "-" not in text:
        moment = datetime.fromtimestamp(int(whole[:10]), tz=UTC)
        clock = moment.strftime("%H:%M:%S")
        reading = Reading(moment.date(), ("STD412",), "repaired", confidence=0.9)
        return reading, replace(time, clock=clock, zone="+00:00")
    if len(whole) in {4, 6}:
        return ("STD409", "is only a part of a date"), time
    return ("STD410", "is no date"), time


def _written(text: str, rules: RegionRules, order: str | None) -> Reading | tuple[str, str]:
    runs = _RUNS.findall(text)
    numbers = tuple(run for run in runs if run[0].isdecimal())
    words = read_words(_around(runs), rules.languages)
    if words.unknown:
        return "STD410", f"holds '{words.unknown[0]}', which is no part of a date"
    if words.month == 0:
        return "STD404", "names a month that two languages use differently"
    if words.month is not None and len(numbers) == 2:
        return _textual(numbers, words, rules, order)
    if words.month is None and len(numbers) == 3:
        return _numeric(numbers, words, rules, order)
    if 1 <= len(numbers) <= 2:
        return "STD409", "is only a part of a date"
    return "STD410", "is no date"


def _around(runs: list[str]) -> tuple[str, ...]:
    """Return the text before the first number and behind each number."""
    found, last = [""], 0
    for run in runs:
        if run[0].isdecimal():
            found.append("")
            last += 1
        else:
            found[last] = run
    return tuple(found)


def _date_of(year: str, month: str, day: str) -> date | None:
    return gregorian("gregorian", int(year), int(month), int(day))


def _textual(
    numbers: tuple[str, ...], words: Words, rules: RegionRules, order: str | None
) -> Reading | tuple[str, str]:
    first, second = numbers
    year_first = len(first) >= 3 or int(first) > 31
    year_last = len(second) >= 3 or int(second) > 31
    if words.japanese is not None:
        year_first, year_last = True, False
    orders = (order,) if order else rules.date_orders
    if year_first and year_last:
        return "STD413", "has no such day"
    if not year_first and not year_last:
        year_first = bool(orders) and all(o.startswith("y") for o in orders)
    year, day = (first, second) if year_first else (second, first)
    reading = _dated(year, str(words.month), day, words, rules)
    return reading or ("STD413", "has no such day")


def _numeric(
    numbers: tuple[str, ...], words: Words, rules: RegionRules, order: str | None
) -> Reading | tuple[str, str]:
    if sum(len(number) > 2 for number in numbers) > 1 or len(numbers[1]) > 2:
        return "STD410", "is no date"
    marked = "".join(words.marks[1:])
    if sorted(marked) in (["d", "m", "y"], ["m", "y"]):
        shape = marked if len(marked) == 3 else marked + "d"
        return _ordered(numbers, shape, words, rules) or ("STD413", "has no such day")
    if len(numbers[0]) >= 3 or words.japanese is not None or words.calendar == "roc":
        found = _ordered(numbers, "ymd", words, rules)
        turned = _ordered(numbers, "ydm", words, rules)
        if found is None and turned is not None:
            return replace(turned, codes=("STD403",), status="repaired", confidence=0.8,
                           message="day and month stand the other way round")  # fmt: skip
        return found or ("STD413", "has no such day")
    last = len(numbers[2]) >= 3
    possible = ("dmy", "mdy") if last else ("dmy", "mdy", "ymd")
    return _by_order(numbers, words, rules, order, possible)


def _by_order(
    numbers: tuple[str, ...], words: Words, rules: RegionRules, order: str | None,
    possible: tuple[str, ...],
) -> Reading | tuple[str, str]:  # fmt: skip
    wanted = (order,) if order in possible else tuple(o for o in rules.date_orders if o in possible)
    readings = {o: r for o in possible if (r := _ordered(numbers, o, words, rules))}
    usual = {o: readings[o] for o in (wanted or possible) if o in readings}
    days = {reading.day for reading in usual.values()}
    if len(days) == 1:
        chosen = next(iter(usual.values()))
        if wanted and len({r.day for r in readings.values()}) > 1:
            codes = (*chosen.codes, "STD402")
            return replace(chosen, codes=codes)
        return chosen
    if len(days) > 1:
        spellings = tuple(sorted(day.isoformat() for day in days))
        message = f"may be {' or '.join(spellings)}"
        return Reading(min(days), ("STD404",), "ambiguous", message, 0.0, spellings)
    others = {reading.day for reading in readings.values()}
    if len(others) == 1:
        chosen = next(iter(readings.values()))
        message = f"only {next(iter(readings))} gives a date here"
        return replace(
            chosen, codes=("STD403",), status="repaired", message=message, confidence=0.9
        )
    if others:
        spellings = tuple(sorted(day.isoformat() for day in others))
        return Reading(
            min(others),
            ("STD404",),
            "ambiguous",
            f"may be {' or '.join(spellings)}",
            0.0,
            spellings,
        )
    return "STD413", "has no such day"


def _ordered(
    numbers: tuple[str, ...], order: str, words: Words, rules: RegionRules
) -> Reading | None:
    parts = dict(zip(order, numbers, strict=True))
    return _dated(parts["y"], parts["m"], parts["d"], words, rules)


def _dated(year: str, month: str, day: str, words: Words, rules: RegionRules) -> Reading | None:
    """Build the date in the calendar that words, year and region tell."""
    m, d = int(month), int(day)
    if words.japanese is not None:
        return _reading(gregorian("gregorian", words.japanese + int(year), m, d), "STD407")
    calendar = words.calendar or (
        words.month_calendar if words.month_calendar != "gregorian" else ""
    )
    if len(year) <= 2 and calendar in {"", "gregorian"}:
        return _short_year(int(year), m, d, calendar or rules.calendar)
    if calendar == "gregorian":
        return _reading(gregorian("gregorian", int(year), m, d))
    if calendar:
        number = int(year) + (2500 if calendar == "buddhist" and len(year) <= 2 else 0)
        return _reading(gregorian(calendar, number, m, d), "STD407")
    return _long_year(int(year), m, d, rules.calendar)


def _long_year(year: int, month: int, day: int, calendar: str) -> Reading | None:
    if calendar == "buddhist" and year in _BUDDHIST_YEARS:
        return _reading(gregorian("buddhist", year, month, day), "STD407")
    if calendar in {"persian", "islamic"} and year in _SHIFTED_YEARS:
        return _reading(gregorian(calendar, year, month, day), "STD407")
    if calendar == "roc" and year < 200:
        return _reading(gregorian("roc", year, month, day), "STD407")
    return _reading(gregorian("gregorian", year, month, day))


def _short_year(year: int, month: int, day: int, calendar: str) -> Reading | None:
    common = gregorian("gregorian", year + (2000 if year <= _PIVOT else 1900), month, day)
    if calendar == "buddhist":
        local = gregorian("buddhist", 2500 + year, month, day)
        if local and local.year <= 2000 + _PIVOT:
            others = (common.isoformat(),) if common else ()
            return Reading(
                local, ("STD417",), message=f"year {year:02} is read as B.E. 25{year:02}",
                confidence=0.8, alternatives=others,
            )  # fmt: skip
    if calendar == "persian":
        return _reading(
            gregorian("persian", year + (1400 if year < 40 else 1300), month, day), "STD407"
        )
    return _reading(common, "STD406")


def _reading(day: date | None, *codes: str) -> Reading | None:
    return Reading(day, codes) if day else None
