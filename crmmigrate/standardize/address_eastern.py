"""Cut runs of Chinese, Japanese and Korean letters into known words and names; compiled loops."""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.compiled.shapes import mix
from crmmigrate.standardize.address_hashes import SEED, decode, find
from crmmigrate.standardize.address_marks import (
    COUNT,
    FIGURES,
    HAN,
    HANGUL,
    KIND,
    LETTERED,
    LITERAL,
    LONGEST_WORD,
    MARK,
    MOST_TOKENS,
    NATIVE,
    SPACE,
    VALUE,
    Hashes,
    Marks,
    Tables,
    enter_native,
)  # fmt: skip

__all__ = ["cut_eastern", "eastern_script", "has_han", "mix_signs"]

_PIECE = 2
"""Letters of a name without blanks that stand in one slot: the scalar parts longer ones."""
_BEHIND, _ENCLOSED = 100, 110
"""Numbers of letters of free runs; one more if words in them tell a unit."""
_LEAST_BEFORE = 3
_FEW = 3
"""Letters and pieces of Korean names that are all read alike: patterns count letters from four on."""
_U = np.uint64


@compiled
def eastern_script(point: int) -> int:
    """Tell the script of a letter of Chinese, Japanese or Korean addresses; 0 for any other sign."""
    if 0xAC00 <= point <= 0xD7A3:
        return HANGUL
    return HAN if 0x3400 <= point <= 0x9FFF or 0x3040 <= point <= 0x30FF or point == 0x3005 else 0


@inlined
def cut_eastern(
    data: Bytes, at: int, end: int, tables: Tables, tokens: Marks, hashes: Hashes, count: int
) -> tuple[int, int]:  # fmt: skip
    """Cut a run of letters without blanks at every known word or letter, names in pieces.

    Returns:
        Place of the last token, and the end of the run.
    """
    first, held, script, begin = at, 0, 0, count
    free = _stands_free(data, at, end, tokens, hashes, count)
    unit = _ENCLOSED if free == _ENCLOSED else 0
    while at < end and count < MOST_TOKENS - 4:
        point, size = decode(data, at, end)
        now = eastern_script(point)
        if now == 0:
            break
        length, value, low = _longest(data, at, end, tables[0], tables[1], tables[2], tables[3])
        if unit or (free and at > first):
            unit = max(unit, _BEHIND + (1 if length and value & 8 else 0))
            script = now if script == 0 else script
            at += size
            continue
        if at > first and (length or now != script or (held == _PIECE and now == HAN)):
            count = enter_native(tokens, hashes, count, first, at, 0, SEED, script)
            first, held = at, 0
        script = now
        if length:
            count = enter_native(tokens, hashes, count, at, at + length, value >> 3, low, script)
            at += length
            first = at
        else:
            held += 1
            at += size
    if at > first:
        count = enter_native(tokens, hashes, count, first, at, 0, SEED, script)
        if unit or free:
            tokens[count - 1, COUNT] = max(unit, _BEHIND)
    if script == HANGUL and count - begin <= _FEW and tokens[begin, VALUE] == 0:
        tokens[begin, COUNT] = max(tokens[begin, COUNT], _FEW)
    return count - 1, at


@compiled
def _stands_free(data: Bytes, at: int, end: int, tokens: Marks, hashes: Hashes, count: int) -> int:
    """Tell whether it makes no odds what the names of a run are: _BEHIND a number, or _ENCLOSED in brackets.

    Levels are read one after the other from the beginning, so that what stands behind the house
    number is all one part, up to words that begin it or tell a unit. The first brackets hold a quarter.
    """
    point, _ = decode(data, at, end)
    korean = eastern_script(point) == HANGUL
    if count and tokens[count - 1, KIND] == MARK and hashes[count - 1, 0] == _U(40):
        close = at
        while close < end:
            point, size = decode(data, close, end)
            if not eastern_script(point):
                break
            close += size
        closed = close < end and data[close] == 41
        opened = 0
        for before in range(count):
            opened += tokens[before, KIND] == MARK and hashes[before, 0] == _U(40)
        return _ENCLOSED if closed and opened == 1 else 0
    if korean:
        number = (
            count > _LEAST_BEFORE
            and tokens[count - 1, KIND] == SPACE
            and tokens[count - 2, KIND] == FIGURES
        )
        return (
            _BEHIND
            if number and tokens[count - 3, KIND] in (SPACE, MARK) and _follows(tokens, count)
            else 0
        )
    return _BEHIND if _follows(tokens, count) else 0


@compiled
def _follows(tokens: Marks, count: int) -> bool:
    """Tell whether digits stand before a place, and letters before them."""
    named = False
    for before in range(count):
        kind = tokens[before, KIND]
        if named and kind in (FIGURES, LETTERED):
            return True
        named = named or kind == NATIVE
    return False


@compiled
def _longest(
    data: Bytes, at: int, end: int, keys: NDArray[np.uint64], values: NDArray[np.int32],
    abroad: NDArray[np.uint64], countries: NDArray[np.int32],
) -> tuple[int, int, np.uint64]:  # fmt: skip
    """Find the longest word of the region, or country, that begins at a byte: length, value, hash."""
    low, best, told, hashed, length, first = SEED, 0, 0, SEED, 0, at
    while at < end and length < LONGEST_WORD:
        point, size = decode(data, at, end)
        if not eastern_script(point):
            break
        low = mix(low, _U(point))
        at += size
        length += 1
        value = find(keys, values, low)
        if value >> 5 == 0 and length > 1 and find(abroad, countries, low) >> 5:
            value = LITERAL << 5
        if value >> 5:
            best, told, hashed = at - first, value, low
    return best, told, hashed


@compiled
def mix_signs(
    state: np.uint64,
    data: Bytes,
    at: int,
    end: int,
    keys: NDArray[np.uint64],
    values: NDArray[np.int32],
) -> np.uint64:
    """Take into a hash where a known word has letters that mean something, and which."""
    while at < end:
        point, size = decode(data, at, end)
        known = find(keys, values, mix(SEED, _U(point))) >> 5
        state = mix(state, _U(point if known else 1))
        at += size
    return state


@compiled
def has_han(data: Bytes, at: int, end: int) -> bool:
    """Tell whether a text has a Chinese letter or a kana."""
    while at < end:
        point, size = decode(data, at, end)
        if eastern_script(point) == HAN:
            return True
        at += size
    return False
