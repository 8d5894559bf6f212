"""Tell which texts are surely clean: one compiled pass over the characters of a column.

A text is clean if it is written with the letters of its region only, and none of them stand as they
do where a text was read in a wrong code page.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, ViewedColumn, Views, viewed_column
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.compiled.views import text_at, uncounted
from crmmigrate.standardize.suspect_loops import may_be_entity
from crmmigrate.values.alphabets import Alphabet

__all__ = ["Writing", "find_clean", "find_clean_rows"]

Writing = tuple[Alphabet | None, Mapping[str, str]]
"""What a region is written with: its alphabet, and wrong letters with the right ones."""

_OWN, _SMALL, _CAPITAL, _ER_ES, _XI_OMICRON, _SARA_E, _THO_NO, _SIGN = 1, 2, 4, 8, 16, 32, 64, 128
"""Kinds of characters: of the region; small and capital letters of Latin-1 and Latin Extended-A;
those that UTF-8 begins with where it is read as Cyrillic, Greek or Thai; and quotes and dashes."""

_SIGNS = "’‘“”«»–—•€£№、。・「」（）！？：；，．％"
"""Signs of any region, where they do not stand between letters beyond ASCII."""

_NEVER_FIRST = 0x430
"""Letters from here on, and no others beyond ASCII, may stand before a sign: UTF-8 of two bytes does
not begin with them in any code page."""

_BLANK, _AMPERSAND, _LESS, _SLASH = 0x20, 0x26, 0x3C, 0x2F
_LEAD = 0xC2
"""`Â`, and `Ã` behind it: before a blank they may be what is left of a letter."""

_SCRIPTS = {
    "THAI": ((0x0E01, 0x0E5B),),
    "CYRILLIC": ((0x0401, 0x045F), (0x0490, 0x04FF)),
    "GREEK": ((0x0386, 0x0386), (0x0388, 0x03CE)),
    "CJK": ((0x4E00, 0x9FFF),),
    "HIRAGANA": ((0x3005, 0x3005), (0x3041, 0x3096)),
    "KATAKANA": ((0x30A1, 0x30FE),),
    "HANGUL": ((0xAC00, 0xD7A3),),
    "HEBREW": ((0x05D0, 0x05EA),),
    "ARABIC": ((0x0621, 0x063A), (0x0641, 0x064A)),
}
"""Ranges of scripts in which composed text stays composed."""


def find_clean(texts: pl.Series, which: pl.Series, writings: Sequence[Writing]) -> pl.Series:
    """Tell of each text whether it surely needs no repair; False is no answer.

    Args:
        texts: Without nulls.
        which: Number of the writing of each text's region.
        writings: What the regions are written with.
    """
    every = pl.int_range(len(texts), dtype=pl.UInt32, eager=True)
    return find_clean_rows(viewed_column(texts), every, which, writings)


def find_clean_rows(
    column: ViewedColumn, rows: pl.Series, which: pl.Series, writings: Sequence[Writing]
) -> pl.Series:
    """Tell the same of some rows of a column.

    Args:
        column: Texts.
        rows: Numbers of the rows, UInt32.
        which: Number of the writing of the region of each of them.
        writings: What the regions are written with.
    """
    kinds = np.stack([_kinds(alphabet, tuple(letters)) for alphabet, letters in writings])
    clean = np.zeros(len(rows), np.bool_)
    places = np.ascontiguousarray(rows.to_numpy()), np.ascontiguousarray(which.to_numpy())
    _find(column.views, column.addresses, *places, kinds, clean)
    return pl.Series(clean, dtype=pl.Boolean)


_PLAIN_KINDS = np.zeros(0x80, np.uint8)
_PLAIN_KINDS[0x20:0x7F] = _OWN
_PLAIN_KINDS[0x61:0x7B] |= _SMALL


@lru_cache(maxsize=256)
def _kinds(alphabet: Alphabet | None, wrong: tuple[str, ...]) -> NDArray[np.uint8]:
    """Return the kind of each character of the basic plane."""
    kinds = np.zeros(1 << 16, np.uint8)
    kinds[0x20:0x7F] = _OWN
    if alphabet is not None:
        kinds[[ord(letter) for letter in alphabet.letters - set(wrong) - {"·"}]] = _OWN
        for script in alphabet.scripts:
            for first, last in _SCRIPTS.get(script, ()):
                kinds[first : last + 1] = _OWN
        kinds[[ord(sign) for sign in _SIGNS]] = _OWN | _SIGN
        kinds[ord("ʼ")] = _OWN  # no code page has it
    capitals = [code for code in range(0xC0, 0x17F) if chr(code).isupper()]
    kinds[[*range(0x61, 0x7B), *range(0xE0, 0x100)]] |= _SMALL
    kinds[capitals] |= _CAPITAL
    for signs, kind in (("РС", _ER_ES), ("ΞΟ", _XI_OMICRON), ("เ", _SARA_E), ("ธน", _THO_NO)):
        kinds[[ord(sign) for sign in signs]] |= kind
    return kinds


@compiled
def _find(
    views: Views,
    addresses: NDArray[np.int64],
    rows: NDArray[np.uint32],
    which: NDArray[np.int64],
    kinds: NDArray[np.uint8],
    clean: NDArray[np.bool_],
) -> None:
    views, addresses, kinds = uncounted(views), uncounted(addresses), uncounted(kinds)
    for at in range(len(rows)):
        text = text_at(views, addresses, rows[at])
        end = len(text)
        if end and text[0] != _BLANK and text[end - 1] != _BLANK:
            clean[at] = _is_clean(text, 0, end, which[at], kinds)


@inlined
def _is_clean(data: Bytes, begin: int, end: int, row: int, kinds: NDArray[np.uint8]) -> bool:
    at, before, left = begin, np.uint8(0), np.uint8(0)
    number, thai, last = 0, -4, np.int64(0)
    clean = True
    while at < end:
        byte = data[at]
        number += 1
        if byte < 0x80:
            kind = _PLAIN_KINDS[byte]
            if not kind or (kind == _OWN and not _is_plain(data, at, end)):
                clean = False
                break
            before, left, last = left, kind, np.int64(byte)
            at += 1
            continue
        code, size = _character(data, at, byte)
        kind = kinds[row, code]
        odd = not kind & _OWN or (kind & _CAPITAL and left & _SMALL)
        odd |= kind & before & (_ER_ES | _XI_OMICRON)
        if kind & _THO_NO and left & _SARA_E:
            odd |= number - thai <= 4
            thai = number - 1
        if kind & _SIGN:
            odd |= not _stands_apart(data, at + size, end, last)
        if code & 0xFFFE == _LEAD:
            odd |= at + size == end or data[at + size] == _BLANK
        if odd:
            clean = False
            break
        before, left, last = left, kind, code
        at += size
    return clean


@compiled
def _stands_apart(data: Bytes, behind: int, end: int, last: np.int64) -> bool:
    """Tell whether a sign is no byte of UTF-8 that was misread, whatever the code page."""
    if behind < end and data[behind] >= 0x80 and _character(data, behind, data[behind])[0] < 0x370:
        return False
    if last < 0x80 or last >= 0x2E80:
        return True
    return bool(last >= _NEVER_FIRST and (behind == end or data[behind] < 0x80))


@inlined
def _character(data: Bytes, at: int, byte: int) -> tuple[np.int64, int]:
    """Return the character at a place and its bytes; 0 for one beyond the basic plane."""
    if byte < 0x80:
        return np.int64(byte), 1
    if byte < 0xE0:
        return ((byte & 0x1F) << 6) | (data[at + 1] & 0x3F), 2
    if byte < 0xF0:
        return ((byte & 0x0F) << 12) | ((data[at + 1] & 0x3F) << 6) | (data[at + 2] & 0x3F), 3
    return np.int64(0), 4


@inlined
def _is_plain(data: Bytes, at: int, end: int) -> bool:
    """Tell whether a sign of ASCII is neither the first of two blanks nor begins a tag or entity."""
    if at + 1 >= end:
        return True
    byte, right = data[at], data[at + 1]
    if byte == _BLANK:
        return bool(right != _BLANK)
    if byte == _LESS:
        return not (right == _SLASH or 0x61 <= (right | 0x20) <= 0x7A)
    return not (byte == _AMPERSAND and may_be_entity(data, at + 1, end))
