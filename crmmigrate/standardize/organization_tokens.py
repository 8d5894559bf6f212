"""The words of organizations' names, each different one once, found by compiled loops.

Most words say nothing of a legal form: their letters are plain and no rule knows them. The loops
tell these by themselves, so that only the others are looked at one by one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn, text_column
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.shapes import mix
from crmmigrate.compiled.views import uncounted
from crmmigrate.standardize.organization_casing import LETTERWISE
from crmmigrate.standardize.organization_words import MARKS, known_keys
from crmmigrate.values.legal_forms import FormBook, form_key

__all__ = ["Cells", "Table", "find_slot", "read_cells"]

_SEED = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_LONGEST = 250
"""Bytes of a name; longer ones are left to the scalar reading."""
_LOWER, _UPPER = MARKS["lower"], MARKS["upper"]
_PLAIN, _COMMA, _TITLED = MARKS["plain"], MARKS["comma"], MARKS["titled"]


@dataclass(frozen=True, slots=True)
class Cells:
    """Names cut at their blanks.

    Attributes:
        places: Number of the word at each place, the places of one row behind those of the other.
        begins: First place of each row, and the end of the last; rows that are too long have none.
        cells: First byte and end of each row without stray signs, (rows, 2).
        spans: First byte and end of each different word, (words, 2).
        zones: Number of each different word's region; the same text of two regions is two words.
        marks: What is known of each different word, as in MARKS.
    """

    places: NDArray[np.int32]
    begins: NDArray[np.int64]
    cells: NDArray[np.int64]
    spans: NDArray[np.int64]
    zones: NDArray[np.int64]
    marks: NDArray[np.uint8]


def read_cells(column: TextColumn, zones: NDArray[np.int64], books: Iterable[FormBook]) -> Cells:
    """Cut names into words and number these.

    Args:
        column: Names; a missing one has no words.
        zones: Number of each row's region.
        books: Legal forms of the regions, in the order of their numbers.
    """
    every = list(books)
    rows = len(column)
    most = int(column.offsets[-1] - column.offsets[0]) + rows
    places = np.empty(most, np.int32)  # of which only what is filled takes memory
    begins, cells = np.zeros(rows + 1, np.int64), np.zeros((rows, 2), np.int64)
    words = _cut_all(column, zones, places, begins, cells)
    spans, home = np.ascontiguousarray(words[:, :2]), np.ascontiguousarray(words[:, 2])
    known = _slots([_hashes(book) for book in every])
    letterwise = np.array([book.region in LETTERWISE for book in every], np.bool_)
    marks = np.zeros(len(home), np.uint8)
    _mark(column.data, spans, home, letterwise, _letters(), known, marks)
    return Cells(places[: begins[-1]], begins, cells, spans, home, marks)


@cache
def _hashes(book: FormBook) -> NDArray[np.uint64]:
    """Return the hashes of all keys that words of a name may have to matter."""
    keys = text_column(pl.Series(sorted(known_keys(book)), dtype=pl.String))
    hashes = np.zeros(len(keys), np.uint64)
    _hash_keys(keys.data, keys.offsets, hashes)
    return hashes


@compiled
def _hash_keys(data: Bytes, offsets: Offsets, hashes: NDArray[np.uint64]) -> None:
    for row in range(len(hashes)):
        state = _SEED
        for at in range(offsets[row], offsets[row + 1]):
            state = mix(state, np.uint64(data[at]))
        hashes[row] = state


@compiled
def find_slot(slots: NDArray[np.uint64], state: np.uint64) -> int:
    """Return where a hash stands in a table, or the empty place (0) where it may be put."""
    mask = np.uint64(len(slots) - 1)
    at = (state ^ (state >> np.uint64(32))) & mask
    while slots[at] != 0 and slots[at] != state:
        at = (at + np.uint64(1)) & mask
    return int(at)


@dataclass(slots=True)
class Table:
    """Hashes with their numbers, in the order in which they were first seen.

    Attributes:
        slots: Hashes, 0 where there is none.
        numbers: The number of the hash at each slot.
        count: How many there are.
    """

    slots: NDArray[np.uint64]
    numbers: NDArray[np.int32]
    count: int = 0

    @classmethod
    def empty(cls, size: int) -> "Table":
        """Return a table for half as many hashes as `size`, a power of two."""
        return cls(np.zeros(size, np.uint64), np.zeros(size, np.int32))

    @property
    def room(self) -> int:
        """How many hashes it is made for."""
        return len(self.slots) // 2

    def wider(self) -> "Table":
        """Return a table four times as large with the same hashes."""
        table = Table.empty(4 * len(self.slots))
        table.count = self.count
        _refill(self.slots, self.numbers, table.slots, table.numbers)
        return table


@compiled
def _refill(
    slots: NDArray[np.uint64],
    numbers: NDArray[np.int32],
    wider: NDArray[np.uint64],
    renumbered: NDArray[np.int32],
) -> None:
    for at in range(len(slots)):
        if slots[at] != 0:
            slot = find_slot(wider, slots[at])
            wider[slot] = slots[at]
            renumbered[slot] = numbers[at]


def _slots(several: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    hashes = np.unique(np.concatenate([np.zeros(0, np.uint64), *several]))
    slots = np.zeros(1 << (4 * len(hashes) + 16).bit_length(), np.uint64)
    _fill(slots, hashes)
    return slots


@compiled
def _fill(slots: NDArray[np.uint64], hashes: NDArray[np.uint64]) -> None:
    for state in hashes:
        slots[find_slot(slots, state)] = state


@compiled
def _is_stray(byte: np.uint8) -> bool:
    return byte in (32, 44, 59)  # blank, comma, semicolon


@compiled
def _trim(data: Bytes, start: int, end: int) -> tuple[int, int]:
    while start < end and _is_stray(data[start]):
        start += 1
    while start < end and _is_stray(data[end - 1]):
        end -= 1
    return start, end


def _cut_all(
    column: TextColumn,
    zones: NDArray[np.int64],
    places: NDArray[np.int32],
    begins: NDArray[np.int64],
    cells: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Cut every row at its blanks; return span and region of each different word."""
    # Room for a word in two rows, as a wider table is a new one.
    slots, count = np.zeros((1 << max(16, len(column).bit_length()), 2), np.uint64), 0
    spans = np.zeros((len(slots) // 2, 3), np.int64)
    row = place = 0
    while True:
        filled = (places, begins, cells, slots, spans)
        row, place, count = _cut(column.data, column.offsets, zones, row, place, count, *filled)
        if row == len(column):
            return spans[:count]
        wider = np.zeros((4 * len(slots), 2), np.uint64)
        _move(slots, wider)
        slots = wider
        spans = np.concatenate((spans, np.zeros((len(slots) // 2 - len(spans), 3), np.int64)))


_AT_ONCE = 1_024
"""Words that are cut before they are looked up, so that the processor may look for several at a time."""


@compiled
def _cut(
    data: Bytes,
    offsets: Offsets,
    zones: NDArray[np.int64],
    row: int,
    place: int,
    count: int,
    places: NDArray[np.int32],
    begins: NDArray[np.int64],
    cells: NDArray[np.int64],
    slots: NDArray[np.uint64],
    spans: NDArray[np.int64],
) -> tuple[int, int, int]:
    """Cut rows until the table of words is full; return the next row, place and number."""
    cut, states = np.empty((_AT_ONCE, 3), np.int64), np.empty(_AT_ONCE, np.uint64)
    data, slots, spans, cut = uncounted(data), uncounted(slots), uncounted(spans), uncounted(cut)
    states = uncounted(states)
    while row < len(offsets) - 1 and count + _AT_ONCE < len(spans):
        found = 0
        while row < len(offsets) - 1 and found + _LONGEST < _AT_ONCE:
            start, end = _trim(data, offsets[row], offsets[row + 1])
            begins[row], cells[row, 0], cells[row, 1] = place + found, start, end
            if start < end <= start + _LONGEST:
                found = _cut_row(data, start, end, zones[row], cut, states, found)
            row += 1
        for word in range(found):
            slot = _find_pair(slots, states[word])
            if slots[slot, 0] == 0:
                slots[slot, 0], slots[slot, 1] = states[word], count
                for part in range(3):
                    spans[count, part] = cut[word, part]
                count += 1
            places[place + word] = slots[slot, 1]
        place += found
    begins[row] = place
    return row, place, count


@compiled
def _cut_row(
    data: Bytes,
    first: int,
    end: int,
    zone: int,
    cut: NDArray[np.int64],
    states: NDArray[np.uint64],
    found: int,
) -> int:
    """Add span, region and hash of the words of a row; return how many there are then."""
    seed = mix(_SEED, np.uint64(zone + 1))
    while first <= end:
        state, at = seed, first
        while at < end and data[at] != 32:
            state = (state ^ np.uint64(data[at])) * _PRIME
            at += 1
        cut[found, 0], cut[found, 1], cut[found, 2] = first, at, zone
        states[found] = state
        found, first = found + 1, at + 1
    return found


@compiled
def _find_pair(slots: NDArray[np.uint64], state: np.uint64) -> np.uint64:
    """Return where a hash stands in a table with its number, or the empty place where it may be put."""
    mask = np.uint64(len(slots) - 1)
    at = (state ^ (state >> np.uint64(32))) & mask
    while slots[at, 0] != 0 and slots[at, 0] != state:
        at = (at + np.uint64(1)) & mask
    return at


@compiled
def _move(slots: NDArray[np.uint64], wider: NDArray[np.uint64]) -> None:
    for at in range(len(slots)):
        if slots[at, 0] != 0:
            slot = _find_pair(wider, slots[at, 0])
            wider[slot, 0], wider[slot, 1] = slots[at, 0], slots[at, 1]


_BETWEEN = 4
"""Kind of - and ', which may stand between the letters of a word; its letters have the case of MARKS."""
_OTHER = 8
"""Kind of digits and of letters without case."""
_LETTERS_END = 0x530
"""Latin, Greek and Cyrillic letters stand before it; all of them take two bytes."""
_FOLDED = 4
"""Bytes that a folded letter takes at most."""


@cache
def _letters() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the kind of each sign, and the bytes it has in keys of forms, filled up with zeros.

    A sign of kind 0 is none that a plain word has. A capital sigma is left out, because what it is
    in lower case depends on where it stands.
    """
    kinds = np.zeros(_LETTERS_END, np.uint8)
    folded = np.zeros((_LETTERS_END, _FOLDED), np.uint8)
    for code in range(_LETTERS_END):
        sign = chr(code)
        key = form_key(sign).encode()
        if sign.isascii() and sign in "-'":
            kinds[code] = _BETWEEN
        elif sign.isalnum() and sign != "Σ" and 0 < len(key) <= _FOLDED:
            case = _LOWER * (sign != sign.upper()) | _UPPER * (sign != sign.lower())
            kinds[code] = case or _OTHER
            folded[code, : len(key)] = list(key)
    return kinds, folded


@compiled
def _mark(
    data: Bytes,
    spans: NDArray[np.int64],
    home: NDArray[np.int64],
    letterwise: NDArray[np.bool_],
    letters: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    known: NDArray[np.uint64],
    marks: NDArray[np.uint8],
) -> None:
    """Tell which words are plain ones that no rule knows."""
    kinds, folded = letters
    for word in range(len(home)):
        start, end = spans[word, 0], spans[word, 1]
        mark = 0
        if end - start > 1 and data[end - 1] == 44:
            end -= 1
            mark = _COMMA
        state, before, at, narrow = _SEED, _BETWEEN, start, True
        while at < end:
            code = np.int64(data[at])
            if code >= 0x80:
                narrow = False
                if code >= 0xE0:
                    break
                code = (code & 0x1F) << 6 | (data[at + 1] & 0x3F)
                at += 1
            kind = kinds[code] if code < _LETTERS_END else 0
            if kind == 0 or kind & before & _BETWEEN:
                break
            for place in range(_FOLDED):
                if folded[code, place] == 0:
                    break
                state = mix(state, np.uint64(folded[code, place]))
            mark |= kind & (_LOWER | _UPPER)
            before = kind
            at += 1
        if at == end and not before & _BETWEEN and known[find_slot(known, state)] != state:
            titled = narrow and _is_titled(data, start, end, letterwise[home[word]])
            marks[word] = mark | _PLAIN | (_TITLED if titled else 0)


@compiled
def _is_titled(data: Bytes, start: int, end: int, letterwise: bool) -> bool:
    """Tell whether a word in one case is written with one capital a piece: no initials, no Mc."""
    first, vowels, numeral = 0, 0, 0
    dashed = False
    for at in range(start, end):
        letter = data[at] | 32
        if data[at] == 45:
            dashed = True
        elif letter < 97 or (letterwise and letter == 105):
            return False
        first += 0 if dashed else 1
        vowels += letter in (97, 101, 105, 111, 117, 121)
        numeral += letter in (105, 118, 120)
        if (at == start or data[at - 1] == 45) and _is_careful(data, at, end):
            return False
    return first >= 4 and vowels > 0 and numeral < end - start


@compiled
def _is_careful(data: Bytes, at: int, end: int) -> bool:
    """Tell whether a piece begins as names with two capitals do: Mac, Mc, IJ."""
    if end - at < 2:
        return False
    one, two = data[at] | 32, data[at + 1] | 32
    third = data[at + 2] | 32 if end - at > 2 else 0
    return (one == 109 and (two == 99 or (two == 97 and third == 99))) or (
        one == 105 and two == 106
    )
