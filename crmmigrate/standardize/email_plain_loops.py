"""Loops over cells that hold an address and nothing else: most of them.

They say what `email_address_loops` says, but hand no array to another function, which is what costs
most there.
"""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.shapes import mix
from crmmigrate.compiled.words import WordTable
from crmmigrate.standardize.email_tables import (
    ATEXT,
    DOUBTFUL,
    ENDING,
    HOST,
    HOSTNAME,
    LETTER,
    MARKS,
    NUMBER,
    PLAIN,
    RESERVED,
    WORD,
    Cells,
)

__all__ = ["read_plain"]

_LONGEST, _LONGEST_LABEL = 254, 63
_AT, _DOT, _HYPHEN, _APOSTROPHE = 64, 46, 45, 39
_WRONG = NUMBER - ENDING


def read_plain(data: Bytes, offsets: Offsets, table: WordTable, cells: Cells) -> None:
    """Read what is an address alone; the kinds of all other cells stay as they are."""
    hosts = np.zeros(len(cells.kinds), np.int16)
    _read_hosts(data, offsets, table, hosts, cells.hosts, cells.cased)
    _read_mailboxes(data, offsets, table, hosts, cells)


@compiled
def _read_hosts(
    data: Bytes,
    offsets: Offsets,
    table: WordTable,
    hosts: NDArray[np.int16],
    abouts: NDArray[np.int64],
    cased: NDArray[np.uint8],
) -> None:
    """Read from the last byte of each cell to the @: where the host begins, and what is known of it."""
    last = len(table) - 1
    for row in range(len(offsets) - 1):
        begin, at = offsets[row], offsets[row + 1]
        if at - begin > _LONGEST:
            continue
        state, right, wrong, about = np.uint64(HOSTNAME), np.int64(0), np.int64(0), np.int64(0)
        length, dots, big, sound = 0, 0, 0, at > begin
        while sound and at > begin:
            byte = np.int64(data[at - 1])
            if 65 <= byte <= 90:
                byte, big = byte + 32, 1
            if byte in (_DOT, _AT):
                slot = np.int64(state & np.uint64(last))
                while table[slot, 0] != 0 and table[slot, 0] != state:
                    slot = (slot + 1) & last
                about = np.int64(table[slot, 1])
                sound = length > 0 and right != _HYPHEN and not about & RESERVED
                if byte == _AT:
                    break
                wrong = about & _WRONG if dots == 0 else wrong
                dots, length = dots + 1, 0
            else:
                sound = MARKS[byte] & HOST and not (byte == _HYPHEN and (length == 0 or right == _HYPHEN))  # fmt: skip
                sound = sound and (right != 0 or MARKS[byte] & LETTER) and length < _LONGEST_LABEL
                length += 1
            state, right = mix(state, np.uint64(byte)), byte
            at -= 1
        if sound and dots and at > begin:
            hosts[row] = at - begin
            abouts[row] = (about & ~_WRONG) | wrong
            cased[row] = big


@compiled
def _read_mailboxes(
    data: Bytes, offsets: Offsets, table: WordTable, hosts: NDArray[np.int16], cells: Cells
) -> None:
    """Read from the @ to the first byte of each cell with a host."""
    last = len(table) - 1
    kinds, flags, cased, spans = cells.kinds, cells.flags, cells.cased, cells.spans
    for row in range(len(offsets) - 1):
        begin, at = offsets[row], offsets[row] + hosts[row] - 1
        if hosts[row] < 2 or data[begin] == _APOSTROPHE:
            continue
        state, right, big, sound = np.uint64(WORD), np.int64(_DOT), 0, True
        while sound and at > begin:
            at -= 1
            byte = np.int64(data[at])
            if 65 <= byte <= 90:
                byte, big = byte + 32, 2
            sound = right != _DOT if byte == _DOT else (MARKS[byte] & ATEXT) != 0
            state, right = mix(state, np.uint64(byte)), byte
        if not sound or right == _DOT:
            continue
        slot = np.int64(state & np.uint64(last))
        while table[slot, 0] != 0 and table[slot, 0] != state:
            slot = (slot + 1) & last
        if np.int64(table[slot, 1]) & DOUBTFUL:
            continue
        kinds[row], flags[row] = PLAIN, np.int64(table[slot, 1])
        cased[row] |= big
        spans[row, 1], spans[row, 2] = hosts[row] - 1, hosts[row]
        spans[row, 3] = offsets[row + 1] - begin
