"""Find the texts that a repair may change: one compiled pass over the bytes of a column."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, ViewedColumn, Views
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.compiled.views import text_at, uncounted

__all__ = ["find_suspects", "may_be_entity"]

_BLANK, _LAST, _AND, _NUMBER, _LESS, _SLASH, _SEMICOLON = 0x20, 0x7E, 38, 35, 60, 47, 59
_DELETE = 0x7F
_WORD, _TAG, _ENDS = 1, 2, 4
"""Kinds of bytes: of the name of an entity, of the name of a tag, and what may follow that."""


def _marks() -> NDArray[np.uint8]:
    marks = np.zeros(256, np.uint8)
    for byte in range(128):
        sign = chr(byte)
        marks[byte] |= _WORD * (sign.isalnum() or sign == "_")
        marks[byte] |= _TAG * (sign.isalnum() or sign in "_:")
        marks[byte] |= _ENDS * (sign in "/> ")
    return marks


_MARKS = _marks()


def find_suspects(column: ViewedColumn) -> tuple[pl.Series, pl.Series]:
    """Return the rows that match `repairs.SUSPECT`, UInt32: those of ASCII, and those beyond."""
    suspect = np.zeros(len(column), np.uint8)
    _find(column.views, column.addresses, suspect)
    plain, beyond = (np.flatnonzero(suspect == kind) for kind in (_PLAIN, _BEYOND))
    return pl.Series(plain.astype(np.uint32)), pl.Series(beyond.astype(np.uint32))


_PLAIN, _BEYOND = 1, 2


@compiled
def _find(views: Views, addresses: NDArray[np.int64], suspect: NDArray[np.uint8]) -> None:
    views, addresses = uncounted(views), uncounted(addresses)
    for row in range(len(views)):
        text = text_at(views, addresses, row)
        if len(text):
            every, odd = _signs(text, 0, len(text))
            if every & 0x80:
                suspect[row] = _BEYOND
            elif odd and _is_suspect(text, 0, len(text)):
                suspect[row] = _PLAIN


@inlined
def _signs(data: Bytes, begin: int, end: int) -> tuple[np.uint8, np.uint8]:
    """Return the bits of all bytes, and whether any sign of ASCII wants a closer look.

    Without a branch, so that many bytes are looked at together.
    """
    first, behind = np.uint64(begin), np.uint64(end)  # unsigned: no look for places before 0
    last = data[behind - np.uint64(1)]
    byte = data[first]
    every, odd = byte, np.uint8((byte <= _BLANK) | (last == _BLANK) | (byte == _DELETE))
    odd |= np.uint8((byte == _AND) | (byte == _LESS))
    for at in range(first + np.uint64(1), behind):
        byte = data[at]
        every |= byte
        odd |= np.uint8((byte < _BLANK) | (byte == _DELETE) | (byte == _AND) | (byte == _LESS))
        odd |= np.uint8((byte == _BLANK) & (data[at - np.uint64(1)] == _BLANK))
    return every, odd


@compiled
def _is_suspect(data: Bytes, begin: int, end: int) -> bool:
    """Tell of control characters, blanks too many, entities and tags in ASCII text."""
    if data[begin] == _BLANK or data[end - 1] == _BLANK:
        return True
    right = 0
    for at in range(begin, end):
        byte = data[at]
        if byte <= _BLANK:
            if byte < _BLANK or right == _BLANK:
                return True
        elif byte > _LAST:
            return True
        elif byte == _AND:
            if may_be_entity(data, at + 1, end):
                return True
        elif byte == _LESS and _is_tag(data, at + 1, end):
            return True
        right = byte
    return False


@compiled
def may_be_entity(data: Bytes, at: int, end: int) -> bool:
    """Tell whether a name and a semicolon follow, as in `&amp;` behind its first sign."""
    if at < end and data[at] == _NUMBER:
        at += 1
    first = at
    while at < end and _MARKS[data[at]] & _WORD:
        at += 1
    return bool(at < end and data[at] == _SEMICOLON and 2 <= at - first <= 31)


@compiled
def _is_tag(data: Bytes, at: int, end: int) -> bool:
    if at < end and data[at] == _SLASH:
        at += 1
    first = at
    while at < end and _MARKS[data[at]] & _TAG:
        at += 1
    return bool(first < at < end and _MARKS[data[at]] & _ENDS)
