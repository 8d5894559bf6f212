"""Find the texts that may say nothing: one compiled pass over the bytes of a column."""

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.shapes import mix
from crmmigrate.compiled.words import START, WordTable, find_word, make_table
from crmmigrate.values.placeholders import placeholder_words

__all__ = ["find_blanks"]

_LONGEST = 160
"""Bytes that the longest text may have which `values.placeholders` looks at."""

_LOWER = np.array([byte | 0x20 if 65 <= byte <= 90 else byte for byte in range(256)], np.uint8)
_IS_SIGN = np.array([not chr(byte).isalnum() for byte in range(128)] + [True] * 128)
_FIRST_BYTES = np.isin(np.arange(256), (0xC2, 0xE1, 0xE2, 0xE3))
"""What blanks and dashes beyond ASCII begin with."""


def find_blanks(texts: pl.Series) -> pl.Series:
    """Return the numbers of the rows that may hold a placeholder or nothing at all, UInt32.

    Every row is among them for which `values.placeholders.is_placeholder` says so, and every empty
    one; short texts beyond ASCII are, whatever they say.
    """
    column = text_column(texts)
    table, most, beyond = _words()
    found = np.zeros(len(column), np.bool_)
    _find(column.data, column.offsets, table, most, beyond, found)
    if column.missing is not None:
        found &= ~column.missing
    return pl.Series(np.flatnonzero(found).astype(np.uint32))


@cache
def _words() -> tuple[WordTable, int, int]:
    """Return the words of ASCII, the bytes of the longest, and the characters of the longest other."""
    words = placeholder_words()
    plain = {word: 1 for word in words if word.isascii()}
    others = max(len(word) for word in words if not word.isascii())
    return make_table((START, plain)), max(map(len, plain)), others


@compiled
def _find(
    data: Bytes,
    offsets: Offsets,
    words: WordTable,
    most: int,
    beyond: int,
    found: NDArray[np.bool_],
) -> None:
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        if end - begin <= _LONGEST:
            found[row] = _is_bare(data, begin, end) or _is_known(
                data, begin, end, words, most, beyond
            )


@compiled
def _is_bare(data: Bytes, begin: int, end: int) -> bool:
    """Tell whether there are only signs, and blanks and dashes beyond ASCII."""
    for at in range(begin, end):
        byte = data[at]
        if not _IS_SIGN[byte] or (byte >= 0xC0 and not _FIRST_BYTES[byte]):
            return False
    return True


@compiled
def _is_known(data: Bytes, begin: int, end: int, words: WordTable, most: int, beyond: int) -> bool:
    """Tell whether a text is a known word of ASCII, or beyond ASCII and as short as one."""
    if end - begin > 4 * beyond and end - begin > most:
        return False
    state, characters, plain = np.uint64(START), 0, True
    for at in range(end - 1, begin - 1, -1):
        byte = data[at]
        characters += (byte & 0xC0) != 0x80
        plain &= byte < 0x80
        state = mix(state, np.uint64(_LOWER[byte]))
    if not plain:
        return characters <= beyond
    return bool(find_word(words, state) != 0)
