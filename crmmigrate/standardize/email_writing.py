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


def write_cells(
    data: Bytes, offsets: Offsets, cells: Cells, noted: NDArray[np.bool_], out: Written
) -> None:
    """Write value and domain of every cell that was read, and tell its outcome.

    Cells of kinds `LEFT` and `INTERNATIONAL` are left empty, those with a slip have no domain yet.
    `noted` are those that have a message.
    """
    _write_values(data, offsets, cells, out.values, out.value_offsets)
    _write_hosts(data, offsets, cells, out)
    _tell_outcomes(cells, noted, out)


@compiled
def _write_values(
    data: Bytes, offsets: Offsets, cells: Cells, values: Bytes, ends: Offsets
) -> None:
    kinds, flags, spans = cells.kinds, cells.flags, cells.spans
    to = 0
    for row in range(len(offsets) - 1):
        kind, begin = kinds[row], offsets[row]
        first, host = begin, offsets[row + 1]
        if kind in (LEFT, INTERNATIONAL):
            host = begin
        elif kind < SLIP:
            first, host = begin + spans[row, 0], begin + spans[row, 1]
        low = kind < SLIP and (flags[row] & LOWER) != 0
        for at in range(first, host):
            byte = data[at]
            values[to] = byte + 32 if low and 65 <= byte <= 90 else byte
            to += 1
        if LEFT < kind < SLIP and kind != INTERNATIONAL:
            values[to] = 64
            to += 1
            for at in range(begin + spans[row, 2], begin + spans[row, 3]):
                byte = data[at]
                values[to] = byte + 32 if 65 <= byte <= 90 else byte
                to += 1
        ends[row + 1] = to


@compiled
def _write_hosts(data: Bytes, offsets: Offsets, cells: Cells, out: Written) -> None:
    kinds, spans, hosts = cells.kinds, cells.spans, out.hosts
    to = 0
    for row in range(len(offsets) - 1):
        kind, begin = kinds[row], offsets[row]
        if kind == LEFT or kind >= INTERNATIONAL:
            out.hostless[row] = True
        else:
            for at in range(begin + spans[row, 2], begin + spans[row, 3]):
                byte = data[at]
                hosts[to] = byte + 32 if 65 <= byte <= 90 else byte
                to += 1
        out.host_offsets[row + 1] = to


@compiled
def _tell_outcomes(cells: Cells, noted: NDArray[np.bool_], out: Written) -> None:
    kinds, flags, cased, spans = cells.kinds, cells.flags, cells.cased, cells.spans
    ways, outcomes, hosts = out.ways, out.outcomes, cells.hosts
    for row in range(len(kinds)):
        kind = kinds[row]
        if kind == LEFT or kind >= INTERNATIONAL:
            outcomes[row] = KNOWN + kind - NO_AT if kind >= NO_AT else SPECIAL
            continue
        if kind == PLAIN:
            low = (flags[row] & LOWER) != 0 and (cased[row] & 2) != 0
            ways[row] = NORMALISED if low or cased[row] & 1 else UNCHANGED
        elif kind != WRAPPED:
            ways[row] = SPLIT if kind == PAIR else REPAIRED
        named = kind == NAMED and spans[row, 4] < spans[row, 5]
        special = kind in (PAIR, GLUED) or named or noted[row]
        role = 1 if flags[row] & ROLE else 0
        outcomes[row] = _outcome(ways[row], role, hosts[row], special)


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
