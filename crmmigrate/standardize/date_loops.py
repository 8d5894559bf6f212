"""Tell what came of the rows of a column of dates, and write their values, in compiled loops."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn
from crmmigrate.compiled.compiler import compiled
from crmmigrate.standardize.cell_digits import CellDigits
from crmmigrate.standardize.date_codes import AMBIGUOUS, CODES, REFUSED, SAME
from crmmigrate.standardize.date_layouts import SHAPE, Layouts
from crmmigrate.standardize.date_moments import Moments, read_moments
from crmmigrate.standardize.date_numbers import CANDIDATE_FIELDS, CANDIDATES_AT
from crmmigrate.standardize.date_readings import NO_DAY, UNSURE, Table
from crmmigrate.standardize.date_weighing import HABIT, weigh_days

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

_OTHER, _DATED, _REFUSED_SHAPE = range(3)
_REPAIRED, _UNCHANGED, _AMBIGUOUS, _INVALID = range(1, len(STATUSES))
_HABIT_CODE, _SERIAL_CODE, _EPOCH_CODE, _THAI_CODE = (
    CODES.index(f"STD{number}") for number in (402, 405, 412, 417)
)
_KIND, _LAYOUT, _CLOCK, _REFUSAL, _PROOF = (
    SHAPE.index(name) for name in ("kind", "layout", "clock", "refusal", "proof")
)
_OWN, _CODE, _STATUS, _CONFIDENCE = 0, 3, 4, 5
_MESSAGE_AT = CANDIDATES_AT + CANDIDATE_FIELDS - 1
_SURE = np.array([1, 1, 1, 1, 1, 0.8, 0.95, 0.9])
"""Confidence by the number of the code."""

Cells = NDArray[np.uint32]
_LONGEST = len("2024-02-29T10:05:33.123456789+05:30")


@dataclass(frozen=True, slots=True)
class Rows:
    """What came of a column, a row each.

    Attributes:
        written: The values, one behind the other.
        ends: Where each ends, after a 0 for the begin of the first.
        cells: Number of the status, of the list of codes, of the message, and what is to be done; (4, rows).
        confidence: Confidence.
        found: As `weigh_days` has it.
        refusals: Number of the refusal of rows that are refused.
    """

    written: Bytes
    ends: Offsets
    cells: Cells
    confidence: NDArray[np.float64]
    found: Table
    refusals: Table


def read_rows(texts: TextColumn, digits: CellDigits, layouts: Layouts, *, moments: bool) -> Rows:
    """Read a column.

    Args:
        texts: The cells.
        digits: Their digits and shapes.
        layouts: The plans of the shapes.
        moments: The time of day is kept, as in a datetime.
    """
    rows = len(texts)
    found = weigh_days(digits, layouts)
    times = read_moments(digits, layouts, found)
    cells, confidence = np.zeros((4, rows), np.uint32), np.zeros(rows, np.float64)
    numbers, shapes = digits.numbers, layouts.shapes
    _tell(
        numbers, shapes, layouts.layouts, found, times, len(layouts.messages), moments, cells,
        confidence,
    )  # fmt: skip
    room = int(texts.offsets[-1] - texts.offsets[0]) + rows * _LONGEST
    written, ends = np.empty(room, np.uint8), np.zeros(rows + 1, np.int64)
    _write(
        texts.data, texts.offsets, numbers, shapes, digits.digits, found, times, moments, cells,
        written, ends,
    )  # fmt: skip
    refusals = shapes[numbers[cells[3] == REFUSED_ROW], _REFUSAL]
    return Rows(written, ends, cells, confidence, found, refusals)


@compiled
def _tell(
    numbers: Offsets, shapes: Table, layouts: Table, found: Table, times: Moments, messages: int,
    moments: bool, cells: Cells, confidence: NDArray[np.float64],
) -> None:  # fmt: skip
    """Note status, codes, message and confidence of each row as if its text were another."""
    place = 0
    for row in range(len(numbers)):
        shape, day, note = numbers[row], found[row, 0], found[row, 2]
        kind, lost, odd = shapes[shape, _KIND], -1, False
        if shapes[shape, _CLOCK] >= 0:
            lost = times[place, 0] if times[place, 0] or times[place, 1] else -1
            odd = times[place, 0] < 0 or (times[place, 5] > 0 and not moments)
            place += 1
        if kind == _OTHER or day == UNSURE or odd:
            cells[3, row] = LEFT
        elif day == NO_DAY:
            cells[0, row], cells[1, row] = _INVALID, REFUSED + shapes[shape, _REFUSAL]
            cells[3, row] = REFUSED_ROW
        elif found[row, 1] != NO_DAY:
            cells[0, row], cells[1, row], cells[3, row] = _AMBIGUOUS, AMBIGUOUS, DOUBTED
            cells[2, row] = shapes[shape, _PROOF]
        else:
            code, at, message = (note >> 10) & 15, (note >> 8) & 3, 0
            status, sure = _REPAIRED if code >= _SERIAL_CODE else 0, _SURE[code]
            layout = shapes[shape, _LAYOUT] if kind == _DATED else 0
            if kind == _DATED and at >= layouts[layout, _OWN] and layouts[layout, _CODE]:
                code, status = layouts[layout, _CODE], layouts[layout, _STATUS]
                sure = layouts[layout, _CONFIDENCE] / 100
                message = layouts[layout, _MESSAGE_AT + CANDIDATE_FIELDS * at]
            elif code == _THAI_CODE:
                message = messages + (note & 255)
                cells[3, row] = OTHERWISE if found[row, 3] != NO_DAY else 0
            code = code * 4 + (2 if note & HABIT else 0)
            if message == 0 and (note & HABIT or code >> 2 == _HABIT_CODE):
                message = shapes[shape, _PROOF]
            if lost >= 0 and not moments:
                code, message = code + 1, message or messages + THAI_MESSAGES + lost
            cells[0, row], cells[1, row], cells[2, row] = status, code, message
            confidence[row] = sure


@compiled
def _write(
    data: Bytes, offsets: Offsets, numbers: Offsets, shapes: Table, digits: Bytes, found: Table,
    times: Moments, moments: bool, cells: Cells, written: Bytes, ends: Offsets,
) -> None:  # fmt: skip
    """Write the day of each row, or keep its text; texts that are written so already are noted."""
    end, place = 0, 0
    for row in range(len(numbers)):
        first, begin, length = end, offsets[row], offsets[row + 1] - offsets[row]
        task, timed = cells[3, row], shapes[numbers[row], _CLOCK] >= 0
        if 0 < task < OTHERWISE:
            for at in range(length):
                written[end + at] = data[begin + at]
            end += length
        else:
            year, month, number = found[row, 0] >> 9, (found[row, 0] >> 5) & 15, found[row, 0] & 31
            written[end], written[end + 1] = 48 + year // 1000, 48 + year // 100 % 10
            written[end + 2], written[end + 3] = 48 + year // 10 % 10, 48 + year % 10
            written[end + 5], written[end + 6] = 48 + month // 10, 48 + month % 10
            written[end + 8], written[end + 9] = 48 + number // 10, 48 + number % 10
            written[end + 4], written[end + 7] = 45, 45
            end += 10
            if moments:
                end = _write_time(written, end, times, place if timed else -1, digits)
            same, at = length == end - first and cells[0, row] == 0, 0
            while same and at < length:
                same = data[begin + at] == written[first + at]
                at += 1
            if same:
                cells[0, row], cells[1, row] = _UNCHANGED, SAME
        place += 1 if timed else 0
        ends[row + 1] = end


@compiled
def _write_time(written: Bytes, at: int, times: Moments, place: int, digits: Bytes) -> int:
    """Write a time as THH:MM:SS with fraction and zone, midnight where none is known."""
    second = times[place, 0] if place >= 0 else 0
    written[at], written[at + 3], written[at + 6] = 84, 58, 58
    _write_pair(written, at + 1, second // 3600)
    _write_pair(written, at + 4, second // 60 % 60)
    _write_pair(written, at + 7, second % 60)
    at += 9
    if place < 0:
        return at
    if times[place, 5]:
        written[at] = 46
        for digit in range(times[place, 5]):
            written[at + 1 + digit] = 48 + digits[times[place, 4] + digit]
        at += 1 + times[place, 5]
    if times[place, 1] == 0:
        return at
    west = times[place, 2] < 0 and (times[place, 3] > 0 or times[place, 1] == 1)
    written[at], written[at + 3] = 45 if west else 43, 58
    _write_pair(written, at + 1, times[place, 3] // 60)
    _write_pair(written, at + 4, times[place, 3] % 60)
    return at + 6


@compiled
def _write_pair(written: Bytes, at: int, number: int) -> None:
    written[at], written[at + 1] = 48 + number // 10, 48 + number % 10
