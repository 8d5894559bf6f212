"""Where the digits of a phone cell are, and what stands around them.

Cells are many, but what stands around their numbers is much the same everywhere: labels, extensions
and notes, words between two numbers. Each surrounding gets a hash here and is read once.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn
from crmmigrate.compiled.compiler import compiled, inlined, inner
from crmmigrate.compiled.shapes import mix
from crmmigrate.compiled.views import uncounted
from crmmigrate.standardize.phone_arrays import Ints
from crmmigrate.standardize.phone_desk import ZERO
from crmmigrate.standardize.phone_signs import NINE, OPEN, OTHER, PLUS, SLASH, read_sign

__all__ = [
    "AROUND", "BEGIN", "BETWEEN", "END", "NUMBER_BEGIN", "NUMBER_END", "PLAIN", "QUOTED", "REGION", "SECOND", "SHAPE", "UNKNOWN", "WORDED",
    "Cores", "find_cores",
]  # fmt: skip

Hashes = NDArray[np.uint64]

UNKNOWN, PLAIN, QUOTED, WORDED = range(4)
"""Shapes of cells: nothing but signs, maybe with blanks or quotes around them, or other text around."""
(
    BEGIN, END, NUMBER_BEGIN, NUMBER_END, SECOND, SHAPE, REGION, AROUND, BETWEEN,
) = range(9)  # fmt: skip
"""Columns of `spans`; the last two are set when the surroundings are numbered."""
_LONGEST = 240
"""Bytes of a longer cell are not looked at."""
_FEWEST = 3
"""Fewer digits are no number."""
_LONGEST_NUMBER = 26
"""Signs of a number that may be exchanged for another one where its surrounding is read."""
_LONGEST_EXTENSION = 7
_NO_HASH = np.uint64(0)
_SEED = np.uint64(0x9AE16A3B2F90404F)
_END = np.uint64(256)


class Cores(NamedTuple):
    """What was found in each cell; places are bytes of the column.

    Attributes:
        around: Hash of what stands before and behind the number, digits masked; 0 for none.
        between: Hash of what stands between two numbers; 0 for none.
        spans: (rows, 9): where the cell begins and ends, its number begins and ends, and where the
            second number begins; the shape of the cell, the row of its region in the plans (-1
            for none), and numbers of its surroundings.
    """

    around: Hashes
    between: Hashes
    spans: Ints


class _Core(NamedTuple):
    """A number's place: `stop` is the byte at which its signs end, `end` that behind its last digit."""

    begin: int
    end: int
    stop: int
    digits: int
    size: int
    zero: bool


def find_cores(column: TextColumn, words: Ints, regions: Ints) -> Cores:
    """Find the digits of every cell.

    Args:
        column: Cells.
        words: Number of the words known in each cell's region.
        regions: Row of each cell's region in the plans, -1 for none.
    """
    rows = len(column)
    cores = Cores(
        np.zeros(rows, np.uint64),
        np.zeros(rows, np.uint64),
        np.zeros((rows, 9), np.int64),
    )
    cores.spans[:, REGION] = regions
    _find(column.data, column.offsets, words, cores.spans, cores.around, cores.between)
    return cores


@compiled
def _find(
    data: Bytes, offsets: Offsets, words: Ints, spans: Ints, around: Hashes, between: Hashes
) -> None:
    data = uncounted(data)
    for row in range(len(offsets) - 1):
        a, b = _trimmed(data, offsets[row], offsets[row + 1])
        if a == b or b - a > _LONGEST:
            continue
        core = _find_core(data, a, b)
        spans[row, BEGIN], spans[row, END] = a, b
        spans[row, NUMBER_BEGIN], spans[row, NUMBER_END] = core.begin, core.end
        if core.digits < _FEWEST or core.zero:
            continue
        if core.begin == a and core.stop == b:
            quoted = b - a < offsets[row + 1] - offsets[row]
            spans[row, SHAPE] = QUOTED if quoted else PLAIN
        elif core.size <= _LONGEST_NUMBER:
            spans[row, SHAPE] = WORDED
            around[row] = _hash_around(data, a, b, core, words[row])
            second = _find_second(data, core.end, b) if core.begin == a else ZERO
            spans[row, SECOND] = second
            if second > 0:
                between[row] = _hash_between(data, core.end, second)


@inner
def _trimmed(data: Bytes, a: int, b: int) -> tuple[int, int]:
    r"""Pass over blanks, and the quotes ' " ` ´ ’ at both ends."""
    while a < b:
        width = _quote(data, a, b)
        if width == 0:
            break
        a += width
    while a < b:
        width = 1 if data[b - 1] < 128 else 2 if b - a > 1 and data[b - 2] == 0xC2 else 3
        if b - width < a or _quote(data, b - width, b) != width:
            break
        b -= width
    return a, b


@inner
def _quote(data: Bytes, at: int, b: int) -> int:
    """Return the bytes of a quote or a blank at a place, 0 if there is none."""
    byte = data[at]
    if byte in (0x20, 0x22, 0x27, 0x60):
        return 1
    if byte == 0xC2 and at + 1 < b and data[at + 1] == 0xB4:
        return 2
    if byte == 0xE2 and at + 2 < b and data[at + 1] == 0x80 and data[at + 2] == 0x99:
        return 3
    return 0


@inner
def _find_core(data: Bytes, a: int, b: int) -> _Core:
    at = a
    while at < b:
        sign = read_sign(data, at)
        if sign.kind <= OPEN:
            break
        at += sign.width
    begin, digits, zero, size, end = at, 0, True, 0, at
    for allowed in (PLUS, OPEN, PLUS):
        if at < b:
            sign = read_sign(data, at)
            at += sign.width if sign.kind == allowed else 0
            size += sign.kind == allowed
    first = at
    while at < b:
        sign = read_sign(data, at)
        if sign.kind in (PLUS, OTHER) or (at == first and sign.kind > NINE):
            break
        at, size = at + sign.width, size + 1
        if sign.kind <= NINE:
            digits, end, zero = digits + 1, at, zero and sign.kind == 0
    return _Core(begin, end, at, digits, size, zero)


@inlined
def _hash_around(data: Bytes, a: int, b: int, core: _Core, words: int) -> np.uint64:
    """Hash what is before and behind a number; 0 if too many digits are behind it."""
    state = mix(_SEED, np.uint64(words))
    for at in range(a, core.begin):
        state = mix(state, np.uint64(data[at]))
    state, at, digits = mix(state, _END), core.end, 0
    while at < b:
        sign = read_sign(data, at)
        if sign.kind <= NINE:
            digits += 1
            state = mix(state, np.uint64(48))
        else:
            for byte in range(at, at + sign.width):
                state = mix(state, np.uint64(data[byte]))
        at += sign.width
    return state if digits <= _LONGEST_EXTENSION else _NO_HASH


@inlined
def _find_second(data: Bytes, at: int, b: int) -> int:
    """Return where a second number begins that reaches to the end of the cell, 0 for none."""
    while at < b and read_sign(data, at).kind > OPEN:
        at += read_sign(data, at).width
    second = at
    while at < b:
        sign = read_sign(data, at)
        if sign.kind in (OTHER, SLASH) or (sign.kind == PLUS and at > second):
            return 0
        at += sign.width
    return second if second < b else 0


@inlined
def _hash_between(data: Bytes, a: int, second: int) -> np.uint64:
    state = mix(_SEED, np.uint64(read_sign(data, second).kind == PLUS))
    for at in range(a, second):
        state = mix(state, np.uint64(data[at]))
    return state
