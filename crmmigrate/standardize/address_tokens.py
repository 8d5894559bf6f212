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
from crmmigrate.standardize.address_cutting import (
    CAPITALS,
    CASE,
    CODE,
    COMMA,
    COUNT,
    FIGURES,
    FORCED,
    FROM,
    KIND,
    LETTERED,
    LETTERS,
    MARK,
    MOST_TOKENS,
    NATIVE,
    SCRIPT,
    SMALLS,
    SPACE,
    TITLED,
    TO,
    VALUE,
    Chars,
    Hashes,
    Marks,
    Tables,
    cut_tokens,
)
from crmmigrate.standardize.address_hashes import SEED, decode, find, mix_letter
from crmmigrate.standardize.address_letters import letters
from crmmigrate.standardize.address_vocabulary import Vocabulary

__all__ = [
    "CELL",
    "FIXED",
    "MOST_SLOTS",
    "NAME",
    "NUMBER",
    "POSTCODE",
    "WORD",
    "Tokens",
    "read_tokens",
]

NAME, NUMBER, WORD, POSTCODE, FIXED = 1, 2, 3, 4, 5
"""Kinds of slots: words nobody knows, digits (with a letter behind), a word of a class, a postcode
with letters, a cell that is read already."""
CELL = "\x1f"
"""Parts the cells of one row; what stands behind the first is read already."""
MOST_SLOTS = 16
_LONGEST = 300
_LITERAL = 1
_BREAK = 0x1F
_U = np.uint64
_Slots = NDArray[np.int16]
_Sizes = tuple[
    NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64], NDArray[np.uint8]
]
"""Groups and classes of words, kinds of numbers, lengths of endings, shapes of postcodes."""


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
    _read_rows(column.data, column.offsets, chars, tables, sizes, vocabulary.glued,
               signatures, counts, slots)  # fmt: skip
    return Tokens(signatures, counts, slots)


@compiled
def _read_rows(
    data: Bytes, offsets: Offsets, chars: Chars, tables: Tables, sizes: _Sizes, glued: bool,
    signatures: NDArray[np.uint64], counts: NDArray[np.int64], slots: _Slots,
) -> None:  # fmt: skip
    tokens = np.zeros((MOST_TOKENS, 8), np.int64)
    hashes = np.zeros((MOST_TOKENS, 2), np.uint64)
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        stop = begin
        while stop < end and data[stop] != _BREAK:
            stop += 1
        if stop - begin > _LONGEST:
            continue
        count = cut_tokens(data, begin, stop, chars, tables, sizes[4], glued, tokens, hashes)
        if count <= 0:
            continue
        _look_up(tokens, hashes, count, tables)
        state, used = _sign(data, begin, chars, tables, sizes, tokens, hashes, count, slots, row)
        while used >= 0 and stop < end:
            stop += 1
            first = stop
            while stop < end and data[stop] != _BREAK:
                stop += 1
            state = mix(state, _U(1 if stop > first else 2))
            if stop > first:
                used = _put(slots, row, used, FIXED, first - begin, stop - begin, -1, 0)
        if used >= 0:
            signatures[row] = state | _U(1)
            counts[row] = used


@compiled
def _put(
    slots: _Slots, row: int, used: int, kind: int, first: int, last: int, word: int, form: int
) -> int:
    """Enter a slot; -1 if there are too many."""
    if used < 0 or used >= MOST_SLOTS:
        return -1
    slots[row, used, 0], slots[row, used, 1], slots[row, used, 2] = kind, first, last
    slots[row, used, 3], slots[row, used, 4] = word, form
    return used + 1


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
        tokens[at, VALUE] = value >> 3 if value >> 5 else (abroad >> 5) << 2
        most = max(value & 7, abroad & 7)
        if most > 1 and tokens[at, FORCED] == 0:
            _find_phrase(tokens, hashes, at, count, tables, most)


