"""Plan how dates of one shape are read: which digits are year, month, day and time.

The shape of a text is the text with every digit written as 0. All that words, signs and the
number of digits tell about a date is in its shape, and a column of a million dates has few shapes.
So the words are looked at once a shape, and only sums are done for each value.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.date_words import read_words
from crmmigrate.values.times import NO_TIME, Slot, TimePlan, plan_time

__all__ = [
    "EITHER",
    "Candidate",
    "Choice",
    "Group",
    "Plan",
    "Structure",
    "digit_runs",
    "plan_date",
    "shape_of",
]

_DIGITS = str.maketrans("123456789", "000000000")
_RUNS = re.compile(r"\d+|\D+")
_ZEROS = re.compile(rb"0+")
_WEEK = re.compile(r"0000-?W00(-?0)?")
_ORDINAL = re.compile(r"0000-000")
_SERIAL = re.compile(r"0{5}\.0+")
_LENGTHS = {1: 2, 3: 4}
"""One digit is counted as up to two, and three as up to four, so that fewer structures differ."""

_LONGEST = 80

EITHER = "either"
"""The order of a column whose values leave open whether day or month stands first."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read the digits of a shape.

    Attributes:
        order: The order of year, month and day, for messages.
        year: Digits of the year.
        month: Digits of the month; None where a word names it.
        day: Digits of the day.
        calendar: How the year is counted: gregorian, pivot, shifted, buddhist_short,
            buddhist_long, roc_long, persian, persian_short, persian_long, islamic, islamic_long.
        shift: What a shifted year is away from the Gregorian one.
    """

    order: str
    year: Slot
    month: Slot | None
    day: Slot
    calendar: str
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates of one rank; where two of them give different days, the date is ambiguous."""

    candidates: tuple[Candidate, ...]
    codes: tuple[str, ...] = ()
    status: str = "normalised"
    confidence: float = 1.0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What settles doubts of a whole column.

    Attributes:
        order: dmy, mdy or ymd where configuration or the column's evidence tells; EITHER where
            the column makes the order of the region doubtful.
        era: gregorian or buddhist for years of two digits where the column tells.
        system: 1900 or 1904: where spreadsheets begin to count days.
    """

    order: str | None = None
    era: str | None = None
    system: str = "1900"


@dataclass(frozen=True, slots=True)
class Structure:
    """What many shapes have in common: where the numbers of a date stand, and how they count.

    Attributes:
        kind: dated, refused, serial, epoch, week or ordinal.
        groups: Candidates by rank; the first group with a valid day is taken.
        told: Whether it is told that the first group was chosen by a habit (STD402).
        refusal: Code and reason where no group has a day.
    """

    kind: str
    groups: tuple[Group, ...] = ()
    told: bool = False
    refusal: tuple[str, str] = ("STD413", "has no such day")


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read all dates of one shape.

    Attributes:
        structure: Where the numbers of the date stand.
        month: Number of the month that a word names, 0 for none.
        time: Digits of the time of day.
    """

    structure: Structure
    month: int = 0
    time: TimePlan = NO_TIME


def shape_of(text: str) -> str:
    """Return the text with every ASCII digit as 0."""
    return text.translate(_DIGITS)


def digit_runs(shape: str) -> list[tuple[int, int]]:
    """Return where each run of digits starts and ends, in bytes of UTF-8."""
    return [match.span() for match in _ZEROS.finditer(shape.encode())]


@lru_cache(maxsize=65536)
def plan_date(shape: str, rules: RegionRules, choice: Choice) -> Plan:
    """Plan one shape.

    Args:
        shape: Tidied text with every digit as 0.
        rules: The region it comes from.
        choice: What the column tells.
    """
    if len(shape) > _LONGEST or "0" not in shape:
        return Plan(_NO_DATE)
    if shape.startswith("0000") and (_WEEK.fullmatch(shape) or _ORDINAL.fullmatch(shape)):
        kind = Structure("week" if "W" in shape else "ordinal")
        return Plan(_PART if shape.endswith("W00") else kind)
    time, rest, left = plan_time(shape, rules.languages)
    runs = _RUNS.findall(rest)
    if len(runs) == 1 and runs[0][0] == "0":
        return _single(left[0], len(rest), time, rules, choice)
    if _SERIAL.fullmatch(rest):
        return Plan(Structure("serial"), 0, time)
    return _written(runs, left, time, rules, choice)


