"""Cut a text into tokens: words, numbers, blanks and signs; compiled loops."""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.compiled.shapes import mix
from crmmigrate.standardize.address_eastern import cut_eastern, eastern_script
from crmmigrate.standardize.address_hashes import SEED, decode, find, mix_letter
from crmmigrate.standardize.address_letters import BLANK, DIGIT, LOWER, SIGN, THAI, UPPER
from crmmigrate.standardize.address_marks import (
    CAPITALS,
    CASE,
    CODE,
    COMMA,
    COUNT,
    CYRILLIC,
    EASTERN,
    FIGURES,
    FORCED,
    FROM,
    GREEK,
    KIND,
    LATIN,
    LETTERED,
    LETTERS,
    LITERAL,
    LONGEST_WORD,
    MARK,
    MIXED,
    MOST_TOKENS,
    SCRIPT,
    SMALLS,
    SPACE,
    THAI_WORDS,
    TITLED,
    TO,
    VALUE,
    Chars,
    Hashes,
    Marks,
    Tables,
    enter_native,
)  # fmt: skip
from crmmigrate.standardize.address_marks import THAI as THAI_SCRIPT

__all__ = ["cut_tokens"]

_U = np.uint64


@inlined
def cut_tokens(
    data: Bytes, begin: int, end: int, chars: Chars, tables: Tables, postcodes: NDArray[np.uint8],
    script: int, tokens: Marks, hashes: Hashes,
) -> int:  # fmt: skip
    """Cut one text into tokens; return how many, -1 if it holds what loops do not read."""
    at, count = begin, 0
    while at < end:
        if count >= MOST_TOKENS - 2:
            return -1
        point, size = decode(data, at, end)
        kind = chars[0][point] if point < len(chars[0]) else np.uint8(0)
        tokens[count, FROM], tokens[count, VALUE] = at, 0
        tokens[count, FORCED], tokens[count, CASE] = 0, 0
        length = (
            _postcode_at(data, at, end, int(kind), postcodes, tokens, count)
            if len(postcodes)
            else 0
        )
        if length:
            tokens[count, KIND], tokens[count, CASE] = CODE, _form(data, at, at + length)
            at += length
        elif kind == DIGIT:
            at = _figures(data, at, end, chars[0], tokens, count)
        elif kind in (UPPER, LOWER):
            at = _word(data, at, end, chars, tokens, hashes, count)
        elif kind == THAI and script == THAI_WORDS:
            count, at = _native(data, at, end, chars, tables, tokens, hashes, count)
        elif script == EASTERN and eastern_script(point):
            count, at = cut_eastern(data, at, end, tables, tokens, hashes, count)
        elif kind == BLANK:
            at = _blanks(data, at, end, tokens, count)
        elif kind == SIGN:
            tokens[count, KIND], at = MARK, at + size
            hashes[count, 0] = _U(point)
        else:
            return -1
        tokens[count, TO] = at
        # Blanks at both ends are no tokens.
        count += tokens[count, KIND] != SPACE or (count > 0 and at < end)
    return count


@inlined
def _blanks(data: Bytes, at: int, end: int, tokens: Marks, count: int) -> int:
    """Read blanks, commas and line breaks as one token; return its end."""
    comma = broken = False
    while at < end and (data[at] == 32 or data[at] == 44 or data[at] == 10):
        comma, broken = comma or bool(data[at] != 32), broken or bool(data[at] == 10)
        at += 1
    tokens[count, CASE] = broken
    tokens[count, KIND] = COMMA if comma else SPACE
    return at


@inlined
def _figures(
    data: Bytes, at: int, end: int, kinds: NDArray[np.uint8], tokens: Marks, count: int
) -> int:
    """Read digits, and one letter behind them; `e` is the end of an ordinal. Return the end."""
    first = at
    while at < end and 48 <= data[at] <= 57:
        at += 1
    tokens[count, KIND], tokens[count, COUNT] = FIGURES, at - first
    letter = np.int64(data[at]) if at < end else 0
    lone = 65 <= (letter & 0xDF) <= 90 and (letter & 0xDF) != 69 and letter < 128
    if lone and not _goes_on(data, at + 1, end, kinds):
        tokens[count, KIND], at = LETTERED, at + 1
        tokens[count, CASE] = CAPITALS if letter < 97 else SMALLS
    return at


@compiled
def _goes_on(data: Bytes, at: int, end: int, kinds: NDArray[np.uint8]) -> bool:
    """Tell whether a letter or digit stands at a byte."""
    if at >= end:
        return False
    point, _ = decode(data, at, end)
    kind = kinds[point] if point < len(kinds) else np.uint8(0)
    return bool(kind in (DIGIT, UPPER, LOWER, THAI))


