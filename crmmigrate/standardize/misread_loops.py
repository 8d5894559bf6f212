"""Decode UTF-8 that was read in a code page: a compiled loop over the characters of a column."""

from collections.abc import Sequence
from functools import cache

import ftfy.bad_codecs  # noqa: F401 - brings the code pages without gaps
import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column, text_series
from crmmigrate.compiled.compiler import compiled, inner

__all__ = ["decode_misread"]

_LOST = 0xFFFD
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
            tables[row, ord(bytes([byte]).decode(page))] = byte
    tables[:, _LOST] = 0
    return tables


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
