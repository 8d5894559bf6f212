"""Slots of addresses: runs of words that nobody knows, and which words stand for themselves.

Compiled loops over the tokens of one row.
"""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.compiled.shapes import mix
from crmmigrate.standardize.address_hashes import SEED, decode, find, mix_letter
from crmmigrate.standardize.address_marks import (
    CAPITALS,
    CASE,
    COMMA,
    COUNT,
    FIGURES,
    FORCED,
    FROM,
    HAN,
    KIND,
    LETTERED,
    LETTERS,
    MARK,
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
)  # fmt: skip

__all__ = [
    "FIXED", "FOREIGN", "LITERAL", "MOST_SLOTS", "NAME", "NUMBER", "POSTCODE", "WORD", "Sizes", "Slots", "leads_name",
    "put_slot", "read_name", "stands_alone",
]  # fmt: skip

NAME, NUMBER, WORD, POSTCODE, FIXED = 1, 2, 3, 4, 5
"""Kinds of slots: words nobody knows, digits (with a letter behind), a word of a class, a postcode
with letters, a cell that is read already."""
MOST_SLOTS = 16
LITERAL = 1
"""Class of words that stand for themselves."""
FOREIGN = 2
"""Class of names of countries, which stand for themselves where they may be the address's country."""
_U = np.uint64
Slots = NDArray[np.int16]
Sizes = tuple[
    NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64], NDArray[np.uint8]
]
"""Groups and classes of words, kinds of numbers, lengths of endings, shapes of postcodes."""


@compiled
def put_slot(
    slots: Slots, row: int, used: int, kind: int, first: int, last: int, word: int, form: int
) -> int:
    """Enter a slot; -1 if there are too many."""
    if used < 0 or used >= MOST_SLOTS:
        return -1
    slots[row, used, 0], slots[row, used, 1], slots[row, used, 2] = kind, first, last
    slots[row, used, 3], slots[row, used, 4] = word, form
    return used + 1


@compiled
def stands_alone(data: Bytes, tokens: Marks, at: int, count: int) -> bool:
    """Tell whether a word stands for itself: a known one, one letter, `ÅS`, a Roman number, glued to digits."""
    if tokens[at, VALUE] >> 2 == LITERAL or tokens[at, FORCED] > 0:
        return True
    if tokens[at, KIND] != LETTERS:
        return False
    before = tokens[at - 1, KIND] if at else 0
    after = tokens[at + 1, KIND] if at + 1 < count else 0
    glued = FIGURES <= before < NATIVE or (tokens[at, COUNT] <= 2 and FIGURES <= after <= LETTERED)
    town = tokens[at, COUNT] == 2 and tokens[at, CASE] == CAPITALS and _bytes(tokens, at) > 2
    if tokens[at, COUNT] == 1 or glued or town:
        return True
    if tokens[at, CASE] != CAPITALS or tokens[at, COUNT] > 4:
        return False
    for place in range(tokens[at, FROM], tokens[at, TO]):
        if data[place] != 73 and data[place] != 86 and data[place] != 88:
            return False
    return True


@inlined
def _bytes(tokens: Marks, at: int) -> int:
    return int(tokens[at, TO] - tokens[at, FROM])


@compiled
def leads_name(tokens: Marks, at: int, count: int) -> bool:
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
    if value >> 2 == LITERAL and value & 1 and case == SMALLS:
        return bool(following == TITLED)
    return bool(at and tokens[at - 1, KIND] == COMMA and value & 2 and case == following)


@compiled
def read_name(
    data: Bytes, begin: int, chars: Chars, tables: Tables, sizes: Sizes, tokens: Marks,
    hashes: Hashes, at: int, count: int, slots: Slots, row: int, used: int, state: np.uint64,
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
    if script >= HAN:
        state = mix(state, _U(tokens[at, COUNT]))
    if stem < tokens[at, TO]:
        state = mix(mix(state, _U(0x700)), told)
    used = put_slot(slots, row, used, NAME, first - begin, stem - begin, -1, form)
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
        return bool(tokens[at, CASE] == case) and not stands_alone(data, tokens, at, count)
    small = tokens[at, VALUE] >> 2 == LITERAL and tokens[at, VALUE] & 1 and tokens[at, FORCED] == 0
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
