"""The desk on which the loops work on one phone cell: one array, whose parts have names here.

One array, because a loop is compiled the faster the fewer arrays it is given.
"""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "COPY", "EXTENSION", "FIRST", "FIRST_FOUND", "FOUND", "INSERTED", "MOST_EXTENSION", "MOST_SIGNS", "NO", "NUMBER", "OTHER_FOUND",
    "OTHER_NUMBER", "PLACES", "RAW", "YES", "ZERO", "Desk", "loop_numbers", "new_desk",
]  # fmt: skip

Desk = NDArray[Any]
"""Of int64; for a loop, what stands in an array is a plain number."""


def loop_numbers(*values: int) -> list[int]:
    """Return numbers for the arguments of loops; those of Python would be compiled in, each anew."""
    return cast("list[int]", list(np.array(values, np.int64)))


(ZERO,) = loop_numbers(0)
NO, YES = cast("list[bool]", list(np.array([False, True])))

MOST_SIGNS = 96
"""Signs of a cell; they stand from 0 on (see `phone_signs`)."""
PLACES = 100
"""From here on: the byte at which each sign begins."""
_ROOM = 8
"""Free places before the digits of a number, because digits may be written before them."""
_NUMBER = 120
RAW, NUMBER, OTHER_NUMBER, FIRST, COPY = loop_numbers(
    *range(200 + _ROOM, 200 + 5 * _NUMBER, _NUMBER)
)
"""Where digits begin, as numbers from 0 to 9: those of the text, those of the national number, those of
another reading, those of the first of two numbers, and a copy to try a reading."""
FOUND, OTHER_FOUND, FIRST_FOUND = loop_numbers(800, 803, 806)
"""Verdict of the number, where it begins and where it ends; the same of the other reading, and of the
first of two numbers."""
INSERTED = 810
"""How many digits the letters between two numbers stand for, and these digits."""
EXTENSION, MOST_EXTENSION = loop_numbers(830, 24)
"""Digits of the extension."""


def new_desk() -> Desk:
    """Return an empty desk."""
    return np.zeros(860, np.int64)
