"""Decode UTF-8 that was read in a code page: a compiled loop over the characters of a column."""

from collections.abc import Sequence
from functools import cache

import ftfy.bad_codecs  # noqa: F401 - brings the code pages without gaps
import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column, text_series
from crmmigrate.compiled.compiler import compiled, inner

__all__ = ["decode_misread", "find_hopeless"]

_LOST, _BLANK, _QUESTION, _DELETE = 0xFFFD, 0x20, 0x3F, 0x7F
_FIRST, _LAST, _SURROGATES = 0x80, 0x10FFFF, 0xD800
_LEAST = np.array([0, 0x80, 0x800, 0x10000], np.int64)
"""The first character that takes so many bytes more than one."""


def decode_misread(texts: pl.Series, pages: Sequence[str]) -> tuple[pl.Series, NDArray[np.bool_]]:
    """Decode texts in the first of some code pages in which their bytes are UTF-8.

    Args:
        texts: Without nulls.
        pages: Names of code pages of one byte a character.

    Returns:
        What they mean, "" where they are ASCII, or no UTF-8 in any of the pages; and which are decoded.
    """
    column = text_column(texts)
    ends = np.zeros(len(column) + 1, np.int64)
    written = np.empty(int(column.offsets[-1] - column.offsets[0]), np.uint8)
    _decode(column.data, column.offsets, _tables(tuple(pages)), written, ends)
    return text_series("meant", written[: ends[-1]], ends), np.diff(ends) > 0


@cache
def _tables(pages: tuple[str, ...]) -> Bytes:
    """Return the byte of each character in each page, 0 for none; lost characters have none."""
    tables = np.zeros((len(pages), 1 << 16), np.uint8)
    for row, page in enumerate(pages):
        for byte in range(_FIRST, 0x100):
            character = bytes([byte]).decode(page, "ignore")
            if character:
                tables[row, ord(character)] = byte
    tables[:, _LOST] = 0
    return tables


def find_hopeless(texts: pl.Series, pages: Sequence[str]) -> NDArray[np.bool_]:
    """Tell which texts have no word that is UTF-8 in any of some code pages, nor are as a whole.

    Bytes that got lost, a blank in the place of one among them, count as whatever they may have been.
    Of texts with control characters, lost ones, or ones beyond the basic plane nothing is told.

    Args:
        texts: Without nulls.
        pages: Names of code pages of one byte a character.
    """
    column = text_column(texts)
    hopeless = np.zeros(len(column), np.bool_)
    _find_hopeless(column.data, column.offsets, _tables(tuple(pages)), hopeless)
    return hopeless


@compiled
def _find_hopeless(
    data: Bytes, offsets: Offsets, tables: Bytes, hopeless: NDArray[np.bool_]
) -> None:
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        found = _is_open(data, begin, end)
        for page in range(len(tables)):
            if found:
                break
            found = _may_be_utf8(data, begin, end, tables, page)
            at = begin
            while at < end and not found:
                behind = at
                while behind < end and data[behind] != _BLANK:
                    behind += 1
                found = _may_be_utf8(data, at, behind, tables, page)
                at = behind + 1
        hopeless[row] = not found


@inner
def _is_open(data: Bytes, begin: int, end: int) -> bool:
    """Tell whether a text holds what nothing is told of."""
    for at in range(begin, end):
        byte = data[at]
        if byte < _BLANK or byte == _DELETE or byte >= 0xF0:
            return True
        if byte == 0xC2 and data[at + 1] < 0xA0:
            return True
        if byte == 0xEF and data[at + 1] == 0xBF and data[at + 2] == 0xBD:
            return True
    return False


@inner
def _may_be_utf8(data: Bytes, at: int, end: int, tables: Bytes, page: int) -> bool:
    """Tell whether the bytes of a text in a code page may have been UTF-8, however long or odd."""
    missing, beyond = 0, False
    while at < end:
        byte, size = int(data[at]), 1
        if byte >= _FIRST:
            beyond = True
            size = 2 if byte < 0xE0 else 3
            character = byte & (0x1F if size == 2 else 0x0F)
            for place in range(1, size):
                character = (character << 6) | (data[at + place] & 0x3F)
            byte = int(tables[page, character])
        at += size
        if missing and (byte & 0xC0 == _FIRST or byte in (_BLANK, _QUESTION)):
            missing -= 1
        elif missing or (size > 1 and byte < 0xC0):
            return False
        elif byte >= _FIRST:
            missing = 1 if byte < 0xE0 else 2 if byte < 0xF0 else 3
    return beyond and missing == 0


@compiled
def _decode(data: Bytes, offsets: Offsets, tables: Bytes, written: Bytes, ends: Offsets) -> None:
    for row in range(len(offsets) - 1):
        begin, end, to = offsets[row], offsets[row + 1], ends[row]
        ends[row + 1] = to
        for page in range(len(tables)):
            behind = _decode_one(data, begin, end, tables, page, written, to)
            if behind >= 0:
                ends[row + 1] = behind
                break


@inner
def _decode_one(
    data: Bytes, at: int, end: int, tables: Bytes, page: int, written: Bytes, to: int
) -> int:
    """Write the bytes of a text in a code page; return where they end, -1 if they are no UTF-8.

    ASCII alone is written nowhere.
    """
    first, missing, code, least = to, 0, 0, 0
    beyond = False
    while at < end:
        byte, size = int(data[at]), 1
        if byte >= _FIRST:
            beyond = True
            if byte >= 0xF0:
                return -1
            size = 2 if byte < 0xE0 else 3
            character = byte & (0x1F if size == 2 else 0x0F)
            for place in range(1, size):
                character = (character << 6) | (data[at + place] & 0x3F)
            byte = int(tables[page, character])
            if byte == 0:
                return -1
        at += size
        if missing:
            if byte & 0xC0 != 0x80:
                return -1
            code, missing = (code << 6) | (byte & 0x3F), missing - 1
            odd = code < _LEAST[least] or code > _LAST or code & ~0x7FF == _SURROGATES
            if missing == 0 and odd:
                return -1
        elif byte >= _FIRST:
            if byte < 0xC2 or byte > 0xF4:
                return -1
            missing = 1 if byte < 0xE0 else 2 if byte < 0xF0 else 3
            least, code = missing, byte & (0x3F >> missing)
        written[to] = byte
        to += 1
    return to if beyond and missing == 0 else (first if not beyond else -1)
