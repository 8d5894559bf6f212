"""Find the texts that a repair may change: one compiled pass over the bytes of a column."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column
from crmmigrate.compiled.compiler import compiled

__all__ = ["find_suspects"]

_BLANK, _LAST, _AMPERSAND, _NUMBER, _LESS, _SLASH, _SEMICOLON = 0x20, 0x7E, 38, 35, 60, 47, 59
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


def find_suspects(texts: pl.Series) -> pl.Series:
    """Return the numbers of the rows that match `repairs.SUSPECT`, UInt32."""
    column = text_column(texts)
    suspect = np.zeros(len(column), np.bool_)
    _find(column.data, column.offsets, suspect)
    return pl.Series(np.flatnonzero(suspect).astype(np.uint32))


@compiled
def _find(data: Bytes, offsets: Offsets, suspect: NDArray[np.bool_]) -> None:
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        if begin < end:
            suspect[row] = _is_suspect(data, begin, end)


@compiled
def _is_suspect(data: Bytes, begin: int, end: int) -> bool:
    """Tell of control characters, signs beyond ASCII, blanks too many, entities and tags."""
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
        elif byte == _AMPERSAND:
            if _is_entity(data, at + 1, end):
                return True
        elif byte == _LESS and _is_tag(data, at + 1, end):
            return True
        right = byte
    return False


@compiled
def _is_entity(data: Bytes, at: int, end: int) -> bool:
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
