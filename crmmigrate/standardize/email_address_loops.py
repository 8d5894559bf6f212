"""Loops over the bytes of an address of mail: the syntax of mailboxes and hosts, and what is known of them."""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.shapes import mix
from crmmigrate.compiled.words import WordTable, find_word
from crmmigrate.standardize.email_tables import (
    ATEXT,
    DIGIT,
    DOUBTFUL,
    ENDING,
    HOST,
    HOSTNAME,
    LETTER,
    MARKS,
    NUMBER,
    RESERVED,
    SAFE,
    WORD,
)

__all__ = [
    "ABOUT", "BIG", "CASED", "FLAGS", "FOUND", "NONE", "SURE", "Found", "are_safe", "is_international",
    "is_number_or_letter", "read_address", "read_mailbox",
]  # fmt: skip

Found = NDArray[np.int64]
"""What is found in a cell: eight ends of spans, and behind them what the following names say."""

FLAGS, CASED, BIG, ABOUT, FOUND = range(8, 13)
"""Places of: flags of the mailbox, 1 if the host has capital letters, 1 if the mailbox has, what the
table says of the host; and how many places there are."""

NONE, SURE, UNSURE = 0, 1, 2
"""No valid address, one, and one that may be a placeholder."""

_LONGEST_ADDRESS, _LONGEST_LABEL, _LONGEST_SAFE = 254, 63, 120
_WRONG = NUMBER - ENDING
"""Bits of the number of a wrong ending."""

_AT, _DOT, _HYPHEN, _APOSTROPHE = 64, 46, 45, 39

_RANGES = np.array(
    [0xC0, 0xD6, 0xD8, 0xF6, 0xF8, 0x24F, 0x386, 0x386, 0x388, 0x38A, 0x38C, 0x38C, 0x38E, 0x3A1, 0x3A3, 0x3CE, 0x400, 0x481,
     0x48A, 0x52F, 0x3041, 0x3094, 0x30A1, 0x30FA, 0x4E00, 0x9FA5, 0xAC00, 0xD7A3]
).reshape(-1, 2)  # fmt: skip
"""Letters that Unicode normalization leaves alone wherever they stand: first and last of each range."""


@compiled
def read_address(
    data: Bytes, begin: int, end: int, host: int, stop: int, table: WordTable, found: Found
) -> int:
    """Read a mailbox and a host: no valid address, a sure one, or one that may be a placeholder."""
    if (end - begin) + (stop - host) + 1 > _LONGEST_ADDRESS:
        return NONE
    if _read_host(data, host, stop, table, found) != host:
        return NONE
    if not read_mailbox(data, begin, end, table, found):
        return NONE
    found[0], found[1], found[2], found[3] = begin, end, host, stop
    return UNSURE if found[FLAGS] & DOUBTFUL or data[begin] == _APOSTROPHE else SURE


@compiled
def _read_host(data: Bytes, begin: int, end: int, table: WordTable, found: Found) -> int:
    """Read a host of at least two labels, from its last letter to its first or to an @.

    Returns where it begins, -1 if it is none. Two hyphens may be Punycode, or two hyphens that no label may have: they need a closer look.
    """
    state, right, wrong = np.uint64(HOSTNAME), np.int64(0), np.int64(0)
    length, dots, cased = 0, 0, 0
    at = end
    while at > begin:
        byte = np.int64(data[at - 1])
        if byte == _AT:
            break
        at -= 1
        if 65 <= byte <= 90:
            byte += 32
            cased = 1
        if byte == _DOT:
            if length == 0 or right == _HYPHEN:
                return -1
            ending = find_word(table, state)
            if ending & RESERVED:
                return -1
            if dots == 0:
                wrong = ending & _WRONG
            dots, length = dots + 1, 0
        else:
            if not MARKS[byte] & HOST or (byte == _HYPHEN and (length == 0 or right == _HYPHEN)):
                return -1
            if right == 0 and not MARKS[byte] & LETTER:
                return -1
            length += 1
            if length > _LONGEST_LABEL:
                return -1
        state, right = mix(state, np.uint64(byte)), byte
    if dots == 0 or length == 0 or right == _HYPHEN:
        return -1
    whole = find_word(table, state)
    found[CASED] = cased
    found[ABOUT] = (whole & ~_WRONG) | wrong
    return -1 if whole & RESERVED else at


@compiled
def read_mailbox(data: Bytes, begin: int, end: int, table: WordTable, found: Found) -> bool:
    """Read a mailbox in ASCII without quotes, from its last letter to its first."""
    state, right, big = np.uint64(WORD), np.int64(_DOT), 0
    for at in range(end - 1, begin - 1, -1):
        byte = np.int64(data[at])
        if 65 <= byte <= 90:
            byte += 32
            big = 1
        if byte == _DOT:
            if right == _DOT:
                return False
        elif not MARKS[byte] & ATEXT:
            return False
        state, right = mix(state, np.uint64(byte)), byte
    found[FLAGS] = find_word(table, state)
    found[BIG] = big
    return bool(right != _DOT)


@compiled
def is_international(data: Bytes, begin: int, sign: int, end: int, found: Found) -> bool:
    """Tell whether a mailbox has only letters that normalization leaves alone, and find its host."""
    if (
        sign == begin
        or sign + 1 == end
        or end - begin > _LONGEST_SAFE
        or data[begin] == _APOSTROPHE
    ):
        return False
    at, right = begin, np.int64(_DOT)
    while at < sign:
        byte = np.int64(data[at])
        if byte < 128:
            if byte == _DOT:
                if right == _DOT:
                    return False
            elif not MARKS[byte] & ATEXT:
                return False
            size = 1
        else:
            size = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            code = byte & (0xFF >> (size + 1))
            for more in range(1, size):
                code = (code << 6) | (data[at + more] & 0x3F)
            inside = False
            for part in range(len(_RANGES)):
                inside |= _RANGES[part, 0] <= code <= _RANGES[part, 1]
            if not inside:
                return False
        right = byte
        at += size
    for place in range(sign + 1, end):
        if data[place] <= 0x2C or data[place] == 60 or data[place] == 62:
            return False
    found[0], found[1], found[2], found[3] = begin, sign, sign + 1, end
    return bool(right != _DOT)


@compiled
def is_number_or_letter(byte: int | np.int64) -> bool:
    """Tell whether a byte is a letter or digit of ASCII."""
    return bool(MARKS[byte] & (LETTER | DIGIT))


@compiled
def are_safe(data: Bytes, begin: int, end: int) -> bool:
    """Tell whether all bytes are of kind `SAFE`, the first a letter or digit."""
    if begin >= end or not is_number_or_letter(data[begin]):
        return False
    for at in range(begin, end):
        if not MARKS[data[at]] & SAFE:
            return False
    return True
