"""Loops that write what was read in e-mail cells: addresses, hosts, and which outcome each cell has."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.shapes import mix
from crmmigrate.compiled.words import START
from crmmigrate.standardize.email_tables import (
    BROKEN_HOST,
    ENDING,
    GLUED,
    INTERNATIONAL,
    LEFT,
    LOWER,
    MISTYPED,
    NAMED,
    NO_AT,
    NO_HOST,
    NUMBER,
    PAIR,
    PLAIN,
    PROVIDER,
    PROVIDERS,
    ROLE,
    SLIP,
    WRAPPED,
    Cells,
)

__all__ = [
    "KNOWN",
    "REFUSED",
    "SPECIAL",
    "UNCHANGED",
    "Written",
    "cut_spans",
    "hash_around",
    "new_written",
    "write_cells",
]

UNCHANGED, NORMALISED, SPLIT, REPAIRED = range(4)
"""Ways to an address."""

KNOWN = 4 * 2 * len(PROVIDERS)
"""How many outcomes addresses have of which nothing more is told: (way, role, provider)."""

REFUSED = (NO_AT, NO_HOST, BROKEN_HOST)
"""Kinds of cells without an address that have one outcome each, which follow."""

SPECIAL = KNOWN + len(REFUSED)
"""Outcome of a cell that has one of its own."""


class Written(NamedTuple):
    """Columns as bytes, and outcomes.

    Attributes:
        values: UTF-8 of all values.
        value_offsets: As in `TextColumn`.
        hosts: UTF-8 of all domains.
        host_offsets: As in `TextColumn`.
        hostless: Which cells have no domain.
        ways: Way to the address, uint8; given for kind `WRAPPED`.
        outcomes: Number of the outcome, uint8.
    """

    values: Bytes
    value_offsets: Offsets
    hosts: Bytes
    host_offsets: Offsets
    hostless: NDArray[np.bool_]
    ways: NDArray[np.uint8]
    outcomes: NDArray[np.uint8]


def new_written(rows: int, size: int, ways: NDArray[np.uint8]) -> Written:
    """Return columns to fill, of so many rows and at most so many bytes."""
    return Written(
        np.empty(size, np.uint8),
        np.zeros(rows + 1, np.int64),
        np.empty(size, np.uint8),
        np.zeros(rows + 1, np.int64),
        np.zeros(rows, np.bool_),
        ways,
        np.zeros(rows, np.uint8),
    )


@compiled
def write_cells(
    data: Bytes, offsets: Offsets, cells: Cells, noted: NDArray[np.bool_], out: Written
) -> None:
    """Write value and domain of every cell that was read, and tell its outcome.

    Cells of kinds `LEFT` and `INTERNATIONAL` are left empty, those with a slip have no domain yet.
    `noted` are those that have a message.
    """
    values, hosts, kinds, flags = out.values, out.hosts, cells.kinds, cells.flags
    spans, about, cased, ways = cells.spans, cells.hosts, cells.cased, out.ways
    value, host = 0, 0
    for row in range(len(offsets) - 1):
        kind, begin = kinds[row], offsets[row]
        out.hostless[row] = kind == LEFT or kind >= INTERNATIONAL
        if kind in (LEFT, INTERNATIONAL):
            out.outcomes[row] = SPECIAL
        elif kind >= SLIP:
            value = _copy(data, begin, offsets[row + 1], values, value, 0)
            out.outcomes[row] = SPECIAL if kind == SLIP else KNOWN + kind - NO_AT
        else:
            low = (flags[row] & LOWER) != 0
            value = _copy(data, begin + spans[row, 0], begin + spans[row, 1], values, value, low)
            values[value] = 64
            first, last = begin + spans[row, 2], begin + spans[row, 3]
            value = _copy(data, first, last, values, value + 1, 1)
            host = _copy(values, value - (last - first), value, hosts, host, 0)
            if kind == PLAIN:
                changed = cased[row] & 1 or (low and cased[row] & 2)
                ways[row] = NORMALISED if changed else UNCHANGED
            elif kind != WRAPPED:
                ways[row] = SPLIT if kind == PAIR else REPAIRED
            named = kind == NAMED and spans[row, 4] < spans[row, 5]
            special = kind in (PAIR, GLUED) or named or noted[row]
            role = 1 if flags[row] & ROLE else 0
            out.outcomes[row] = _outcome(ways[row], role, about[row], special)
        out.value_offsets[row + 1] = value
        out.host_offsets[row + 1] = host


@compiled
def _copy(data: Bytes, begin: int, end: int, target: Bytes, to: int, low: int) -> int:
    """Copy bytes, in lower case if so told; return where they end."""
    for at in range(begin, end):
        byte = data[at]
        if low and 65 <= byte <= 90:
            byte += 32
        target[to] = byte
        to += 1
    return to


@compiled
def _outcome(way: int, role: int, about: int, special: bool) -> int:
    """Tell the outcome of an address."""
    if special or about & MISTYPED or (about < NUMBER and about >= ENDING):
        return SPECIAL
    return (way * 2 + role) * 3 + (about // PROVIDER & 3)


@compiled
def hash_around(
    data: Bytes, offsets: Offsets, cells: Cells, rows: NDArray[np.int64], hashes: NDArray[np.uint64]
) -> None:
    """Hash what stands around the addresses of some rows, and around their @."""
    for number in range(len(rows)):
        row = rows[number]
        begin, spans, state = offsets[row], cells.spans[row], np.uint64(START)
        for at in range(offsets[row], offsets[row + 1]):
            place = at - begin
            if spans[0] <= place < spans[1] or spans[2] <= place < spans[3]:
                if place == spans[0] or place == spans[2]:
                    state = mix(state, np.uint64(256))
            else:
                state = mix(state, np.uint64(data[at]))
        hashes[number] = state


@compiled
def _cut(
    data: Bytes,
    offsets: Offsets,
    cells: Cells,
    rows: NDArray[np.int64],
    first: int,
    last: int,
    letters: Bytes,
    ends: Offsets,
) -> None:
    size = 0
    for number in range(len(rows)):
        row = rows[number]
        begin = offsets[row]
        for at in range(begin + cells.spans[row, first], begin + cells.spans[row, last]):
            letters[size] = data[at]
            size += 1
        ends[number + 1] = size


def cut_spans(
    column: TextColumn, cells: Cells, rows: NDArray[np.int64], first: int, last: int
) -> tuple[Bytes, Offsets]:
    """Cut a part out of some rows; the ends are places in `Cells.spans`.

    Returns:
        Bytes and offsets of the parts, as in `TextColumn`.
    """
    spans = cells.spans[rows]
    size = int((spans[:, last].astype(np.int64) - spans[:, first]).sum())
    letters, ends = np.empty(size, np.uint8), np.zeros(len(rows) + 1, np.int64)
    _cut(column.data, column.offsets, cells, rows, first, last, letters, ends)
    return letters, ends
