"""Write the numbers of a column by the forms of their shapes, in compiled loops."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn
from crmmigrate.compiled.compiler import compiled
from crmmigrate.standardize.cell_digits import CellDigits
from crmmigrate.standardize.figure_plans import Form

__all__ = ["Written", "write_numbers", "write_values"]

_MOST_NOUGHTS = 12
"""Noughts before and behind the digits, minus and point, with room to spare."""

Table = NDArray[np.int32]
Kinds = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Written:
    """Texts, one behind the other.

    Attributes:
        data: Their UTF-8.
        ends: Where each ends, after a 0 for the begin of the first.
    """

    data: Bytes
    ends: Offsets


def write_numbers(
    digits: CellDigits, rows: Kinds, kinds: Kinds, forms: Sequence[Form | None]
) -> tuple[Written, NDArray[np.bool_]]:
    """Put minus, point and noughts to the digits of some rows.

    Args:
        digits: The digits of the whole column.
        rows: Numbers of the rows.
        kinds: Number of the form of each of them; -1 for none.
        forms: How the digits are written; None gives an empty text.

    Returns:
        The numbers, and whether one is a negative nought.
    """
    every = [form or Form() for form in forms]
    table = np.array(
        [(form is not None, own.negative, own.leading, own.decimals, own.padded)
         for form, own in zip(forms, every, strict=True)], np.int32,
    ).reshape(-1, 5)  # fmt: skip
    room = int((digits.begins[rows + 1] - digits.begins[rows]).sum()) + len(rows) * _MOST_NOUGHTS
    found = Written(np.empty(room, np.uint8), np.zeros(len(rows) + 1, np.int64))
    odd = np.zeros(len(rows), np.bool_)
    _number(digits.digits, digits.begins, rows, kinds, table, found.data, found.ends, odd)
    return found, odd


@compiled
def _number(
    digits: Bytes, begins: Offsets, rows: Kinds, kinds: Kinds, forms: Table, data: Bytes,
    ends: Offsets, odd: NDArray[np.bool_],
) -> None:  # fmt: skip
    end = 0
    for place in range(len(rows)):
        row, kind = rows[place], kinds[place]
        if kind < 0 or not forms[kind, 0]:
            ends[place + 1] = end
            continue
        begin, count = begins[row], begins[row + 1] - begins[row]
        if forms[kind, 1]:
            data[end] = 45
            end += 1
            zeros = count
            while zeros > 0 and digits[begin + zeros - 1] == 0:
                zeros -= 1
            odd[place] = zeros == 0
        if forms[kind, 2]:
            data[end] = 48
            end += 1
        cut = count - forms[kind, 3] + forms[kind, 4]
        for at in range(count):
            if at == cut and forms[kind, 3]:
                data[end] = 46
                end += 1
            data[end] = 48 + digits[begin + at]
            end += 1
        if cut == count and forms[kind, 3]:
            data[end] = 46
            end += 1
        for _ in range(forms[kind, 4]):
            data[end] = 48
            end += 1
        ends[place + 1] = end


def write_values(
    texts: TextColumn, numbers: Written, kinds: Kinds, behind: Written, kept: NDArray[np.bool_]
) -> Written:
    """Put the currency behind each number; of some kinds the text is kept as it came.

    Args:
        texts: The cells.
        numbers: The number of each row.
        kinds: Number of each row's kind; -1 keeps the text.
        behind: What stands behind the numbers of each kind.
        kept: Whether a kind keeps its texts.
    """
    size = int(texts.offsets[-1] - texts.offsets[0]) + int(numbers.ends[-1])
    longest = int(np.diff(behind.ends).max(initial=0))
    room = size + longest * len(kinds)
    found = Written(np.empty(room, np.uint8), np.zeros(len(kinds) + 1, np.int64))
    _value(
        texts.data, texts.offsets, numbers.data, numbers.ends, kinds, behind.data, behind.ends,
        kept, found.data, found.ends,
    )  # fmt: skip
    return found


@compiled
def _value(
    texts: Bytes, offsets: Offsets, numbers: Bytes, number_ends: Offsets, kinds: Kinds,
    behind: Bytes, behind_ends: Offsets, kept: NDArray[np.bool_], data: Bytes, ends: Offsets,
) -> None:  # fmt: skip
    end = 0
    for row in range(len(kinds)):
        kind = kinds[row]
        if kind < 0 or kept[kind]:
            for at in range(offsets[row], offsets[row + 1]):
                data[end] = texts[at]
                end += 1
        else:
            for at in range(number_ends[row], number_ends[row + 1]):
                data[end] = numbers[at]
                end += 1
            for at in range(behind_ends[kind], behind_ends[kind + 1]):
                data[end] = behind[at]
                end += 1
        ends[row + 1] = end
