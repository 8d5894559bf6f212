"""Plan every shape of a column of dates once, as numbers for the loops that read the rows."""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.standardize.date_clocks import CLOCK_FIELDS, cut_clocks, plan_clock
from crmmigrate.standardize.date_groups import PASSED_OVER, SHORT, Groups, group_shapes
from crmmigrate.standardize.date_numbers import LAYOUT_FIELDS, plan_numbers
from crmmigrate.values.date_plans import Choice, Plan, Structure, plan_date, shape_of
from crmmigrate.values.date_words import day_half
from crmmigrate.values.dates import EPOCHS, NEVER, ZEROS, plain_date
from crmmigrate.values.folding import to_ascii_digits
from crmmigrate.values.placeholders import is_placeholder
from crmmigrate.values.times import NO_TIME, TimePlan, plan_time

__all__ = ["KINDS", "SHAPE", "Habit", "Layouts", "plan_layouts"]

KINDS = ("other", "dated", "refused", "epoch", "serial")
"""How the texts of a shape are read; `other` ones are left to the scalar."""

SHAPE = ("kind", "layout", "month", "clock", "before", "never_at", "zeros", "refusal", "proof",
         "first_day")  # fmt: skip
"""What is known of a shape.

`kind` is its number; `layout` the row of `layouts` (of a serial number the digits of its fraction);
`month` the one that a word names; `clock` the row of `clocks`, -1 for none, and not that for counts of
time; `before` how many digits stand before the clock; `never_at` the place of the year that may
tell that it is no date, -1 for none; `zeros` the length of the first run of digits if zeros there
tell it, 0 for none; `refusal` and `proof` the number of the refusal and of the message that is the
evidence; `first_day` where serial numbers begin, in days since 1970.
"""

_HALF = re.compile(r"(?<!\d)([^\W\d_][^\W\d_.]{0,9}\.?)$")
"""The last word before a time of day, which may tell its half."""

_RUNS = re.compile("0+")
_WORDLESS = re.compile(r"(?:(?![A-Za-z&])[ -~])*")
"""Shapes without words; an ampersand is one."""

_ZEROS = re.compile(ZEROS)
_NOWHERE = -1
_NEVER_AT = {shape_of(text): re.sub(r"\D", "", text).find(re.findall(r"\d{4}", text)[0])
             for text in NEVER}  # fmt: skip
"""Shapes of texts that stand for no date, and where the digits of their year stand."""