@compiled
def _find_phrase(
    tokens: Marks, hashes: Hashes, at: int, count: int, tables: Tables, most: int
) -> None:
    """Make one token of the longest known phrase; one without a class forces its words to stand."""
    small, form, place, best, last = hashes[at, 0], hashes[at, 1], at, 0, at
    for _ in range(2, most + 1):
        place = _next_word(tokens, hashes, place, count)
        if place < 0:
            break
        small, form = mix(small, hashes[place, 0]), mix(form, hashes[place, 1])
        phrase = find(tables[0], tables[1], small) >> 5
        if phrase == 0:
            abroad = find(tables[2], tables[3], form) >> 5
            phrase = max(find(tables[0], tables[1], form) >> 5, abroad)
        if phrase:
            best, last = phrase, place
    same = best > _LITERAL
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
    data: Bytes, begin: int, chars: Chars, tables: Tables, sizes: _Sizes, tokens: Marks,
    hashes: Hashes, count: int, slots: _Slots, row: int,
) -> tuple[np.uint64, int]:  # fmt: skip
    """Return the signature of a row and how many slots it has; -1 for what cannot be read so."""
    state, used, at = SEED, 0, 0
    while at < count and used >= 0:
        kind, case, value = tokens[at, KIND], tokens[at, CASE], tokens[at, VALUE]
        first, last = tokens[at, FROM] - begin, tokens[at, TO] - begin
        if kind < LETTERS:
            state = mix(mix(state, _U(kind)), hashes[at, 0] if kind == MARK else _U(0))
        elif kind in (FIGURES, LETTERED):
            told = _number(data, tokens, at, sizes[2])
            state = mix(mix(state, _U(FIGURES)), _U(told >> 8 if told >= 0 else 0))
            used = _put(slots, row, used if told >= 0 else -1, NUMBER, first, last, -1, told & 63)
        elif kind == CODE:
            state = mix(state, _U(kind))
            used = _put(slots, row, used, POSTCODE, first, last, -1, case)
        elif _leads(tokens, at, count):
            state, used, at = _name(data, begin, chars, tables, sizes, tokens, hashes, at, count, slots, row, used, state)  # fmt: skip
        elif _stands(data, tokens, at, count):
            state = mix(mix(mix(state, _U(0x400)), hashes[at, 0]), _U(case))
        elif value >> 2 > _LITERAL:
            word = (value >> 2) - 2
            state = mix(mix(mix(state, _U(0x500)), _U(sizes[0][word])), _U(case))
            used = _put(slots, row, used, WORD, first, last, word, sizes[1][word])
            at -= min(tokens[at, FORCED], 0)
        else:
            state, used, at = _name(data, begin, chars, tables, sizes, tokens, hashes, at, count, slots, row, used, state)  # fmt: skip
        at += 1
    return state, used


@compiled
def _number(data: Bytes, tokens: Marks, at: int, numbers: NDArray[np.uint8]) -> int:
    """Return kind << 8 and form of a number: whether it may be a postcode; length, letter, zero."""
    first, length = tokens[at, FROM], tokens[at, COUNT]
    letter = tokens[at, CASE] if tokens[at, KIND] == LETTERED else 0
    if length > 9:
        return -1
    kind = int(numbers[length, (data[first] - 48) * 10 + data[first + 1] - 48]) if length > 2 else 0
    form = max(length, 2) * 3 + letter + (30 if data[first] == 48 else 0)
    return -1 if kind == 255 else (kind << 8) | form


@compiled
def _stands(data: Bytes, tokens: Marks, at: int, count: int) -> bool:
    """Tell whether a word stands for itself: a known one, one letter, a Roman number, glued to digits."""
    if tokens[at, VALUE] >> 2 == _LITERAL or tokens[at, FORCED] > 0:
        return True
    if tokens[at, KIND] != LETTERS:
        return False
    before = tokens[at - 1, KIND] if at else 0
    after = tokens[at + 1, KIND] if at + 1 < count else 0
    glued = FIGURES <= before < NATIVE or (tokens[at, COUNT] <= 2 and FIGURES <= after <= LETTERED)
    if tokens[at, COUNT] == 1 or glued:
        return True
    if tokens[at, CASE] != CAPITALS or tokens[at, COUNT] > 4:
        return False
    for place in range(tokens[at, FROM], tokens[at, TO]):
        if data[place] != 73 and data[place] != 86 and data[place] != 88:
            return False
    return True


@compiled
def _leads(tokens: Marks, at: int, count: int) -> bool:
    """Tell whether a known word begins a name: `de` of `de la Cruz`, `Port` of a town behind a comma."""
    value, case, place = tokens[at, VALUE], tokens[at, CASE], at + 2
    if value == 0 or tokens[at, KIND] != LETTERS or tokens[at, FORCED] or tokens[at, COUNT] < 2:
        return False
    if place >= count or tokens[at + 1, KIND] != SPACE or tokens[place, KIND] != LETTERS:
        return False
    following = tokens[place, CASE]
    if (
        tokens[place, VALUE]
        or tokens[place, COUNT] < 2
        or tokens[place, SCRIPT] != tokens[at, SCRIPT]
    ):
        return False
    if value >> 2 == _LITERAL and value & 1 and case == SMALLS:
        return bool(following == TITLED)
    return bool(at and tokens[at - 1, KIND] == COMMA and value & 2 and case == following)


