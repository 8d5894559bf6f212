"""Where the digits of each shape of date stand, as numbers that a column can be divided by.

The digits of a text, one behind the other, are one whole number, and a year, month, day or hour is
what a division and its remainder leave of it. So dates of all shapes are read by the same sums.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.standardize.date_codes import CODES
from crmmigrate.standardize.date_shapes import plan_shape
from crmmigrate.values.date_plans import Candidate, Choice, Plan, shape_of
from crmmigrate.values.date_words import day_half, named_month
from crmmigrate.values.dates import BUDDHIST_YEARS, plain_date
from crmmigrate.values.times import NO_TIME, Slot, TimePlan, plan_time

__all__ = ["CANDIDATES", "KEPT_DIGITS", "Layouts", "plan_layouts"]

CANDIDATES = 3
"""Readings that are compared: three numbers of two digits are dmy, mdy or ymd."""

KEPT_DIGITS = 18
"""Digits that a whole number of 64 bits surely holds."""

_UNFIT = -1
"""The layout of shapes that are read in another way."""

_CLOCK = r"^(.*0(?:T|.* ))(00?:00(?::00)?(?: ?[AaPp][Mm]|Z)?)$"
_HALF = re.compile(r"(?<!\d)([^\W\d_][^\W\d_.]{0,9}\.?)$")
"""The last word before a time of day, which may tell its half."""

_LONGEST = 80
_RUNS = re.compile("0+")
_AFTER_HOUR = re.compile(r"\s?[ap]\.?\s?m\.?(?!\w)", re.IGNORECASE)
_SHORT = 8
"""Shorter shapes may be placeholders."""

_FIELDS = ("year_by", "year_in", "month_by", "month_in", "day_by", "day_in", "low", "high", "within",
           "beyond")  # fmt: skip
_TIMES = ("hour_by", "hour_in", "minute_by", "minute_in", "second_by", "second_in", "half", "zone",
          "tail")  # fmt: skip
_HALVES = ("", "am", "pm")
_EVER = 9999


@dataclass(slots=True)
class Layouts:
    """What is planned for the distinct shapes of a column.

    Attributes:
        shapes: A row a shape: `layout` (null where other ways are needed), `month` that a word
            names, `time` (0 for none), `refusal` (null for none) and number of `digits`.
        days: CANDIDATES frames with a row a layout: how year, month and day are divided off, and
            what is added to years `within` and `beyond` the range of `low` to `high`.
        roles: A row a layout: how many readings of the first rank it has (`own`), how many with
            those of which is told (`every`), the number of its `code`, and whether that is only
            told of years `within` (`local`).
        times: A row a time of day: how it is divided off, `half` (0, 1 am, 2 pm), number of its
            `zone` and how many digits of a zone stand at the end (`tail`).
        zones: Texts of zones; before digits the sign.
        refusals: Code and reason.
    """

    shapes: pl.DataFrame
    days: list[pl.DataFrame]
    roles: pl.DataFrame
    times: pl.DataFrame
    zones: list[str]
    refusals: list[tuple[str, str]]


@dataclass(slots=True)
class _Draft:
    layouts: dict[tuple[int, tuple[int, ...], int], int] = field(default_factory=dict)
    days: list[list[tuple[int, ...]]] = field(default_factory=lambda: [[], [], []])
    roles: list[tuple[int, int, int, bool]] = field(default_factory=list)
    times: dict[tuple[int, ...], int] = field(default_factory=lambda: {(1,) * 6 + (0, 0, 0): 0})
    zones: dict[str, int] = field(default_factory=lambda: {"": 0})
    refusals: dict[tuple[str, str], int] = field(default_factory=dict)
    days_seen: dict[tuple[str, str], "_Day"] = field(default_factory=dict)
    named: dict[tuple[object, ...], Plan] = field(default_factory=dict)
    clocks: dict[tuple[str, tuple[str, ...]], tuple[int, int]] = field(default_factory=dict)


def plan_layouts(distinct: pl.DataFrame, book: RegionBook, choice: Choice) -> Layouts:
    """Plan every shape of a column.

    Args:
        distinct: Distinct `shape` and `region`.
        book: Rules of all regions.
        choice: What the column tells.
    """
    draft = _Draft()
    rules = {code: book.get(code) for code in distinct["region"].unique()}
    rows = [
        _row(draft, rest, clock, rules[region], choice)
        for rest, clock, region in _parted(distinct).iter_rows()
    ]
    names = ("layout", "month", "time", "refusal", "digits")
    shapes = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Int32), orient="row")
    return Layouts(
        shapes.with_columns(pl.when(pl.col(name) != _UNFIT).then(name) for name in names),
        [
            pl.DataFrame(d, schema=dict.fromkeys(_FIELDS, pl.Int64), orient="row")
            for d in draft.days
        ],
        pl.DataFrame(
            draft.roles,
            schema={"own": pl.Int32, "every": pl.Int32, "code": pl.UInt32, "local": pl.Boolean},
            orient="row",
        ),
        pl.DataFrame(list(draft.times), schema=dict.fromkeys(_TIMES, pl.Int64), orient="row"),
        list(draft.zones),
        list(draft.refusals),
    )


def _parted(distinct: pl.DataFrame) -> pl.DataFrame:
    """Cut a plain time of day off the end of each shape, with the signs that part it from the day."""
    shape = pl.col("shape").fill_null("")
    groups = shape.str.extract_groups(_CLOCK).struct
    rest = groups.field("1").str.replace("0T$", "0")
    rest = rest.str.strip_chars(" ").str.strip_chars(",;").str.strip_chars(" ")
    fits = (shape.str.len_chars() <= _LONGEST) & ~rest.str.contains("[:٫hH]|^[,; ]|^0*$")
    return distinct.select(
        pl.when(fits).then(rest).otherwise(shape).alias("rest"),
        pl.when(fits).then(groups.field("2")),
        "region",
    )


_Row = tuple[int, int, int, int, int]


def _row(draft: _Draft, shape: str, clock: str | None, rules: RegionRules, choice: Choice) -> _Row:
    """Return layout, month, time, refusal and number of digits of one shape."""
    key = (shape, rules.code)
    day = draft.days_seen.get(key)
    if day is None:
        day = draft.days_seen[key] = _day(draft, shape, rules, choice)
    if clock is None:
        if day.plan.structure.kind != "dated" or not day.whole:
            return _UNFIT, 0, 0, _refusal(draft, day), day.count
        time = _timed(draft, day.plan.time, day.lengths)
        layout = _UNFIT if time == _UNFIT else _layout(draft, day, 0)
        return layout, day.plan.month, time, _UNFIT, day.count
    if day.plan.structure.kind != "dated" or not day.whole or not day.apart:
        return _row(draft, f"{shape} {clock}", None, rules, choice)
    behind, time = _clocked(draft, clock, rules.languages)
    return _layout(draft, day, behind), day.plan.month, time, _UNFIT, day.count + behind


@dataclass(frozen=True, slots=True)
class _Day:
    """The plan of a shape.

    Attributes:
        plan: How it is read.
        lengths: Lengths of its runs of digits.
        count: Number of its digits.
        whole: Tidying kept them all, and added none.
        apart: A time of day that follows has nothing to do with it.
    """

    plan: Plan
    lengths: tuple[int, ...]
    count: int
    whole: bool
    apart: bool


def _day(draft: _Draft, shape: str, rules: RegionRules, choice: Choice) -> _Day:
    plain = shape if shape.isascii() and "  " not in shape else shape_of(plain_date(shape))
    plain = plain.strip()
    lengths, count = tuple(map(len, _RUNS.findall(plain))), shape.count("0")
    plan = _plan(draft, plain, lengths, rules, choice)
    half = _HALF.search(plain)
    apart = plan.time == NO_TIME and not (
        half and (half[1] in {"T", "t"} or day_half(half[1], rules.languages))
    )
    return _Day(plan, lengths, count, sum(lengths) == count, apart)


def _plan(
    draft: _Draft, plain: str, lengths: tuple[int, ...], rules: RegionRules, choice: Choice
) -> Plan:
    """Plan a shape; of shapes that differ only in month and weekday, one stands for all."""
    runs = _RUNS.split(plain)
    apart = len(lengths) == 2 and (len(runs[1].strip()) > 2 or runs[1] == ", ")
    if not apart or not _SHORT <= len(plain) <= _LONGEST or any(map(_AFTER_HOUR.match, runs[1:])):
        return plan_shape(plain, rules, choice)
    named = named_month(runs, rules.languages, rules.code)
    if named is None:
        return plan_shape(plain, rules, choice)
    key = (named[1], lengths, rules.code)
    plan = draft.named.get(key)
    if plan is None:
        plan = draft.named[key] = plan_shape(plain, rules, choice)
    return replace(plan, month=named[0])


def _clocked(draft: _Draft, clock: str, languages: tuple[str, ...]) -> tuple[int, int]:
    """Return the number of digits of a time of day and the number of its plan."""
    known = draft.clocks.get((clock, languages))
    if known is None:
        plan, lengths = plan_time(clock, languages)[0], tuple(map(len, _RUNS.findall(clock)))
        known = draft.clocks[clock, languages] = sum(lengths), _timed(draft, plan, lengths)
    return known


def _refusal(draft: _Draft, day: _Day) -> int:
    if day.plan.structure.kind != "refused" or not day.whole:
        return _UNFIT
    return draft.refusals.setdefault(day.plan.structure.refusal, len(draft.refusals))


def _layout(draft: _Draft, day: _Day, behind: int) -> int:
    structure, lengths = day.plan.structure, day.lengths
    key = (id(structure), lengths, behind)
    known = draft.layouts.get(key)
    if known is not None:
        return known
    own = structure.groups[0].candidates
    later = [c for g in structure.groups[1:] for c in g.candidates] if structure.told else []
    every = [*own, *later]
    places = [_candidate(c, lengths, behind) for c in every]
    fit = len(every) <= CANDIDATES and not structure.groups[0].codes
    fit = fit and all(c.calendar == "pivot" or c.year == own[0].year for c in every)
    fit = fit and len({c.calendar for c in own}) == 1
    if not fit or None in places:
        draft.layouts[key] = _UNFIT
        return _UNFIT
    number = draft.layouts[key] = len(draft.roles)
    kind = own[0].calendar
    code = CODES.index(_CODES.get(kind, ""))
    draft.roles.append((len(own), len(every), code, kind.endswith("_long")))
    places += [_NO_PLACE] * (CANDIDATES - len(every))
    for rows, place in zip(draft.days, places, strict=True):
        rows.append(place or _NO_PLACE)
    return number


_NO_PLACE = (1,) * 6 + (0,) * 4
_CODES = {"pivot": "STD406", "shifted": "STD407", "buddhist_long": "STD407", "roc_long": "STD407"}
"""What is told of a year, where it is within the range or all are counted so."""

_COUNTED = {
    "gregorian": (0, _EVER, 0, 0),
    "plausible": (0, _EVER, 0, 0),
    "pivot": (0, 49, 2000, 1900),
    "buddhist_long": (BUDDHIST_YEARS.start, BUDDHIST_YEARS.stop - 1, -543, 0),
    "roc_long": (0, 199, 1911, 0),
}


def _candidate(candidate: Candidate, lengths: Sequence[int], behind: int) -> tuple[int, ...] | None:
    """Return how the parts of a reading are divided off; None where it takes other sums."""
    shifted = (0, _EVER, candidate.shift, 0) if candidate.calendar == "shifted" else None
    counted = shifted or _COUNTED.get(candidate.calendar)
    slots = (candidate.year, candidate.month, candidate.day)
    places = [(1, 1) if slot is None else _place(slot, lengths, behind) for slot in slots]
    if counted is None or (-1, 0) in places:
        return None
    return (*(number for place in places for number in place), *counted)


def _place(slot: Slot, lengths: Sequence[int], behind: int) -> tuple[int, int]:
    """Return divisor and modulus of some digits; (-1, 0) if they are not kept."""
    start = sum(lengths[: slot.run]) + slot.start
    length = min(slot.length, lengths[slot.run] - slot.start)
    rest = min(sum(lengths) + behind, KEPT_DIGITS) - start - length
    return (-1, 0) if rest < 0 else (10**rest, 10**length)


def _timed(draft: _Draft, plan: TimePlan, lengths: Sequence[int]) -> int:
    if plan.hour is None:
        return 0
    if plan.fraction is not None:
        return _UNFIT
    slots = (plan.hour, plan.minute, plan.second)
    places = [(1, 1) if slot is None else _place(slot, lengths, 0) for slot in slots]
    tail = _tail(plan, lengths)
    if (-1, 0) in places or tail == _UNFIT:
        return _UNFIT
    zone = draft.zones.setdefault(plan.zone, len(draft.zones))
    key = (*(n for place in places for n in place), _HALVES.index(plan.half), zone, tail)
    return draft.times.setdefault(key, len(draft.times))


def _tail(plan: TimePlan, lengths: Sequence[int]) -> int:
    """Return how many digits at the end of the text are the zone; _UNFIT if it stands elsewhere."""
    if plan.zone_hour is None:
        return 0
    slots = [slot for slot in (plan.zone_hour, plan.zone_minute) if slot is not None]
    last = slots[-1]
    ends = last.run == len(lengths) - 1 and last.start + last.length == lengths[-1]
    count = sum(lengths[slot.run] for slot in {s.run: s for s in slots}.values())
    return 2 * len(slots) if ends and count == 2 * len(slots) else _UNFIT
