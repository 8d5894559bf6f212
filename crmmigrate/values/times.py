"""Find the time of day within the shape of a written date."""

import re
from dataclasses import dataclass, replace

from crmmigrate.values.date_words import day_half

__all__ = ["NO_TIME", "Slot", "TimeOfDay", "TimePlan", "cut", "plan_time", "read_time"]

_ZONE = r"""(?P<zone>\s?(?:Z|UTC|GMT|CET|CEST|EET|EEST|WET|WEST|EST|EDT|MST|MDT|PST|PDT|CDT|MSK|JST)?
      (?:\s?(?P<east>[+\-−])(?P<zh>\d{2})(?::?(?P<zm>\d{2}))?)?)"""
_CLOCK = re.compile(
    r"""(?P<before>(?<!\d)[^\W\d_][^\W\d_.]{0,9}\.?\ ?)?
    (?<![\d.,/-])(?P<h>\d\d?)(?:[:٫]|(?<=\d)[hH])(?P<m>\d\d)
    (?:[:.](?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?)?
    (?P<half>(?!\s?(?:Z|UTC|GMT|MSK|JST|CES?T|EES?T|WES?T|[ECMP][SD]T)\b)\s?[^\W\d_]{1,2}\.?\s?[^\W\d_]?\.?(?![^\W\d_]))?
    """
    + _ZONE
    + r"""(?![\d:])(?P<note>\s?(?:\([^)]*\)|\[[^\]]*\]))?""",
    re.VERBOSE,
)
_DOTTED = re.compile(
    r"(?:(?<=0000)(?<!0{5}),? |\bklo? ?\.? ?)(?P<h>0{1,2})\.(?P<m>00)(?:\.(?P<s>00))?(?=$| [Uu]hr$)"
)
"""Germany and the North write the time with points, behind the date."""

_BASIC = re.compile(r"(?<=0{8})(?<!0{9})[Tt](?P<h>00)(?P<m>00)(?P<s>00)?" + _ZONE + "$", re.VERBOSE)
_HOUR = re.compile(r"(?<![\d.,/:-])(?P<h>\d\d?)\s?(?P<half>[ap]\.?\s?m\.?)(?!\w)", re.IGNORECASE)
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "CET": 1, "WEST": 1, "EET": 2, "CEST": 2, "EEST": 3,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "MSK": 3, "JST": 9,
}  # fmt: skip
"""Hours before UTC; abbreviations that mean two zones (CST, BST, IST) are left out."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Some digits of a text.

    Attributes:
        run: Which run of digits, from 0.
        start: First digit within it.
        length: Number of digits at most.
    """

    run: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class TimePlan:
    """Where the time of day stands in texts of one shape.

    Attributes:
        hour: Digits of the hour; None where no time is written.
        minute: Digits of the minute.
        second: Digits of the second.
        half: am, pm or ''.
        zone: Distance from UTC in ISO 8601 where a word names it, else the sign before its digits.
        zone_hour: Digits of the zone's hours.
        zone_minute: Digits of the zone's minutes.
        fraction: Digits behind the second.
    """

    hour: Slot | None = None
    minute: Slot | None = None
    second: Slot | None = None
    half: str = ""
    zone: str = ""
    zone_hour: Slot | None = None
    zone_minute: Slot | None = None
    fraction: Slot | None = None


