"""Addresses as signatures: which words, signs, names and numbers stand one after another.

Words that the rules of a region know stand in the signature as they are written, or as a class of
words that are all treated alike. Names that nobody knows and numbers are slots: two texts of one
signature differ only in what stands in their slots, so that one reading serves both.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.compiled.shapes import mix
from crmmigrate.compiled.views import uncounted
from crmmigrate.standardize.address_cutting import cut_tokens
from crmmigrate.standardize.address_eastern import has_han, mix_signs
from crmmigrate.standardize.address_hashes import SEED, find
from crmmigrate.standardize.address_letters import letters
from crmmigrate.standardize.address_marks import (
    CASE,
    CODE,
    COUNT,
    EASTERN,
    FIGURES,
    FORCED,
    FROM,
    HAN,
    KIND,
    LETTERED,
    LETTERS,
    MARK,
    MOST_TOKENS,
    NATIVE,
    SCRIPT,
    SPACE,
    THAI_WORDS,
    TO,
    VALUE,
    Chars,
    Hashes,
    Marks,
    Tables,
)  # fmt: skip
from crmmigrate.standardize.address_runs import (
    FIXED,
    FOREIGN,
    LITERAL,
    MOST_SLOTS,
    NUMBER,
    POSTCODE,
    WORD,
    Sizes,
    Slots,
    leads_name,
    put_slot,
    read_name,
    stands_alone,
)  # fmt: skip
from crmmigrate.standardize.address_vocabulary import Vocabulary

__all__ = ["CELL", "Tokens", "read_tokens"]

CELL = "\x1f"
"""Parts the cells of one row; what stands behind the first is read already."""
_LONGEST = 300
_BREAK = 0x1F
_U = np.uint64


@dataclass(frozen=True, slots=True)
class Tokens:
    """Signatures and slots of a column.

    Attributes:
        signatures: Of each row; 0 for those that cannot be read so.
        counts: Number of slots of each row.
        slots: Kind, begin and end (bytes from the beginning of the row), number of the word in the
            vocabulary (-1 for none) and form of each slot, (rows, MOST_SLOTS, 5) int16. The form
            (below 64) tells what the signature leaves out: how many words a name has, how long a
            number is.
    """

    signatures: NDArray[np.uint64]
    counts: NDArray[np.int64]
    slots: NDArray[np.int16]


def read_tokens(column: TextColumn, vocabulary: Vocabulary) -> Tokens:
    """Tell signatures and slots of all rows of one region."""
    rows, known = len(column), letters()
    signatures, counts = np.zeros(rows, np.uint64), np.zeros(rows, np.int64)
    slots = np.zeros((rows, MOST_SLOTS, 5), np.int16)
    tables = (vocabulary.keys, vocabulary.values, *vocabulary.countries, *vocabulary.tails)
    sizes = (
        vocabulary.groups, vocabulary.kinds, vocabulary.numbers, vocabulary.tail_lengths,
        vocabulary.postcodes,
    )  # fmt: skip
    chars = (known.kinds, known.lower, known.fold)
    tokens, hashes = np.zeros((MOST_TOKENS, 8), np.int64), np.zeros((MOST_TOKENS, 2), np.uint64)
    _read_rows(column.data, column.offsets, chars, tables, sizes, vocabulary.script, tokens, hashes,
               signatures, counts, slots)  # fmt: skip
    return Tokens(signatures, counts, slots)


@compiled
def _read_rows(
    data: Bytes, offsets: Offsets, chars: Chars, tables: Tables, sizes: Sizes, script: int,
    tokens: Marks, hashes: Hashes, signatures: NDArray[np.uint64], counts: NDArray[np.int64], slots: Slots,
) -> None:  # fmt: skip
    tokens, hashes, slots = uncounted(tokens), uncounted(hashes), uncounted(slots)
    data, chars = uncounted(data), (uncounted(chars[0]), uncounted(chars[1]), uncounted(chars[2]))
    tables = (
        uncounted(tables[0]), uncounted(tables[1]), uncounted(tables[2]),
        uncounted(tables[3]), uncounted(tables[4]), uncounted(tables[5]),
    )  # fmt: skip
    sizes = (
        uncounted(sizes[0]), uncounted(sizes[1]), uncounted(sizes[2]), uncounted(sizes[3]),
        uncounted(sizes[4]),
    )  # fmt: skip
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        stop = _cell_end(data, begin, end)
        if stop - begin > _LONGEST:
            continue
        count = cut_tokens(data, begin, stop, chars, tables, sizes[4], script, tokens, hashes)
        if count <= 0:
            continue
        _look_up(tokens, hashes, count, tables)
        state, used = _sign(
            data, begin, chars, tables, sizes, tokens, hashes, count, slots, row, script
        )
        while used >= 0 and stop < end:
            first, stop = stop + 1, _cell_end(data, stop + 1, end)
            kind = 1 if stop > first else 2
            if script == EASTERN and has_han(data, first, stop):
                kind = 3
            state = mix(state, _U(kind))
            if stop > first:
                used = put_slot(slots, row, used, FIXED, first - begin, stop - begin, -1, 0)
        if used >= 0:
            signatures[row], counts[row] = state | _U(1), used


@inlined
def _cell_end(data: Bytes, at: int, end: int) -> int:
    while at < end and data[at] != _BREAK:
        at += 1
    return at


@inlined
def _look_up(tokens: Marks, hashes: Hashes, count: int, tables: Tables) -> None:
    """Give words their classes; the words of known phrases become one, or stand for themselves."""
    for at in range(count):
        if tokens[at, KIND] != LETTERS:
            continue
        value = find(tables[0], tables[1], hashes[at, 0])
        if value >> 5 == 0:
            value = max(value, find(tables[0], tables[1], hashes[at, 1]))
        abroad = find(tables[2], tables[3], hashes[at, 1])
        named = abroad >> 5 == FOREIGN and _within_name(tokens, hashes, at, count, tables)
        country = LITERAL << 2 if abroad >> 5 and not named else 0
        tokens[at, VALUE] = value >> 3 if value >> 5 else country
        most = max(value & 7, abroad & 7)
        if most > 1 and tokens[at, FORCED] == 0:
            _find_phrase(tokens, hashes, at, count, tables, most)


@compiled
def _within_name(tokens: Marks, hashes: Hashes, at: int, count: int, tables: Tables) -> bool:
    """Tell whether a word of a name stands before a country, or behind it in the same stretch.

    Such a country can only be a name, `Vieja Lesotho`, unless it is the region's own: of a stretch
    of words only the whole, and what follows a digit, is another country.
    """
    if at > 1 and tokens[at - 1, KIND] == SPACE and tokens[at - 2, KIND] in (0, LETTERS):
        return bool(tokens[at - 2, COUNT] > 1 and tokens[at - 2, VALUE] >> 2 != LITERAL)
    if at + 2 >= count or tokens[at + 1, KIND] != SPACE or tokens[at + 2, KIND] != LETTERS:
        return False
    behind = find(tables[0], tables[1], hashes[at + 2, 0]) >> 5
    abroad = find(tables[2], tables[3], hashes[at + 2, 1]) >> 5
    return bool(tokens[at + 2, COUNT] > 1 and behind != LITERAL and abroad == 0)


@compiled
def _find_phrase(
    tokens: Marks, hashes: Hashes, at: int, count: int, tables: Tables, most: int
) -> None:
    """Make one token of the longest known phrase; one without a class forces its words to stand."""
    small, form, place, best, last = hashes[at, 0], hashes[at, 1], at, 0, at
    within = at > 1 and _within_name(tokens, hashes, at, at, tables)
    for _ in range(2, most + 1):
        place = _next_word(tokens, hashes, place, count)
        if place < 0:
            break
        small, form = mix(small, hashes[place, 0]), mix(form, hashes[place, 1])
        phrase = find(tables[0], tables[1], small) >> 5
        if phrase == 0:
            abroad = find(tables[2], tables[3], form) >> 5
            phrase = find(tables[0], tables[1], form) >> 5
            if abroad and not (phrase or (abroad == FOREIGN and within)):
                phrase = LITERAL
        if phrase:
            best, last = phrase, place
    same = best > LITERAL
    for member in range(at, last + 1):
        same = same and (
            tokens[member, KIND] != LETTERS or tokens[member, CASE] == tokens[at, CASE]
        )
    for member in range(at, last + 1):
        tokens[member, FORCED] = 1 if best and not same else 0
    if same:
        tokens[at, VALUE], tokens[at, TO], tokens[at, FORCED] = (
            best << 2,
            tokens[last, TO],
            at - last,
        )
        for member in range(at + 1, last + 1):
            tokens[member, KIND] = 0


@compiled
def _next_word(tokens: Marks, hashes: Hashes, at: int, count: int) -> int:
    """Return the place of the word behind one sign; -1 if none follows."""
    place = at + 1
    if place < count and tokens[place, KIND] == MARK and hashes[place, 0] != _U(47):
        place += 1
    if place < count and tokens[place, KIND] == SPACE:
        place += 1
    return place if place > at + 1 and place < count and tokens[place, KIND] == LETTERS else -1


@inlined
def _sign(
    data: Bytes, begin: int, chars: Chars, tables: Tables, sizes: Sizes, tokens: Marks,
    hashes: Hashes, count: int, slots: Slots, row: int, script: int,
) -> tuple[np.uint64, int]:  # fmt: skip
    """Return the signature of a row and how many slots it has; -1 for what cannot be read so."""
    state, used, at = SEED, 0, 0
    while at < count and used >= 0:
        kind, case, value = tokens[at, KIND], tokens[at, CASE], tokens[at, VALUE]
        first, last = tokens[at, FROM] - begin, tokens[at, TO] - begin
        if kind < LETTERS:
            sign = hashes[at, 0] if kind == MARK else _U(case if script == EASTERN else 0)
            state = mix(mix(state, _U(kind)), sign)
        elif kind in (FIGURES, LETTERED):
            told = _number(data, tokens, at, sizes[2], 1 if script == THAI_WORDS else 2)
            state = mix(mix(state, _U(16 + case)), _U(max(told, 0) >> 8))
            used = used if told >= 0 else -1
            used = put_slot(slots, row, used, NUMBER, first, last, -1, told & 63)
        elif kind == CODE:
            state = mix(mix(state, _U(kind)), _U(case))
            used = put_slot(slots, row, used, POSTCODE, first, last, -1, case)
        elif leads_name(tokens, at, count):
            state, used, at = read_name(data, begin, chars, tables, sizes, tokens, hashes, at, count, slots, row, used, state)  # fmt: skip
        elif stands_alone(data, tokens, at, count):
            state = mix(mix(mix(state, _U(0x400)), hashes[at, 0]), _U(case))
        elif value >> 2 > LITERAL:
            word = (value >> 2) - 2
            state = mix(mix(mix(state, _U(0x500)), _U(sizes[0][word])), _U(case))
            used = put_slot(slots, row, used, WORD, first, last, word, sizes[1][word])
            if kind == NATIVE and script == EASTERN and tokens[at, SCRIPT] == HAN:
                state = mix_signs(
                    state, data, tokens[at, FROM], tokens[at, TO], tables[0], tables[1]
                )
                state = mix(state, _U(sizes[1][word]))
            at -= min(tokens[at, FORCED], 0)
        else:
            state, used, at = read_name(data, begin, chars, tables, sizes, tokens, hashes, at, count, slots, row, used, state)  # fmt: skip
        at += 1
    return state, used


@compiled
def _number(data: Bytes, tokens: Marks, at: int, numbers: NDArray[np.uint8], least: int) -> int:
    """Return kind << 8 and form of a number: whether it may be a postcode; length, letter, zero."""
    first, length = tokens[at, FROM], tokens[at, COUNT]
    letter = tokens[at, CASE] if tokens[at, KIND] == LETTERED else 0
    if length > 9:
        return -1
    kind = int(numbers[length, (data[first] - 48) * 10 + data[first + 1] - 48]) if length > 2 else 0
    form = max(length, least) * 3 + letter + (30 if data[first] == 48 else 0)
    return -1 if kind == 255 else (kind << 8) | form
