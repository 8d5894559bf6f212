"""Read dates and times in the habits of a region; never guess between day and month."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.calendars import gregorian
from crmmigrate.values.date_plans import (
    Candidate,
    Choice,
    Group,
    Plan,
    Structure,
    plan_date,
    shape_of,
)
from crmmigrate.values.folding import to_ascii_digits
from crmmigrate.values.outcome import BLANK, Outcome, tidy
from crmmigrate.values.placeholders import is_placeholder
from crmmigrate.values.times import TimeOfDay, cut, read_time

__all__ = [
    "BUDDHIST_YEARS",
    "CLEARLY_PAST",
    "CLEARLY_RECENT",
    "EPOCHS",
    "FIRST_YEAR",
    "LAST_YEAR",
    "NEVER",
    "SHIFTED_YEARS",
    "ZEROS",
    "plain_date",
    "read_date",
    "read_datetime",
]

ZEROS = r"^(?:0{1,4}[-/. ]0{1,2}[-/. ]0{1,4}|0{6,14})(?:\D.*)?$"
NEVER = frozenset(
    {
        "1900-01-00", "00/01/1900", "0/1/1900", "1/0/1900", "01/00/1900", "0001-01-01", "01/01/0001",
        "1/1/0001", "01.01.0001", "1899-12-30", "30/12/1899", "12/30/1899", "30.12.1899", "1899-12-31",
        "9999-12-31", "31/12/9999", "12/31/9999", "31.12.9999", "1753-01-01", "00.01.1900",
        "1900-01-01", "01/01/1900", "1/1/1900", "01.01.1900", "1.1.1900",
    }
)  # fmt: skip
"""Dates that databases and spreadsheets write for no date (SQL Server 1753 and 1900, OLE 1899, Excel day 0)."""

FIRST_YEAR, LAST_YEAR = 1583, 2199
"""Years that are believed: Gregorian ones, and no slips of the keyboard."""

_ZEROS = re.compile(ZEROS)
_NUMBERS = re.compile(r"\d+")
_PLAINER = str.maketrans({"ـ": None, "−": "-"})
EPOCHS = {"1900": date(1899, 12, 30), "1904": date(1904, 1, 1)}
"""Where spreadsheets begin to count days: Excel, and Excel as it was on the Macintosh."""

_PIVOT = 49
BUDDHIST_YEARS = range(2300, 2700)
SHIFTED_YEARS = range(1250, 1560)
CLEARLY_RECENT = 26
CLEARLY_PAST = 78
"""Short Thai years up to 26 are 2000 to 2026 rather than B.E. 2500 to 2526 (1957 to 1983), and
those above 78 are 1979 to 1999 rather than B.E. 2579 to 2599, which lie ahead."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a date, with the rules that led to it."""

    day: date
    codes: tuple[str, ...] = ()
    status: str = "normalised"
    message: str | None = None
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()


def read_date(
    text: str | None,
    rules: RegionRules,
    order: str | None = None,
    era: str | None = None,
    evidence: str = "",
    system: str = "1900",
) -> Outcome:
    """Read a date; a time of day is dropped and told.

    Args:
        text: The cell.
        rules: The region it comes from: order, languages, calendar.
        order: dmy, mdy or ymd where configuration or the column's evidence settles it.
        era: gregorian or buddhist where the column tells how years of two digits are counted.
        evidence: What the column proves, told where the order had to be decided.
        system: 1900 or 1904: where spreadsheets begin to count the days of serial numbers.
    """
    outcome, time = _read(text, rules, Choice(order, era, system), evidence)
    if outcome.value is None or outcome.confidence == 0:
        return outcome
    if time.clock and (time.clock != "00:00:00" or time.zone):
        dropped = f"time {time.clock} is dropped"
        return replace(
            outcome, codes=(*outcome.codes, "STD411"), message=outcome.message or dropped
        )
    return outcome


