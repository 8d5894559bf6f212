"""Find the texts that may say nothing: one compiled pass over the bytes of a column."""

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, ViewedColumn, Views
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.compiled.shapes import mix
from crmmigrate.compiled.views import text_at, uncounted
from crmmigrate.compiled.words import START, WordTable, find_word, make_table
from crmmigrate.values.placeholders import placeholder_words

__all__ = ["find_blanks"]

_LONGEST = 160
"""Bytes that the longest text may have which `values.placeholders` looks at."""

_LOWER = np.array([byte | 0x20 if 65 <= byte <= 90 else byte for byte in range(256)], np.uint8)
_IS_SIGN = np.array([not chr(byte).isalnum() for byte in range(128)] + [True] * 128)
_FIRST_BYTES = np.isin(np.arange(256), (0xC2, 0xE1, 0xE2, 0xE3))
"""What blanks and dashes beyond ASCII begin with."""


def find_blanks(column: ViewedColumn, beyond: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the numbers of the rows that may hold a placeholder or nothing at all, UInt32.

    Every row is among them for which `values.placeholders.is_placeholder` says so, and every empty
    one: first those of signs and of words of ASCII, then short texts beyond it that begin as words do.

    Args:
        column: Texts.
        beyond: Numbers of the rows with letters beyond ASCII.
    """
    table, shapes, most = _words()
    found = np.zeros(len(column), np.uint8)
    texts = (column.views, column.addresses)
    _find(*texts, table, shapes, found)
    _find_short(*texts, beyond.to_numpy(), most, _beginnings(), found)
    if column.missing is not None:
        found[column.missing] = 0
    some, short = (np.flatnonzero(found == kind).astype(np.uint32) for kind in (_BARE, _SHORT))
    return pl.Series(some), pl.Series(short)


_BARE, _SHORT = 1, 2


@cache
def _words() -> tuple[WordTable, NDArray[np.bool_], int]:
    """Return the words of ASCII, which begin with a byte and have so many, and the longest other.

    The longest other is told by its number of characters.
    """
    words = placeholder_words()
    plain = {word: 1 for word in words if word.isascii()}
    shapes = np.zeros((256, _LONGEST + 1), np.bool_)
    for word in plain:
        shapes[ord(word[0]), len(word)] = True
        shapes[ord(word[0].upper()), len(word)] = True
    others = max(len(word) for word in words if not word.isascii())
    return make_table((START, plain)), shapes, others


@cache
def _beginnings() -> NDArray[np.bool_]:
    """Return the first bytes of texts beyond ASCII that are a known word, in any case.

    Of all letters beyond ASCII only the sign of kelvin is one of ASCII in lower case.
    """
    firsts = {word[0] for word in placeholder_words() if not word.isascii() or "k" in word}
    begins = np.zeros(256, np.bool_)
    begins[[letter.encode()[0] for letter in firsts]] = True
    for code in range(_LAST_WITH_CASE):
        if chr(code).lower()[:1] in firsts:
            begins[chr(code).encode()[0]] = True
    return begins


_LAST_WITH_CASE = 0x3000
"""No placeholder begins with a letter from here on that has another case."""


@compiled
def _find(
    views: Views,
    addresses: NDArray[np.int64],
    words: WordTable,
    shapes: NDArray[np.bool_],
    found: NDArray[np.uint8],
) -> None:
    views, addresses = uncounted(views), uncounted(addresses)
    for row in range(len(views)):
        size = views[row, 0]
        if size == 0:
            found[row] = _BARE
        elif size <= _LONGEST:
            text = text_at(views, addresses, row)
            if _is_bare(text, 0, size) or (
                shapes[text[0], size] and _is_known(text, 0, size, words)
            ):
                found[row] = _BARE


@inlined
def _is_bare(data: Bytes, begin: int, end: int) -> bool:
    """Tell whether there are only signs, and blanks and dashes beyond ASCII."""
    at = begin
    while at < end and _IS_SIGN[data[at]] and (data[at] < 0xC0 or _FIRST_BYTES[data[at]]):
        at += 1
    return bool(at == end)


@compiled
def _is_known(data: Bytes, begin: int, end: int, words: WordTable) -> bool:
    """Tell whether a text is a known word of ASCII."""
    state = np.uint64(START)
    for at in range(end - 1, begin - 1, -1):
        state = mix(state, np.uint64(_LOWER[data[at]]))
    return bool(find_word(words, state) != 0)


@compiled
def _find_short(
    views: Views,
    addresses: NDArray[np.int64],
    rows: NDArray[np.uint32],
    most: int,
    beginnings: NDArray[np.bool_],
    found: NDArray[np.uint8],
) -> None:
    """Find the texts that have so few characters."""
    views, addresses = uncounted(views), uncounted(addresses)
    for row in rows:
        size = views[row, 0]
        if size <= 4 * most and found[row] == 0:
            text = text_at(views, addresses, row)
            if beginnings[text[0]]:
                characters = 0
                for byte in text:
                    characters += (byte & 0xC0) != 0x80
                if characters <= most:
                    found[row] = _SHORT