def _written(
    runs: list[str], left: tuple[int, ...], time: TimePlan, rules: RegionRules, choice: Choice
) -> Plan:
    words = read_words(_around(runs), rules.languages, rules.code)
    lengths = tuple(_LENGTHS.get(len(run), len(run)) for run in runs if run[0] == "0")
    marks = words.marks if any(words.marks) else ()
    signs = Signs(
        words.month is not None, words.month_calendar, words.calendar, words.japanese, marks
    )
    if words.unknown:
        why = f"holds '{words.unknown[0]}', which is no part of a date"
        return Plan(_refused("STD410", why), 0, time)
    if words.month == 0:
        return Plan(_refused("STD404", "names a month that two languages use differently"), 0, time)
    return Plan(_structure(lengths, left, signs, rules, choice), words.month or 0, time)


@lru_cache(maxsize=4096)
def _refused(code: str, why: str) -> Structure:
    return Structure("refused", refusal=(code, why))


_NO_DATE = Structure("refused", refusal=("STD410", "is no date"))
_PART = Structure("refused", refusal=("STD409", "is only a part of a date"))


@dataclass(frozen=True, slots=True)
class Signs:
    """What words tell about the counting, without the number of the month they may name."""

    named: bool
    month_calendar: str
    calendar: str
    japanese: int | None
    marks: tuple[str, ...]


@lru_cache(maxsize=1024)
def _single(run: int, length: int, time: TimePlan, rules: RegionRules, choice: Choice) -> Plan:
    """Plan 20240229, a spreadsheet's serial number or a count of seconds."""
    if length == 5:
        return Plan(Structure("serial"), 0, time)
    if length in {8, 14}:
        groups = _compact(Slot(run, 0, length), rules, choice)
        if length == 14:
            clock = [Slot(run, start, 2) for start in (8, 10, 12)]
            time = replace(time, hour=clock[0], minute=clock[1], second=clock[2])
        return Plan(Structure("dated", groups, refusal=("STD410", "is no date")), 0, time)
    if length in {10, 13}:
        return Plan(Structure("epoch"), 0, time)
    return Plan(_PART if length in {4, 6} else _NO_DATE)


def _compact(run: Slot, rules: RegionRules, choice: Choice) -> tuple[Group, ...]:
    """Read YYYYMMDD; the eight digits of DDMMYYYY only where that is no date."""

    def cut(start: int, length: int) -> Slot:
        return Slot(run.run, start, length)

    found = [Group((Candidate("ymd", cut(0, 4), cut(4, 2), cut(6, 2), "plausible"),))]
    if run.length == 8:
        orders = _orders(choice, rules)
        last = {"dmy": (cut(2, 2), cut(0, 2)), "mdy": (cut(0, 2), cut(2, 2))}
        turned = [
            Candidate(order, cut(4, 4), *last[order], "plausible")
            for order in (orders or list(last))
            if order in last
        ]
        if turned:
            found.append(Group(tuple(turned), ("STD402",)))
    return tuple(found)


@lru_cache(maxsize=8192)
def _structure(
    lengths: tuple[int, ...], left: tuple[int, ...], signs: Signs, rules: RegionRules,
    choice: Choice,
) -> Structure:  # fmt: skip
    slots = [Slot(run, 0, length) for run, length in zip(left, lengths, strict=True)]
    if signs.named and len(slots) == 2:
        return _textual(slots, signs, rules, choice)
    if not signs.named and len(slots) == 3:
        return _numeric(slots, signs, rules, choice)
    return _PART if 1 <= len(slots) <= 2 else _NO_DATE


def _around(runs: Sequence[str]) -> tuple[str, ...]:
    """Return the text before the first number and behind each number."""
    found = [""]
    for run in runs:
        if run[0] == "0":
            found.append("")
        else:
            found[-1] = run
    return tuple(found)


