"""What is written of phone cells: numbers in their formats as bytes, one behind the other."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_series
from crmmigrate.compiled.compiler import compiled, inlined, inner
from crmmigrate.compiled.views import uncounted
from crmmigrate.standardize.phone_arrays import (
    CODE,
    CODE_LENGTH,
    INTERNATIONAL,
    MARK,
    NATIONAL,
    Ints,
    Plan,
    longest_text,
    told,
)
from crmmigrate.standardize.phone_desk import ZERO
from crmmigrate.standardize.phone_readings import (
    EXTENSION_AT,
    EXTENSION_SIZE,
    OTHER_AT,
    OTHER_SIZE,
    OTHER_VERDICT,
    PIECE_BEGIN,
    PIECE_END,
    SIZE,
    VERDICT,
)

__all__ = ["Sheet", "write_asides", "write_extensions", "write_numbers"]

_LONGEST_E164 = 22
_PLUS, _BLANK, _ZERO = 43, 32, 48


@dataclass(frozen=True, slots=True)
class Sheet:
    """Texts, one behind the other.

    Attributes:
        data: Their bytes.
        ends: Where each ends; the first is 0, where the first text begins.
    """

    data: Bytes
    ends: Offsets

    def texts(self, missing: NDArray[np.bool_] | None = None) -> pl.Series:
        """Return the texts as a column."""
        return text_series("texts", self.data[: self.ends[-1]], self.ends, missing)


def _sheet(rows: int, size: int) -> Sheet:
    return Sheet(np.empty(size, np.uint8), np.zeros(rows + 1, np.int64))


def write_numbers(
    plan: Plan, facts: Ints, digits: Bytes, given: tuple[Bytes, Offsets]
) -> tuple[Sheet, Sheet, Sheet]:
    """Write the numbers of all rows as E.164, and as they are written in their country and abroad.

    Args:
        plan: How numbers are written.
        facts: Of `read_one`.
        digits: Of `read_one`.
        given: Extensions that stood in a column of their own; no offsets if there are none.
    """
    rows = len(facts)
    widest = 2 * longest_text() + len("+123 ") + MOST_EXTENSION_WRITTEN
    sizes = (rows * _LONGEST_E164, *(2 * [rows * widest + len(given[0])]))
    one, two, three = (_sheet(rows, size) for size in sizes)
    _write_e164(plan, facts, digits, one.data, one.ends)
    for column, sheet in ((NATIONAL, two), (INTERNATIONAL, three)):
        _write_formats(plan, facts, digits, column, given[0], given[1], sheet.data, sheet.ends)
    return one, two, three


MOST_EXTENSION_WRITTEN = 24


def write_asides(plan: Plan, facts: Ints, digits: Bytes, data: Bytes) -> tuple[Sheet, Ints]:
    """Write the other number, or the piece that was not read, of the rows that have one.

    Returns:
        The texts, and their rows.
    """
    rows = np.flatnonzero((facts[:, OTHER_VERDICT] > 0) | (facts[:, PIECE_END] > 0))
    pieces = int((facts[rows, PIECE_END] - facts[rows, PIECE_BEGIN]).sum())
    sheet = _sheet(len(rows), len(rows) * _LONGEST_E164 + pieces)
    _write_asides(plan, rows, facts, digits, data, sheet.data, sheet.ends)
    return sheet, rows


def write_extensions(facts: Ints, digits: Bytes) -> tuple[Sheet, Ints]:
    """Write the extensions that were cut off, and return their rows."""
    rows = np.flatnonzero(facts[:, EXTENSION_SIZE])
    sizes = facts[rows, EXTENSION_SIZE]
    shown = np.arange(MOST_EXTENSION_WRITTEN) < sizes[:, None]
    data = digits[rows, EXTENSION_AT : EXTENSION_AT + MOST_EXTENSION_WRITTEN][shown] + _ZERO
    return Sheet(data.astype(np.uint8), np.concatenate([[0], np.cumsum(sizes)])), rows


@inlined
def _write_bytes(target: Bytes, at: int, source: Bytes, a: int, b: int) -> int:
    for place in range(a, b):
        target[at] = source[place]
        at += 1
    return at


@inner
def _write_digits(target: Bytes, at: int, digits: Bytes, row: int, a: int, b: int) -> int:
    for place in range(a, b):
        target[at] = _ZERO + digits[row, place]
        at += 1
    return at


@inner
def _write_code(plan: Plan, verdict: int, target: Bytes, at: int) -> int:
    target[at] = _PLUS
    length = told(plan, verdict, CODE_LENGTH)
    for place in range(length):
        target[at + 1 + place] = _ZERO + told(plan, verdict, CODE + place)
    return at + 1 + length


@inner
def _write_text(plan: Plan, text: int, target: Bytes, at: int, digits: Bytes, row: int) -> int:
    for place in range(text + 1, text + 1 + plan[text]):
        sign = int(plan[place])
        target[at] = _ZERO + digits[row, sign - 1] if sign < _BLANK else sign
        at += 1
    return at


@compiled
def _write_e164(plan: Plan, facts: Ints, digits: Bytes, target: Bytes, ends: Offsets) -> None:
    plan, digits, target = uncounted(plan), uncounted(digits), uncounted(target)
    at = ZERO
    for row in range(len(facts)):
        if facts[row, VERDICT] > 0:
            at = _write_code(plan, facts[row, VERDICT], target, at)
            at = _write_digits(target, at, digits, row, ZERO, facts[row, SIZE])
        ends[row + 1] = at


@compiled
def _write_formats(
    plan: Plan, facts: Ints, digits: Bytes, column: int, given: Bytes, given_ends: Offsets,
    target: Bytes, ends: Offsets,
) -> None:  # fmt: skip
    plan, digits, target = uncounted(plan), uncounted(digits), uncounted(target)
    at = ZERO
    for row in range(len(facts)):
        verdict, size = facts[row, VERDICT], facts[row, EXTENSION_SIZE]
        if verdict > 0:
            if column == INTERNATIONAL:
                at = _write_code(plan, verdict, target, at)
                target[at] = _BLANK
                at += 1
            at = _write_text(plan, told(plan, verdict, column), target, at, digits, row)
            a, b = ZERO, ZERO
            if size == 0 and len(given_ends) > 0:
                a, b = given_ends[row], given_ends[row + 1]
            if size > 0 or b > a:
                at = _write_text(plan, told(plan, verdict, MARK), target, at, digits, row)
                at = _write_digits(target, at, digits, row, EXTENSION_AT, EXTENSION_AT + size)
                at = _write_bytes(target, at, given, a, b)
        ends[row + 1] = at


@compiled
def _write_asides(
    plan: Plan, rows: Ints, facts: Ints, digits: Bytes, data: Bytes, target: Bytes, ends: Offsets
) -> None:
    plan, digits, target = uncounted(plan), uncounted(digits), uncounted(target)
    data, at = uncounted(data), ZERO
    for place in range(len(rows)):
        row = rows[place]
        verdict = facts[row, OTHER_VERDICT]
        if verdict > 0:
            at = _write_code(plan, verdict, target, at)
            at = _write_digits(target, at, digits, row, OTHER_AT, OTHER_AT + facts[row, OTHER_SIZE])
        else:
            a, b = facts[row, PIECE_BEGIN], facts[row, PIECE_END]
            while a < b and data[a] == _BLANK:
                a += 1
            while a < b and data[b - 1] == _BLANK:
                b -= 1
            at = _write_bytes(target, at, data, a, b)
        ends[place + 1] = at