@compiled
def _postcode_at(
    data: Bytes,
    at: int,
    end: int,
    kind: int,
    postcodes: NDArray[np.uint8],
    tokens: Marks,
    count: int,
) -> int:
    """Return the length of the longest postcode that begins at a byte and is no part of a word."""
    best = 0
    if kind not in (DIGIT, UPPER, LOWER) or (count and tokens[count - 1, KIND] >= LETTERS):
        return 0
    for shape in range(postcodes.shape[0]):
        place, good, length = 0, True, np.int64(postcodes[shape, 0, 0])
        while good and place < length:
            byte = np.int64(data[at + place]) if at + place < end else 1
            byte = byte - 32 if 97 <= byte <= 122 else byte
            good = bool(byte < 128 and postcodes[shape, place, byte] == 1)
            place += 1
        if good and place > best:
            after = np.int64(data[at + place]) if at + place < end else 32
            if not (48 <= after <= 57 or 65 <= (after & 0xDF) <= 90 or after >= 128 or after == 47):
                best = place
    return best


@compiled
def _form(data: Bytes, first: int, last: int) -> int:
    """Tell how a postcode is written: 1 capitals, 2 small, 3 both; 3 more if with a blank."""
    small = great = spaced = False
    for at in range(first, last):
        small = small or 97 <= data[at] <= 122
        great = great or 65 <= data[at] <= 90
        spaced = spaced or data[at] == 32
    return (1 if great else 0) + (2 if small else 0) + (3 if spaced else 0)


@inlined
def _word(
    data: Bytes, at: int, end: int, chars: Chars, tokens: Marks, hashes: Hashes, count: int
) -> int:
    """Read a word of letters that have cases; return its end."""
    low, form, script, length, greats = SEED, SEED, 0, 0, 0
    first_great = False
    while at < end:
        point, size = decode(data, at, end)
        kind = chars[0][point] if point < len(chars[0]) else np.uint8(0)
        if kind not in (UPPER, LOWER):
            break
        if length == 0:
            first_great = kind == UPPER
            script = (
                LATIN
                if point < 0x370 or point >= 0x1E00
                else (GREEK if point < 0x400 else CYRILLIC)
            )
        greats += kind == UPPER
        low, form = mix_letter(low, form, point, chars[1], chars[2])
        length += 1
        at += size
    hashes[count, 0], hashes[count, 1] = low, form
    mixed = TITLED if first_great else MIXED
    tokens[count, KIND], tokens[count, COUNT], tokens[count, SCRIPT] = LETTERS, length, script
    tokens[count, CASE] = CAPITALS if greats == length else (SMALLS if greats == 0 else mixed)
    return at


@inlined
def _native(
    data: Bytes, at: int, end: int, chars: Chars, tables: Tables, tokens: Marks, hashes: Hashes,
    count: int,
) -> tuple[int, int]:  # fmt: skip
    """Cut a run of letters without cases at the words the region knows.

    Returns:
        Place of the last token, and the end of the run.
    """
    first, begin = at, at
    while at < end and count < MOST_TOKENS - 4:
        point, size = decode(data, at, end)
        if point >= len(chars[0]) or chars[0][point] != THAI:
            break
        length, value, low = _longest(data, at, end, chars[0], tables, at == begin)
        if length and value >> 5:
            if at > first:
                count = enter_native(tokens, hashes, count, first, at, 0, low, THAI_SCRIPT)
            count = enter_native(
                tokens, hashes, count, at, at + length, value >> 3, low, THAI_SCRIPT
            )
            at += length
            first = at
        else:
            at += size
    if at > first:
        count = enter_native(tokens, hashes, count, first, at, 0, SEED, THAI_SCRIPT)
    return count - 1, at


@compiled
def _longest(
    data: Bytes, at: int, end: int, kinds: NDArray[np.uint8], tables: Tables, begins: bool
) -> tuple[int, int, np.uint64]:
    """Find the longest known word that begins at a byte: its length, value and hash.

    Within a run words of one or two letters are no words.
    """
    low, best, told, hashed, length, first = SEED, 0, 0, SEED, 0, at
    while at < end and length < LONGEST_WORD:
        point, size = decode(data, at, end)
        native = point < len(kinds) and kinds[point] == THAI
        if not native and not (point == 46 and length):
            break
        low = mix(low, _U(point))
        at += size
        length += 1
        if length > 2 or begins or point == 46:
            value = find(tables[0], tables[1], low)
            if value == 0 and begins and find(tables[2], tables[3], low) >> 5:
                value = LITERAL << 5
            if value >> 5:
                best, told, hashed = at - first, value, low
        if not native:
            break
    return best, told, hashed