def _textual(slots: list[Slot], signs: Signs, rules: RegionRules, choice: Choice) -> Structure:
    first, second = slots
    if signs.japanese is not None or first.length >= 3:
        shapes = ["ymd"]
    elif second.length >= 3:
        shapes = ["dmy"]
    else:
        orders = _orders(choice, rules)
        year_first = bool(orders) and all(o.startswith("y") for o in orders)
        shapes = ["ymd", "dmy"] if year_first else ["dmy", "ymd"]
    if first.length >= 3 and second.length >= 3:
        return _refused("STD413", "has no such day")
    by_order = {
        "ymd": lambda: _candidate("ymd", first, None, second, signs, rules, choice),
        "dmy": lambda: _candidate("dmy", second, None, first, signs, rules, choice),
    }
    return Structure("dated", tuple(Group((by_order[shape](),)) for shape in shapes))


def _numeric(slots: list[Slot], signs: Signs, rules: RegionRules, choice: Choice) -> Structure:
    if sum(s.length > 2 for s in slots) > 1 or slots[1].length > 2:
        return _NO_DATE

    def read(order: str) -> Candidate:
        parts: dict[str, Slot] = dict(zip(order, slots, strict=True))
        return _candidate(order, parts["y"], parts["m"], parts["d"], signs, rules, choice)

    marked = "".join(signs.marks[1:])
    if sorted(marked) in (["d", "m", "y"], ["m", "y"]):
        shape = marked if len(marked) == 3 else marked + "d"
        return Structure("dated", (Group((read(shape),)),))
    if slots[0].length >= 3 or signs.japanese is not None or signs.calendar == "roc":
        turned = "day and month stand the other way round"
        other = Group((read("ydm"),), ("STD403",), "repaired", 0.8, turned)
        return Structure("dated", (Group((read("ymd"),)), other))
    possible = ("dmy", "mdy") if slots[2].length >= 3 else ("dmy", "mdy", "ymd")
    settled = choice.order == EITHER or choice.order in possible
    orders = _orders(choice, rules) if settled else rules.date_orders
    wanted = tuple(order for order in orders if order in possible)
    groups = [Group(tuple(read(order) for order in wanted or possible))]
    rest = tuple(order for order in possible if order not in (wanted or possible))
    if rest:
        message = "only {order} gives a date here"
        groups.append(
            Group(tuple(read(order) for order in rest), ("STD403",), "repaired", 0.9, message)
        )
    return Structure("dated", tuple(groups), told=bool(wanted))


def _orders(choice: Choice, rules: RegionRules) -> tuple[str, ...]:
    """Return the orders that dates are to be read in: the column's, else those of the region."""
    if choice.order == EITHER:
        return ("dmy", "mdy")
    return (choice.order,) if choice.order else rules.date_orders


def _candidate(
    order: str, year: Slot, month: Slot | None, day: Slot, signs: Signs, rules: RegionRules,
    choice: Choice,
) -> Candidate:  # fmt: skip
    calendar, shift = _counting(year.length <= 2, signs, rules.calendar, choice)
    return Candidate(order, year, month, day, calendar, shift)


def _counting(
    short: bool,
    signs: Signs,
    regional: str,
    choice: Choice,
) -> tuple[str, int]:
    """Tell how the year is counted that words, its length and the region name."""
    if signs.japanese is not None:
        return "shifted", signs.japanese
    named = signs.calendar or (signs.month_calendar if signs.month_calendar != "gregorian" else "")
    if short and named in {"", "gregorian"}:
        return _short_counting(named or regional, choice)
    if named in {"buddhist", "roc"}:
        return "shifted", {"roc": 1911}.get(named, 2500 - 543 if short else -543)
    if named:
        return named, 0
    return (f"{regional}_long" if regional in _COUNTED else "gregorian"), 0


def _short_counting(calendar: str, choice: Choice) -> tuple[str, int]:
    if calendar == "buddhist":
        by_era = {"buddhist": ("shifted", 2500 - 543), "gregorian": ("pivot", 0)}
        return by_era.get(choice.era or "", ("buddhist_short", 0))
    return ("persian_short" if calendar == "persian" else "pivot"), 0


_COUNTED = frozenset({"buddhist", "persian", "islamic", "roc"})