@compiled
def _name(
    data: Bytes, begin: int, chars: Chars, tables: Tables, sizes: _Sizes, tokens: Marks,
    hashes: Hashes, at: int, count: int, slots: _Slots, row: int, used: int, state: np.uint64,
) -> tuple[np.uint64, int, int]:  # fmt: skip
    """Read a run of unknown words in one case, with single signs between; return its last word."""
    script, first = tokens[at, SCRIPT], tokens[at, FROM]
    led = tokens[at, VALUE] != 0
    case = tokens[at + 2 if led else at, CASE]
    words = short = signs = inner = 0
    while True:
        stem, left, told = _tail(data, tokens, at, chars, tables, sizes[3])
        small = tokens[at, VALUE] != 0 and tokens[at, CASE] == SMALLS and case == TITLED
        words, inner = words + 1, inner or small
        short = short or (left < 4 and not small)
        place = _joined(tokens, hashes, at, count, script) if stem == tokens[at, TO] else -1
        if place < 0 or not _continues(data, tokens, hashes, place, count, case, script):
            break
        signs = signs or tokens[at + 1, KIND] == MARK
        at = place
    form = min(words, 4) - 1 + 4 * (short != 0) + 8 * (inner != 0) + 16 * (signs != 0) + 32 * led
    state = mix(mix(mix(state, _U(0x600)), _U(case)), _U(script))
    if stem < tokens[at, TO]:
        state = mix(mix(state, _U(0x700)), told)
    used = _put(slots, row, used, NAME, first - begin, stem - begin, -1, form)
    return state, used, at


@compiled
def _joined(tokens: Marks, hashes: Hashes, at: int, count: int, script: int) -> int:
    """Return the place of the next word of a name behind a blank, hyphen or apostrophe; or -1."""
    place = at + 2
    if tokens[at, KIND] == NATIVE or place >= count or tokens[place, KIND] != LETTERS:
        return -1
    sign = hashes[at + 1, 0] if tokens[at + 1, KIND] == MARK else _U(0)
    joins = tokens[at + 1, KIND] == SPACE or sign == _U(45) or sign == _U(39) or sign == _U(0x2019)
    return place if joins and tokens[place, SCRIPT] == script else -1


@compiled
def _continues(
    data: Bytes, tokens: Marks, hashes: Hashes, at: int, count: int, case: int, script: int
) -> bool:
    """Tell whether a word goes on with a name: one in its case, or a small one as of `Curtea de Arges`."""
    if tokens[at, VALUE] == 0:
        return bool(tokens[at, CASE] == case) and not _stands(data, tokens, at, count)
    small = tokens[at, VALUE] >> 2 == _LITERAL and tokens[at, VALUE] & 1 and tokens[at, FORCED] == 0
    if not small or case != TITLED or tokens[at, CASE] != SMALLS:
        return False
    place = _joined(tokens, hashes, at, count, script)
    return bool(place >= 0 and tokens[place, VALUE] == 0 and tokens[place, CASE] == case)


@compiled
def _tail(
    data: Bytes,
    tokens: Marks,
    at: int,
    chars: Chars,
    tables: Tables,
    tail_lengths: NDArray[np.int64],
) -> tuple[int, int, np.uint64]:
    """Return where the longest known ending of a word begins, its letters before it, and its hash."""
    last, length = tokens[at, TO], tokens[at, COUNT]
    if len(tail_lengths) == 0 or tokens[at, KIND] != LETTERS:
        return last, length, SEED
    for tail in tail_lengths:
        if tail >= length:
            continue
        begin, left = tokens[at, FROM], length - tail
        for _ in range(left):
            _, size = decode(data, begin, last)
            begin += size
        low, form, place = SEED, SEED, begin
        while place < last:
            point, size = decode(data, place, last)
            low, form = mix_letter(low, form, point, chars[1], chars[2])
            place += size
        told = find(tables[4], tables[5], form) >> 5
        dotted = last < len(data) and data[last] == 46
        if told == 1 or (told == 2 and dotted):
            return begin, left, low
    return last, length, SEED
