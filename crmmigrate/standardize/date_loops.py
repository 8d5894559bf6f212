"""Read the rows of a column of dates by the plans of their shapes, in one compiled loop."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.standardize.date_codes import AMBIGUOUS, CODES, REFUSED, SAME
from crmmigrate.standardize.date_digits import DateDigits
from crmmigrate.standardize.date_layouts import KINDS, Layouts
from crmmigrate.standardize.date_moments import Clock, put_clock, put_day, read_clock
from crmmigrate.standardize.date_numbers import CANDIDATE_FIELDS, CANDIDATES_AT, NAMED
from crmmigrate.standardize.date_readings import (
    NO_DAY,
    UNSURE,
    Table,
    Values,
    civil_day,
    lunar_months,
    number_at,
    read_day,
    read_slots,
    thai_other,
)

__all__ = [
    "DOUBTED",
    "LEFT",
    "OTHERWISE",
    "REFUSED_ROW",
    "STATUSES",
    "THAI_MESSAGES",
    "Rows",
    "read_rows",
]

STATUSES = ("normalised", "repaired", "unchanged", "ambiguous", "invalid")
LEFT, REFUSED_ROW, DOUBTED, OTHERWISE = 1, 2, 3, 4
"""What is still to be done for a row: read it, tell why it is none, name both days, name the other."""

THAI_MESSAGES = 200
"""Messages about a Thai year of two digits: for each year the local and the common reading."""

_DATED, _REFUSED_SHAPE, _EPOCH, _SERIAL = range(1, len(KINDS))
_REPAIRED, _UNCHANGED, _AMBIGUOUS, _INVALID = range(1, len(STATUSES))
_HABIT_CODE, _SERIAL_CODE, _EPOCH_CODE, _THAI_CODE = (
    CODES.index(f"STD{number}") for number in (402, 405, 412, 417)
)
_KIND, _LAYOUT, _MONTH, _CLOCK, _BEFORE, _NEVER_AT, _ZEROS, _REFUSAL, _PROOF, _FIRST_DAY = range(10)
_OWN, _EVERY, _TOLD, _CODE, _STATUS, _CONFIDENCE = range(6)
_MESSAGE_AT = CANDIDATES_AT + CANDIDATE_FIELDS - 1
_LONGEST = len("2024-02-29T10:05:33.123456789+05:30")
_EXACT = 15
"""Digits of a fraction that a double holds."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What came of a column, a row each.

    Attributes:
        written: The values, one behind the other.
        ends: Where each ends, after a 0 for the begin of the first.
        cells: Number of the status, of the list of codes, of the message, what is to be done, and two
            numbers for that: days, or the refusal; (rows, 6).
        confidence: Confidence.
    """

    written: Bytes
    ends: Offsets
    cells: Table
    confidence: NDArray[np.float64]


def read_rows(texts: TextColumn, digits: DateDigits, layouts: Layouts, *, moments: bool) -> Rows:
    """Read a column.

    Args:
        texts: The cells.
        digits: Their digits and shapes.
        layouts: The plans of the shapes.
        moments: The time of day is kept, as in a datetime.
    """
    rows = len(texts)
    room = int(texts.offsets[-1] - texts.offsets[0]) + rows * _LONGEST
    found = Rows(
        np.empty(room, np.uint8), np.zeros(rows + 1, np.int64), np.zeros((rows, 6), np.int32),
        np.ones(rows, np.float64),
    )  # fmt: skip
    _read(
        texts.data, texts.offsets, digits.numbers, digits.digits, digits.begins, layouts.shapes,
        layouts.layouts, layouts.clocks, lunar_months(), len(layouts.messages), moments,
        found.written, found.ends, found.cells, found.confidence,
    )  # fmt: skip
    return found


@compiled
def _read(
    data: Bytes, offsets: Offsets, numbers: Offsets, digits: Bytes, begins: Offsets, shapes: Table,
    layouts: Table, clocks: Table, months: Table, messages: int, moments: bool,
    written: Bytes, ends: Offsets, cells: Table, confidence: NDArray[np.float64],
) -> None:  # fmt: skip
    clock, values = np.zeros(6, np.int64), np.zeros(NAMED + 1, np.int64)
    first = 0
    for row in range(len(numbers)):
        shape, begin = numbers[row], begins[row]
        kind, end = shapes[shape, _KIND], first
        day, code, sure = NO_DAY, 0, 1.0
        clock[0], clock[1], clock[5] = 0, 0, 0
        if kind == 0 or _stands_for_none(shapes, shape, digits, begin):
            cells[row, 3] = LEFT
        elif kind == _DATED:
            _read_numbers(digits, begin, shapes, shape, layouts, clocks, clock, values)
            day, code, sure = _choose(
                values, clock, layouts, shapes, shape, months, moments, messages, cells, row
            )
        elif kind == _REFUSED_SHAPE:
            day, code, sure = _refuse(cells, row, shapes, shape)
        else:
            day, code, sure = _count(digits, begin, shapes, shape, clock, cells, row)
        if day == NO_DAY:
            end = _put_text(written, end, data, offsets[row], offsets[row + 1])
        else:
            end = put_day(written, end, day)
            if moments:
                end = put_clock(written, end, clock, digits)
            same = _is_same(data, offsets[row], offsets[row + 1], written, first, end)
            proof = shapes[shape, _PROOF]
            _tell(cells, row, code, proof, clock, messages, moments, same)
        confidence[row], ends[row + 1], first = sure, end, end


@inlined
def _stands_for_none(shapes: Table, shape: int, digits: Bytes, begin: int) -> bool:
    """Tell whether a text may be one that databases and spreadsheets write for no date."""
    zeros, at = shapes[shape, _ZEROS], shapes[shape, _NEVER_AT]
    none = zeros > 0 and number_at(digits, begin, min(zeros, 18)) == 0
    if not none and at >= 0:
        year = number_at(digits, begin + at, 4)
        none = year in (1, 1753, 1899, 1900, 9999)
    return none


@inlined
def _refuse(cells: Table, row: int, shapes: Table, shape: int) -> tuple[int, int, float]:
    cells[row, 0], cells[row, 1] = _INVALID, REFUSED + shapes[shape, _REFUSAL]
    cells[row, 3], cells[row, 4] = REFUSED_ROW, shapes[shape, _REFUSAL]
    return NO_DAY, 0, 0.0


@inlined
def _read_numbers(
    digits: Bytes, begin: int, shapes: Table, shape: int, layouts: Table, clocks: Table,
    clock: Clock, values: Values,
) -> None:  # fmt: skip
    """Read the numbers of a date and its time of day."""
    plan = shapes[shape, _CLOCK]
    if plan >= 0:
        read_clock(digits, begin + shapes[shape, _BEFORE], clocks, plan, clock)
    read_slots(digits, begin, layouts, shapes[shape, _LAYOUT], values)
    values[NAMED] = shapes[shape, _MONTH]


@compiled
def _choose(
    values: Values, clock: Clock, layouts: Table, shapes: Table, shape: int, months: Table,
    moments: bool, messages: int, cells: Table, row: int,
) -> tuple[int, int, float]:  # fmt: skip
    """Return day, code and confidence of the first rank that gives a day, and note what is told."""
    layout = shapes[shape, _LAYOUT]
    own, every = layouts[layout, _OWN], layouts[layout, _EVERY]
    chosen, low, high, code, at = _weigh(values, layouts, layout, 0, own, months)
    second, habit = chosen == NO_DAY and every > own, 0
    if second:
        chosen, low, high, code, at = _weigh(values, layouts, layout, own, every, months)
    elif layouts[layout, _TOLD] and chosen > NO_DAY and low == high:
        habit = _has_habit(chosen, values, layouts, layout, own, every, months)
    if UNSURE in (chosen, habit) or clock[0] < 0 or (clock[5] and not moments):
        cells[row, 3] = LEFT
        return NO_DAY, 0, 0.0
    if chosen == NO_DAY:
        return _refuse(cells, row, shapes, shape)
    if low != high:
        cells[row, 0], cells[row, 1], cells[row, 2] = _AMBIGUOUS, AMBIGUOUS, shapes[shape, _PROOF]
        cells[row, 3], cells[row, 4], cells[row, 5] = DOUBTED, low, high
        return NO_DAY, 0, 0.0
    if second and layouts[layout, _CODE]:
        cells[row, 0] = layouts[layout, _STATUS]
        cells[row, 2] = layouts[layout, _MESSAGE_AT + CANDIDATE_FIELDS * at]
        return chosen, layouts[layout, _CODE] * 4, layouts[layout, _CONFIDENCE] / 100
    if code == _THAI_CODE:
        other, thai = thai_other(values, layouts, layout, at)
        cells[row, 2], cells[row, 4] = messages + thai, other
        cells[row, 3] = 0 if other == NO_DAY else OTHERWISE
    return chosen, code * 4 + habit * 2, 0.8 if code == _THAI_CODE else 1.0


@inlined
def _weigh(
    values: Values, layouts: Table, layout: int, start: int, stop: int, months: Table
) -> tuple[int, int, int, int, int]:
    """Return day, earliest and latest day of some candidates, code and number of the first with a day."""
    chosen, low, high, code, place = NO_DAY, NO_DAY, NO_DAY, 0, start
    for at in range(start, stop):
        day, its_code = read_day(values, layouts, layout, at, months)
        third = low != high and day not in (NO_DAY, low, high)
        if day == UNSURE or third:
            chosen = UNSURE  # of three days that may be meant the scalar names all
        if day != NO_DAY and chosen == NO_DAY:
            chosen, low, high, code, place = day, day, day, its_code, at
        elif day != NO_DAY:
            low, high = min(low, day), max(high, day)
    return chosen, low, high, code, place


@inlined
def _has_habit(
    chosen: int, values: Values, layouts: Table, layout: int, start: int, stop: int, months: Table
) -> int:
    """Return 1 where a candidate of the next rank gives another day, so that a habit decided."""
    habit = 0
    for at in range(start, stop):
        day, _ = read_day(values, layouts, layout, at, months)
        if day == UNSURE:
            habit = UNSURE
        elif habit == 0 and day not in (NO_DAY, chosen):
            habit = 1
    return habit


@compiled
def _count(
    digits: Bytes, begin: int, shapes: Table, shape: int, clock: Clock, cells: Table, row: int
) -> tuple[int, int, float]:
    """Read a count of seconds or milliseconds since 1970, or a spreadsheet's count of days."""
    cells[row, 0], length = _REPAIRED, shapes[shape, _LAYOUT]
    if shapes[shape, _KIND] == _EPOCH and digits[begin] == 1:
        seconds = number_at(digits, begin, 10)
        clock[0], clock[1], clock[2], clock[3] = seconds % 86400, 1, 1, 0
        return civil_day(seconds // 86400), _EPOCH_CODE * 4, 0.9
    if shapes[shape, _KIND] == _EPOCH or digits[begin] == 0 or length > _EXACT:
        cells[row, 3] = LEFT
        return NO_DAY, 0, 0.0
    if length:
        part = number_at(digits, begin + 5, length) / 10.0**length
        clock[0] = min(int(np.rint(part * 86400)), 86399)
    days = number_at(digits, begin, 5) + shapes[shape, _FIRST_DAY]
    return civil_day(days), _SERIAL_CODE * 4, 0.95


@inlined
def _tell(
    cells: Table, row: int, code: int, proof: int, clock: Clock, messages: int, moments: bool,
    same: bool,
) -> None:  # fmt: skip
    """Note status, codes and message of a row that was read."""
    if (code & 2 or code >> 2 == _HABIT_CODE) and cells[row, 2] == 0:
        cells[row, 2] = proof
    if not moments and (clock[0] or clock[1]):
        code += 1
        if cells[row, 2] == 0:
            cells[row, 2] = messages + THAI_MESSAGES + clock[0]
    if same and cells[row, 0] == 0:
        cells[row, 0], code = _UNCHANGED, SAME
    cells[row, 1] = code


@inlined
def _is_same(data: Bytes, begin: int, end: int, written: Bytes, first: int, last: int) -> bool:
    same, at = end - begin == last - first, 0
    while same and at < end - begin:
        same = data[begin + at] == written[first + at]
        at += 1
    return same


@inlined
def _put_text(written: Bytes, at: int, data: Bytes, begin: int, end: int) -> int:
    for place in range(end - begin):
        written[at + place] = data[begin + place]
    return at + end - begin