def read_datetime(
    text: str | None,
    rules: RegionRules,
    order: str | None = None,
    era: str | None = None,
    evidence: str = "",
    system: str = "1900",
) -> Outcome:
    """Read a date with its time of day as ISO 8601; midnight where none is written."""
    outcome, time = _read(text, rules, Choice(order, era, system), evidence)
    if outcome.value is None or outcome.confidence == 0:
        return outcome
    day, clock = outcome.value, time.clock or "00:00:00"
    if clock == "24:00:00":
        day, clock = (date.fromisoformat(day) + timedelta(days=1)).isoformat(), "00:00:00"
    value = f"{day}T{clock}{time.zone}"
    status = outcome.status
    if status in {"unchanged", "normalised"}:
        status = "unchanged" if value == text else "normalised"
    codes = outcome.codes if outcome.codes or status == "unchanged" else ("STD401",)
    if status == "unchanged":
        codes = ()
    return replace(outcome, value=value, status=status, codes=codes)


def plain_date(text: str | None) -> str:
    """Return the text with ASCII digits, one blank between words and the first year as 1年."""
    return to_ascii_digits(tidy(text)).translate(_PLAINER).replace("元年", "1年")


def _read(
    text: str | None, rules: RegionRules, choice: Choice, evidence: str
) -> tuple[Outcome, TimeOfDay]:
    raw = plain_date(text)
    if not raw:
        return BLANK, TimeOfDay()
    if raw in NEVER or raw[:10] in NEVER or _ZEROS.match(raw) or is_placeholder(raw):
        return _invalid(text, "STD408", "stands for no date"), TimeOfDay()
    plan = plan_date(shape_of(raw), rules, choice)
    if plan.structure.kind == "refused":
        return _invalid(text, *plan.structure.refusal), TimeOfDay()
    numbers = _NUMBERS.findall(raw)
    time = read_time(plan.time, numbers)
    if time is None:
        return _invalid(text, "STD410", "has no such time of day"), TimeOfDay()
    if plan.structure.kind != "dated":
        return _counted(text, plan.structure.kind, numbers, time, choice.system)
    return _dated(text, plan, numbers, evidence), time


def _dated(text: str | None, plan: Plan, numbers: list[str], evidence: str) -> Outcome:
    reading = _by_groups(plan.structure, numbers, plan.month)
    if reading is None:
        return _invalid(text, *plan.structure.refusal)
    if reading.status == "ambiguous":
        told = f"{reading.message}; {evidence}" if evidence else reading.message
        return Outcome(
            text, "ambiguous", reading.codes, told, confidence=0.0,
            alternatives=reading.alternatives,
        )  # fmt: skip
    if evidence and "STD402" in reading.codes and reading.message is None:
        reading = replace(reading, message=evidence)
    return _outcome(text, reading)


def _outcome(text: str | None, reading: Reading) -> Outcome:
    value = reading.day.isoformat()
    if not FIRST_YEAR <= reading.day.year <= LAST_YEAR:
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


def _counted(
    text: str | None, kind: str, numbers: list[str], time: TimeOfDay, system: str
) -> tuple[Outcome, TimeOfDay]:
    """Read a spreadsheet's serial, a count of seconds, an ISO week or the day of a year."""
    if kind == "serial" and numbers[0][0] != "0":
        fraction = float(f"0.{numbers[1]}") if len(numbers) > 1 else 0.0
        seconds = min(round(fraction * 86400), 86399)
        clock = str(timedelta(seconds=seconds)).zfill(8) if seconds else ""
        day = EPOCHS[system] + timedelta(days=int(numbers[0]))
        reading = Reading(day, ("STD405",), "repaired", confidence=0.95)
        return _outcome(text, reading), TimeOfDay(clock)
    if kind == "epoch" and numbers[0][0] == "1":
        moment = datetime.fromtimestamp(int(numbers[0][:10]), tz=UTC)
        reading = Reading(moment.date(), ("STD412",), "repaired", confidence=0.9)
        return _outcome(text, reading), TimeOfDay(moment.strftime("%H:%M:%S"), "+00:00")
    found = _within_year(kind, numbers)
    if found is None:
        return _invalid(text, "STD410", "is no date"), time
    return _outcome(text, Reading(found)), time


