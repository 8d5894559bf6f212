"""Look folded texts up in one compiled pass: the twin of `values.folding.fold`.

Folding is done letter by letter, by a table that is filled with the letters that columns hold. Where
neighbours change each other (marks that compose or change places), a text is left.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.words import START, WordTable, find_word, hash_word
from crmmigrate.values.folding import ACCENTS, LETTERS
from crmmigrate.values.outcome import tidy

__all__ = ["Found", "look_up"]

_LONGEST, _BLANK = 250, 32
_UNSURE, _UNKNOWN = -1, -2
_START, _SIZE, _FIRST, _FOLLOWS, _LEADS, _ASKED = 32, 24, 8, 1 << 16, 1 << 17, -1
_CODES, _NO_CLASS = 0x110000, 0xFF


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Attributes:
        numbers: Number of each folded text in the table, 0 if it is not there; int64.
        sizes: Bytes of each folded text, -1 where it is left.
    """

    numbers: NDArray[np.int64]
    sizes: NDArray[np.int16]


def look_up(texts: pl.Series, table: WordTable) -> Found:
    """Look up what `fold(tidy(text))` gives for each text in a table of such forms."""
    column, folding = text_column(texts), _folding()
    rows = len(column)
    found = Found(np.zeros(rows, np.int64), np.empty(rows, np.int16))
    given = column.data, column.offsets
    while not _look_up(*given, folding.rules, folding.pieces, table, found.numbers, found.sizes):
        letters = np.zeros(_MANY, np.int64)
        count = _find_unknown(*given, folding.rules, letters)
        folding.learn(letters[:count].tolist())
    return found


_MANY = 10_000
"""Letters that are learnt at once."""


@dataclass(slots=True)
class _Folding:
    """What each letter is folded to.

    Attributes:
        rules: By code point, 0 if not yet known: where its bytes begin, how many they are plus one, combining
            class of the first and of the last letter that they stand for, and whether they may compose with one
            before (`_FOLLOWS`) or behind (`_LEADS`).
        pieces: The bytes.
    """

    rules: NDArray[np.int64] = field(default_factory=lambda: np.zeros(_CODES, np.int64))
    pieces: Bytes = field(default_factory=lambda: np.zeros(0, np.uint8))

    def learn(self, codes: Iterable[int]) -> None:
        """Fold more letters."""
        more = bytearray()
        for code in codes:
            kept = _kept(chr(code))
            classes = [unicodedata.combining(letter) for letter in (kept[:1], kept[-1:]) if letter]
            first, last = classes or (_NO_CLASS, _NO_CLASS)
            leading, following = _composing()
            flags = _FOLLOWS * (kept[:1] in following)
            flags |= _LEADS * any(k in leading for k in kept + unicodedata.normalize("NFKC", kept))
            piece = _plain(kept).encode()
            begin = len(self.pieces) + len(more)
            self.rules[code] = (
                begin << _START | (len(piece) + 1) << _SIZE | flags | first << _FIRST | last
            )
            more += piece
        self.pieces = np.concatenate([self.pieces, np.frombuffer(more, np.uint8)])


def _kept(letter: str) -> str:
    """Return what is left of a letter without accents; a blank for blanks."""
    within = tidy(f"a{letter}a")
    if within in ("a a", "aa"):
        return within[1:-1]
    marks = unicodedata.normalize("NFKD", letter.casefold())
    return "".join(mark for mark in marks if unicodedata.combining(mark) not in ACCENTS)


_TRANSLATION = str.maketrans({**LETTERS})


def _plain(kept: str) -> str:
    """Return letters and digits composed, and blanks for all else."""
    plain = unicodedata.normalize("NFKC", kept).translate(_TRANSLATION)
    plain = plain.replace("&", " and ")
    return "".join(letter if unicodedata.category(letter)[0] in "LNM" else " " for letter in plain)


@cache
def _composing() -> tuple[frozenset[str], frozenset[str]]:
    """Return the letters that may compose with one behind them, and with one before them."""
    leading, following = set("".join(map(chr, range(0x1100, 0x1113)))), set()
    leading |= set(map(chr, range(0xAC00, 0xD7A4, 28)))
    following |= set(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))
    for code in range(0xA0, 0x20000):
        pair = unicodedata.decomposition(chr(code)).split()
        if len(pair) == 2 and pair[0][0] != "<":
            first, second = (chr(int(part, 16)) for part in pair)
            if unicodedata.combining(second) not in ACCENTS:
                leading.add(first)
                following.add(second)
    return frozenset(leading), frozenset(following)


@cache
def _folding() -> _Folding:
    folding = _Folding()
    folding.learn(range(1, 0x180))
    return folding


@compiled
def _look_up(
    data: Bytes,
    offsets: Offsets,
    rules: NDArray[np.int64],
    pieces: Bytes,
    table: WordTable,
    numbers: NDArray[np.int64],
    sizes: NDArray[np.int16],
) -> bool:
    """Look texts up; return False as soon as there is an unknown letter."""
    scratch = np.zeros(_LONGEST + 50, np.uint8)
    for row in range(len(offsets) - 1):
        size = _fold(data, offsets[row], offsets[row + 1], rules, pieces, scratch)
        if size == _UNKNOWN:
            return False
        sizes[row] = size
        if size > 0:
            numbers[row] = find_word(table, hash_word(scratch, 0, size, np.uint64(START)))
    return True


@compiled
def _find_unknown(
    data: Bytes, offsets: Offsets, rules: NDArray[np.int64], letters: NDArray[np.int64]
) -> int:
    """List unknown letters, as many as there is room for, and mark them as asked for."""
    count, at, end = 0, offsets[0], offsets[-1]
    while at < end:
        code, more = _letter(data, at)
        if rules[code] == 0 and count < len(letters):
            letters[count], rules[code] = code, _ASKED
            count += 1
        at += more
    return count


@compiled
def _letter(data: Bytes, at: int) -> tuple[np.int64, int]:
    """Return the letter at a place and its bytes."""
    code = np.int64(data[at])
    more = 1 if code < 0x80 else 2 if code < 0xE0 else 3 if code < 0xF0 else 4
    if more > 1:
        code &= 0x7F >> more
        for place in range(at + 1, at + more):
            code = (code << 6) | (data[place] & 0x3F)
    return code, more


@compiled
def _fold(
    data: Bytes, begin: int, end: int, rules: NDArray[np.int64], pieces: Bytes, scratch: Bytes
) -> int:
    """Fold a text into `scratch`; return its size, `_UNSURE`, or `_UNKNOWN` at an unknown letter."""
    at, size, before, leads = begin, 0, 0, 0
    while at < end:
        code, more = _letter(data, at)
        at += more
        rule = rules[code]
        if rule == 0:
            return _UNKNOWN
        if rule == _ASKED or size > _LONGEST:
            return _UNSURE
        first, last = (rule >> _FIRST) & _NO_CLASS, rule & _NO_CLASS
        if first != _NO_CLASS:
            if (rule & _FOLLOWS and leads) or (first != 0 and before > first):
                return _UNSURE
            if first == 0 and not rule & _FOLLOWS:
                leads = 0
            leads |= rule & _LEADS
            before = last
        start = rule >> _START
        for place in range(start, start + ((rule >> _SIZE) & 0xFF) - 1):
            byte = pieces[place]
            if byte != _BLANK or (size > 0 and scratch[size - 1] != _BLANK):
                scratch[size] = byte
                size += 1
    if size > 0 and scratch[size - 1] == _BLANK:
        size -= 1
    return size
