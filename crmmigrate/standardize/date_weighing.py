"""Read the numbers of dates and weigh what days they may mean, in compiled loops over a column."""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets
from crmmigrate.compiled.compiler import compiled
from crmmigrate.standardize.cell_digits import CellDigits
from crmmigrate.standardize.date_layouts import SHAPE, Layouts
from crmmigrate.standardize.date_numbers import (
    CANDIDATE_FIELDS,
    CANDIDATES_AT,
    NAMED,
    SLOTS,
    SLOTS_AT,
)
from crmmigrate.standardize.date_readings import (
    NO_DAY,
    UNSURE,
    Table,
    common_day,
    lunar_months,
    special_day,
)

__all__ = ["FOUND", "HABIT", "weigh_days"]

FOUND = ("day", "other", "note", "thai")
"""What is found for a row: the day of the first reading that gives one (NO_DAY for none, UNSURE where
the scalar decides), another that is as good (NO_DAY for none), a note, and the other day of a Thai one.

A note is code * 1024 + place of the reading * 256 + number of the message about a Thai year;
HABIT is added where a habit decided."""

HABIT = 1 << 20

_KIND, _LAYOUT, _MONTH, _NEVER_AT, _ZEROS = (
    SHAPE.index(name) for name in ("kind", "layout", "month", "never_at", "zeros")
)
_OWN, _EVERY, _TOLD = range(3)
_DATED = 1
_MARKS = frozenset({1, 1753, 1899, 1900, 9999})
"""Years of days that databases and spreadsheets write for none."""

Values = NDArray[np.int16]


def weigh_days(digits: CellDigits, layouts: Layouts) -> Table:
    """Return FOUND of every row.

    Args:
        digits: Digits and shapes of the rows.
        layouts: The plans of the shapes.
    """
    rows = len(digits.numbers)
    found = np.zeros((rows, len(FOUND)), np.int32)
    values = np.empty((rows, NAMED + 1), np.int16)
    numbers, shapes = digits.numbers, layouts.shapes
    _take_values(numbers, digits.begins, digits.digits, shapes, layouts.layouts, values, found)
    _weigh(numbers, shapes, layouts.layouts, lunar_months(), values, found)
    return found


@compiled
def _take_values(
    numbers: Offsets, begins: Offsets, digits: Bytes, shapes: Table, layouts: Table,
    values: Values, found: Table,
) -> None:  # fmt: skip
    """Read the numbers of each date, all of up to four digits, so that weights do without branches.

    Texts that stand for no date are noted as unsure.
    """
    for row in range(len(numbers)):
        shape, begin = numbers[row], begins[row]
        mark, zeros = shapes[shape, _NEVER_AT], shapes[shape, _ZEROS]
        if mark >= 0:
            at = begin + mark
            year = digits[at] * 1000 + digits[at + 1] * 100 + digits[at + 2] * 10 + digits[at + 3]
            if year in (1, 1753, 1899, 1900, 9999):
                found[row, 0] = UNSURE
        if zeros > 0:
            while zeros > 0 and digits[begin + zeros - 1] == 0:
                zeros -= 1
            if zeros == 0:
                found[row, 0] = UNSURE
        if shapes[shape, _KIND] != _DATED:
            continue
        layout = shapes[shape, _LAYOUT]
        values[row, NAMED] = shapes[shape, _MONTH]
        for slot in range(layouts[layout, SLOTS]):
            base = SLOTS_AT + 5 * slot
            at = begin + layouts[layout, base]
            number = digits[at] * layouts[layout, base + 1]
            number += digits[at + 1] * layouts[layout, base + 2]
            number += digits[at + 2] * layouts[layout, base + 3]
            values[row, slot] = number + digits[at + 3] * layouts[layout, base + 4]


@compiled
def _weigh(
    numbers: Offsets, shapes: Table, layouts: Table, months: Table, values: Values, found: Table
) -> None:
    """Compare the readings of each date, those of the first rank before the others."""
    for row in range(len(numbers)):
        shape = numbers[row]
        if shapes[shape, _KIND] != _DATED or found[row, 0] == UNSURE:
            continue
        layout = shapes[shape, _LAYOUT]
        own, every, told = layouts[layout, _OWN], layouts[layout, _EVERY], layouts[layout, _TOLD]
        chosen, other, note, thai, first = NO_DAY, NO_DAY, 0, NO_DAY, False
        for at in range(every):
            if at == own:
                first = chosen != NO_DAY
                if first and not told:
                    break
            base = CANDIDATES_AT + CANDIDATE_FIELDS * at
            year = int(values[row, layouts[layout, base]])
            month = int(values[row, layouts[layout, base + 1]])
            number = int(values[row, layouts[layout, base + 2]])
            local, message = NO_DAY, 0
            if layouts[layout, base + 3]:
                calendar = layouts[layout, base + 3]
                day, code, local, message = special_day(year, month, number, calendar, months)
            else:
                inside = (layouts[layout, base + 4] <= year) & (year <= layouts[layout, base + 5])
                year += layouts[layout, base + 6] if inside else layouts[layout, base + 7]
                code = layouts[layout, base + 8] if inside else layouts[layout, base + 9]
                day = common_day(year, month, number)
            if first:
                habit = day not in (NO_DAY, chosen)
                note |= HABIT if habit else 0
                chosen = UNSURE if day == UNSURE else chosen
            elif chosen == NO_DAY:
                chosen, thai, note = day, local, (code << 10) | (at << 8) | message
            elif day not in (NO_DAY, chosen):
                third = day == UNSURE or other not in (NO_DAY, day)
                chosen, other = UNSURE if third else chosen, day
        found[row, 0], found[row, 1], found[row, 2], found[row, 3] = chosen, other, note, thai