_DOUBTFUL = Plan(Structure("other"))
_NOTHING = Plan(Structure("refused", refusal=("STD408", "stands for no date")))
_FIRST_DAY = date(1970, 1, 1)
_OTHER = (0, 0, 0, _NOWHERE, 0, _NOWHERE, 0, 0, 0, 0)
_Item = TypeVar("_Item", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Habit:
    """What is known of the dates of one region in a column.

    Attributes:
        choice: What settles doubts.
        evidence: What the values prove, told where an order had to be decided.
    """

    choice: Choice
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Layouts:
    """What is planned for the shapes of a column; each array has the fields that are named.

    Attributes:
        shapes: A row a shape (`SHAPE`).
        layouts: A row a way to read numbers, as `plan_numbers` has them.
        clocks: A row a time of day (`CLOCK_FIELDS`).
        messages: Texts that are told; the first is none.
        refusals: Code and reason.
    """

    shapes: NDArray[np.int32]
    layouts: NDArray[np.int32]
    clocks: NDArray[np.int32]
    messages: list[str | None]
    refusals: list[tuple[str, str]]


@dataclass(slots=True)
class _Day:
    """The plan of shapes without their clock.

    Attributes:
        plan: How they are read.
        lengths: Lengths of their runs of digits.
        whole: Tidying kept all digits, and added none.
        apart: A time of day that follows has nothing to do with it.
        never: Places of what may tell that it is no date.
        rows: Clock, and languages where it has words → number of the row that both give.
    """

    plan: Plan
    lengths: tuple[int, ...]
    whole: bool
    apart: bool
    never: tuple[int, int]
    rows: dict[Hashable, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Region:
    """What is planned for a region, or for all that write dates without words alike.

    Attributes:
        rules: The region.
        habit: What is known of its dates.
        days: Shape without clock → its plan.
    """

    rules: RegionRules
    habit: Habit
    days: dict[str, _Day] = field(default_factory=dict)


@dataclass(slots=True)
class _Draft:
    rows: dict[tuple[int, ...], int] = field(default_factory=lambda: {_OTHER: 0})
    layouts: dict[tuple[int, ...], int] = field(default_factory=dict)
    clocks: dict[tuple[int, ...], int] = field(default_factory=dict)
    messages: dict[str | None, int] = field(default_factory=lambda: {None: 0})
    refusals: dict[tuple[str, str], int] = field(default_factory=dict)
    alike: dict[Hashable, _Region] = field(default_factory=dict)
    numbers: dict[tuple[int, tuple[int, ...]], int | None] = field(default_factory=dict)
    cut: dict[tuple[str, tuple[str, ...]], int | None] = field(default_factory=dict)


def plan_layouts(
    texts: pl.Series,
    regions: pl.Series,
    book: RegionBook,
    habits: Callable[[str | None], Habit],
) -> Layouts:
    """Plan every shape of a column.

    Args:
        texts: One text of each shape.
        regions: Its region.
        book: Rules of all regions.
        habits: What is known of a region's dates.
    """
    draft = _Draft()
    known = {code: _Region(book.get(code), habits(code)) for code in regions.unique()}
    texts = texts.fill_null("")
    groups = _grouped(draft, texts, regions, known)
    firsts = pl.Series(groups.firsts)
    plain = [shape_of(to_ascii_digits(text)) for text in texts.gather(firsts)]
    rests, clocks = cut_clocks(pl.Series(plain, dtype=pl.String))
    places = [
        _number_row(draft, known[region], rests[day], clock)
        for day, clock, region in zip(groups.days, clocks, regions.gather(firsts), strict=True)
    ]
    numbers = np.array(places, np.int64).reshape(-1, 2)[groups.numbers]
    shapes = np.array(list(draft.rows), np.int32)[numbers[:, 0]]
    shapes[:, SHAPE.index("month")] = np.where(groups.months, groups.months, numbers[:, 1])
    return Layouts(
        shapes,
        np.array(list(draft.layouts), np.int32).reshape(-1, LAYOUT_FIELDS),
        np.array(list(draft.clocks), np.int32).reshape(-1, len(CLOCK_FIELDS)),
        list(draft.messages),
        list(draft.refusals),
    )


def _number_row(draft: _Draft, region: _Region, shape: str, clock: str | None) -> tuple[int, int]:
    """Return the number of the row of fields of one shape, and the month that a word names."""
    day = region.days.get(shape)
    if day is None:
        home = _alike(draft, region) if _WORDLESS.fullmatch(shape) else region
        day = region.days[shape] = home.days[shape] = home.days.get(shape) or _day(home, shape)
    worded = clock is not None and clock[-1] in "mM"
    key = (clock, region.rules.languages) if worded else clock
    number = day.rows.get(key)
    if number is None:
        dated = day.plan.structure.kind == "dated" and day.whole and day.apart
        if clock is not None and not dated:
            return _number_row(draft, region, f"{shape} {clock}", None)
        number = day.rows[key] = _number(draft.rows, _row(draft, region, day, clock))
    return number, day.plan.month


def _grouped(
    draft: _Draft, texts: pl.Series, regions: pl.Series, known: Mapping[str | None, _Region]
) -> Groups:
    homes = {id(home): home for home in (_alike(draft, region) for region in known.values())}
    places = {home: len(known) + place for place, home in enumerate(homes)}
    numbers = {code: place for place, code in enumerate(known)}
    of_home = {code: places[id(_alike(draft, region))] for code, region in known.items()}
    own, shared = (
        np.array([found[code] for code in regions.to_list()], np.int64)
        for found in (numbers, of_home)
    )
    return group_shapes(texts, own, shared, [region.rules for region in known.values()])


def _alike(draft: _Draft, region: _Region) -> _Region:
    """Return the region that stands for all that read dates without words as this one does."""
    key = (region.rules.date_orders, region.rules.calendar, region.habit)
    return draft.alike.setdefault(key, _Region(region.rules, region.habit))


def _row(draft: _Draft, region: _Region, day: _Day, clock: str | None) -> tuple[int, ...]:
    """Return the fields of shapes with one clock; None if that is in the plan of the day."""
    plan, habit = day.plan, region.habit
    kind = plan.structure.kind
    if not day.whole or kind not in KINDS:
        return _OTHER
    if kind == "dated":
        return _dated_row(draft, region, day, clock)
    if kind != "refused" and plan.time != NO_TIME:
        return _OTHER
    refusal = _number(draft.refusals, plan.structure.refusal) if kind == "refused" else 0
    places = (*day.never, refusal, 0, (EPOCHS[habit.choice.system] - _FIRST_DAY).days)
    digits = day.lengths[1] if kind == "serial" and len(day.lengths) > 1 else 0
    counted = _NOWHERE if kind == "refused" else 0
    return (KINDS.index(kind), digits, 0, counted, 0, *places)


def _dated_row(draft: _Draft, region: _Region, day: _Day, clock: str | None) -> tuple[int, ...]:
    structure, before = day.plan.structure, 0
    time: int | None = _NOWHERE
    if clock is not None:
        time, before = _cut_clock(draft, clock, region.rules.languages), sum(day.lengths)
    elif day.plan.time != NO_TIME:
        time = _number_clock(draft, day.plan.time, day.lengths)
    layout = _number_layout(draft, structure, day.lengths)
    if time is None or layout is None:
        return _OTHER
    refusal = _number(draft.refusals, structure.refusal)
    proof = _number(draft.messages, region.habit.evidence or None)
    kind = KINDS.index("dated")
    return (kind, layout, 0, time, before, *day.never, refusal, proof, 0)


def _cut_clock(draft: _Draft, clock: str, languages: tuple[str, ...]) -> int | None:
    key = (clock, languages)
    if key not in draft.cut:
        lengths = tuple(map(len, _RUNS.findall(clock)))
        draft.cut[key] = _number_clock(draft, plan_time(clock, languages)[0], lengths)
    return draft.cut[key]


def _number_clock(draft: _Draft, plan: TimePlan, lengths: tuple[int, ...]) -> int | None:
    fields = plan_clock(plan, lengths)
    return None if fields is None else _number(draft.clocks, fields)


def _number_layout(draft: _Draft, structure: Structure, lengths: tuple[int, ...]) -> int | None:
    key = (id(structure), lengths)  # plans are kept, so that no other structure gets its id
    if key not in draft.numbers:
        row = plan_numbers(structure, lengths, lambda told: _number(draft.messages, told or None))
        draft.numbers[key] = None if row is None else _number(draft.layouts, row)
    return draft.numbers[key]


def _number(known: dict[_Item, int], item: _Item) -> int:
    return known.setdefault(item, len(known))


def _day(region: _Region, shape: str) -> _Day:
    odd = not shape.isprintable() or "  " in shape
    if odd or not (shape.isascii() or PASSED_OVER.isdisjoint(shape)):
        plain = shape_of(plain_date(shape))
    else:
        plain = shape.strip()
    lengths = tuple(map(len, _RUNS.findall(plain)))
    plan = _plan_shape(plain, region.rules, region.habit.choice)
    half = _HALF.search(plain) if plain[-1:] != "0" else None
    apart = plan.time == NO_TIME and not (
        half and (half[1] in {"T", "t"} or day_half(half[1], region.rules.languages))
    )
    zeros = lengths[0] if lengths and _ZEROS.match(plain) else 0
    never = (_NEVER_AT.get(plain[:10], _NOWHERE), zeros)
    return _Day(plan, lengths, sum(lengths) == shape.count("0"), apart, never)


def _plan_shape(shape: str, rules: RegionRules, choice: Choice) -> Plan:
    """Plan a shape; of placeholders with digits, such as `0`, the scalar looks at each text."""
    if not shape:
        return _DOUBTFUL
    if ("0" not in shape or len(shape) < SHORT) and is_placeholder(shape):
        return _DOUBTFUL if "0" in shape else _NOTHING
    plan = plan_date(shape, rules, choice)
    if plan.structure.kind == "dated" and _is_wide(plan.structure):
        return _DOUBTFUL
    return plan


def _is_wide(structure: Structure) -> bool:
    """Tell whether more digits stand for a year, month or day than such a number has."""
    candidates = [c for group in structure.groups for c in group.candidates]
    return any(
        c.year.length > 4 or c.day.length > 2 or (c.month is not None and c.month.length > 2)
        for c in candidates
    )