NO_TIME = TimePlan()
_RUNS = tuple(range(100))


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time as `HH:MM:SS`, with the fraction of a second if it is written; `24:00:00` is the end of the day, '' is no time."""

    clock: str = ""
    zone: str = ""


_Planned = tuple[TimePlan, str, tuple[int, ...]]


def plan_time(shape: str, languages: tuple[str, ...]) -> _Planned:
    """Take the time of day out of a shape.

    Args:
        shape: A tidied text with every digit as 0.
        languages: Languages of the region.

    Returns:
        Where the time stands, the shape without it, and which runs of digits stand in that.
    """
    match = _BASIC.search(shape) if "00000000" in shape else None
    if match:
        return _planned(shape, match, match.start(), match.end())
    if "T" in shape or "t" in shape:
        shape = re.sub(r"(?<=\d)[Tt](?=\d\d?[:.h])", " ", shape)
    match = _CLOCK.search(shape) if ":" in shape or "h" in shape.casefold() else None
    if match:
        return _clock(shape, match, languages)
    match = _DOTTED.search(shape) if ".00" in shape and " " in shape else None
    if match:
        return _planned(shape, match, match.start(), match.end())
    match = _HOUR.search(shape) if "m" in shape.casefold() else None
    if match:
        half = "pm" if match["half"][0] in "pP" else "am"
        return _planned(shape, match, match.start(), match.end(), half)
    return NO_TIME, shape, _RUNS[: len(_numbers(shape))]


def read_time(plan: TimePlan, numbers: list[str]) -> TimeOfDay | None:
    """Read the digits of a time; None where there is no such time.

    Args:
        plan: Where they stand.
        numbers: The runs of digits of a text of that shape.
    """
    if plan.hour is None:
        return TimeOfDay()
    hour, minute, second = (
        0 if slot is None else int(cut(numbers, slot))
        for slot in (plan.hour, plan.minute, plan.second)
    )
    whole = hour * 3600 + minute * 60 + second
    fraction = cut(numbers, plan.fraction) if plan.fraction else ""
    fraction = fraction if fraction.strip("0") else ""
    if minute > 59 or second > 59 or whole + bool(fraction) > 86400:
        return None
    if plan.half and not 0 < hour <= 12 and (hour > 23 or (plan.half == "am" and hour)):
        return None
    if plan.half == "pm" and hour < 12:
        hour += 12
    if plan.half == "am" and hour == 12:
        hour = 0
    clock = f"{hour:02}:{minute:02}:{second:02}"
    if fraction:
        clock = f"{clock}.{fraction}"
    if plan.zone_hour is None:
        return TimeOfDay(clock, plan.zone)
    zone_minute = cut(numbers, plan.zone_minute) if plan.zone_minute else "00"
    away = f"{cut(numbers, plan.zone_hour)}:{zone_minute}"
    if away > "15:59" or zone_minute > "59":
        return None
    return TimeOfDay(clock, f"{'+' if away == '00:00' else plan.zone}{away}")


def cut(numbers: list[str], slot: Slot) -> str:
    """Return the digits of a slot."""
    return numbers[slot.run][slot.start : slot.start + slot.length]


def _clock(shape: str, match: re.Match[str], languages: tuple[str, ...]) -> _Planned:
    start, end = match.start("h"), match.end()
    half = day_half(match["half"] or "", languages)
    if match["half"] and half is None:
        end = match.start("half")
    before = (match["before"] or "").strip()
    early = day_half(before, languages) if len(before) > 1 else None
    if early or before in {"T", "t"}:
        half, start = early or half, match.start()
    return _planned(shape, match, start, end, half or "")


def _planned(shape: str, match: re.Match[str], start: int, end: int, half: str = "") -> _Planned:
    names = match.re.groupindex
    zone, sign = "", ""
    if "zone" in names and end == match.end():
        zone, sign = _named_zone(match["zone"].strip()), (match["east"] or "").replace("−", "-")
    before = len(_numbers(shape[:start]))
    after = before + len(_numbers(shape[start:end]))
    every = len(_numbers(shape))
    rest = f"{shape[:start]} {shape[end:]}".strip().strip(",;").strip()
    slots = {name: _slot(shape, match, name) for name in ("h", "m", "s", "f", "zh", "zm")}
    plan = TimePlan(slots["h"], slots["m"], slots["s"], half, sign or zone, fraction=slots["f"])
    if sign:
        plan = replace(plan, zone_hour=slots["zh"], zone_minute=slots["zm"])
    return plan, rest, (*range(before), *range(after, every))


def _slot(shape: str, match: re.Match[str], name: str) -> Slot | None:
    if name not in match.re.groupindex or match[name] is None:
        return None
    position = match.start(name)
    for run, number in enumerate(_numbers(shape)):
        if number.start() <= position < number.end():
            return Slot(run, position - number.start(), len(match[name]))
    return None


def _numbers(shape: str) -> list[re.Match[str]]:
    return list(re.finditer(r"\d+", shape))


def _named_zone(text: str) -> str:
    name = re.match(r"[A-Z]*", text)
    word = name[0] if name else ""
    if word not in _ZONES:
        return ""
    hours = _ZONES[word]
    return f"{'-' if hours < 0 else '+'}{abs(hours):02}:00"