def _within_year(kind: str, numbers: list[str]) -> date | None:
    year, number = int(numbers[0]), "".join(numbers[1:])
    try:
        if kind == "week":
            return date.fromisocalendar(year, int(number[:2]), int(number[2]))
        if kind == "ordinal":
            found = date(year, 1, 1) + timedelta(days=int(number) - 1)
            return found if found.year == year else None
    except (ValueError, OverflowError):
        return None
    return None


def _by_groups(plan: Structure, numbers: list[str], month: int) -> Reading | None:
    """Take the first group of candidates with a valid day."""
    for at, group in enumerate(plan.groups):
        found = _valid(group, numbers, month)
        if not found:
            continue
        days = {reading.day for _, reading in found}
        if len(days) > 1:
            spellings = tuple(sorted(day.isoformat() for day in days))
            message = f"may be {' or '.join(spellings)}"
            return Reading(min(days), ("STD404",), "ambiguous", message, 0.0, spellings)
        order, chosen = found[0]
        if at == 0 and plan.told:
            later = [r for g in plan.groups[1:] for _, r in _valid(g, numbers, month)]
            if {reading.day for reading in later} - days:
                return replace(chosen, codes=(*chosen.codes, "STD402"))
        if group.codes:
            return replace(
                chosen, codes=group.codes, status=group.status, confidence=group.confidence,
                message=group.message.format(order=order) or None, alternatives=(),
            )  # fmt: skip
        return chosen
    return None


def _valid(group: Group, numbers: list[str], month: int) -> list[tuple[str, Reading]]:
    readings = [(c.order, _reading_of(c, numbers, month)) for c in group.candidates]
    return [(order, reading) for order, reading in readings if reading]


def _reading_of(candidate: Candidate, numbers: list[str], named: int) -> Reading | None:
    year, day = int(cut(numbers, candidate.year)), int(cut(numbers, candidate.day))
    month = named if candidate.month is None else int(cut(numbers, candidate.month))
    kind = candidate.calendar
    if kind == "buddhist_short":
        return _short_thai(year, month, day)
    if kind == "plausible" and not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    calendar, shift, code = _counted_by(kind, year, candidate.shift)
    return _reading(calendar, year + shift, month, day, *code)


_OTHER = ("STD407",)


def _counted_by(kind: str, year: int, shift: int) -> tuple[str, int, tuple[str, ...]]:
    """Return calendar, years to add and code for a way to count a year."""
    if kind == "pivot":
        return "gregorian", _pivoted(year) - year, ("STD406",)
    if kind == "shifted":
        return "gregorian", shift, _OTHER
    if kind == "persian_short":
        return "persian", 1400 if year < 40 else 1300, _OTHER
    base = kind.removesuffix("_long")
    if kind in {"persian", "islamic"} or (base in {"persian", "islamic"} and year in SHIFTED_YEARS):
        return base, 0, _OTHER
    local = {"buddhist_long": (BUDDHIST_YEARS, -543), "roc_long": (range(200), 1911)}.get(kind)
    if local and year in local[0]:
        return "gregorian", local[1], _OTHER
    return "gregorian", 0, ()


def _pivoted(year: int) -> int:
    return year + (2000 if year <= _PIVOT else 1900)


def _short_thai(year: int, month: int, day: int) -> Reading | None:
    """Read a Thai year of two digits, which may be Buddhist or common."""
    common = gregorian("gregorian", _pivoted(year), month, day)
    local = gregorian("gregorian", year + 1957, month, day)
    chosen, other, said = local, common, f"B.E. 25{year:02}"
    if (common and (year <= CLEARLY_RECENT or year > CLEARLY_PAST)) or local is None:
        chosen, other, said = common, local, f"{_pivoted(year)}"
    if chosen is None:
        return None
    others = (other.isoformat(),) if other else ()
    message = f"year {year:02} is read as {said}"
    return Reading(chosen, ("STD417",), "normalised", message, 0.8, others)


def _reading(calendar: str, year: int, month: int, day: int, *codes: str) -> Reading | None:
    found = gregorian(calendar, year, month, day)
    return Reading(found, codes) if found else None
