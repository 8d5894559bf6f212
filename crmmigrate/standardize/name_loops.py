"""Loops over names: what signs their bytes hold, what shape their words give them."""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.shapes import mix

__all__ = [
    "ASK",
    "BYTE_KINDS",
    "CASES",
    "FAR",
    "ODD",
    "SIGNS",
    "THAI",
    "UNTIDY",
    "hash_parts",
    "hash_shapes",
    "have_twins",
    "name_case",
    "scan_names",
]

Numbers = NDArray[np.int32]

UNTIDY, ODD, ASK, SIGNS, FAR, THAI = 1, 2, 4, 8, 16, 32
"""What a name holds: blanks that repaired text has not; control characters, or more than 200
characters; what may be more than its words are; signs that words are cut at; Chinese, Japanese or
Korean letters, some others among them; Thai or Lao letters."""

_LONGEST = 200
_SEED = np.uint64(0xCBF29CE484222325)


@compiled
def scan_names(
    data: Bytes, offsets: Offsets, phrases: NDArray[np.bool_], kinds: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Tell what each name holds, as a sum of the signs above.

    Args:
        data: UTF-8 of all names.
        offsets: Where each begins, and the end of the last.
        phrases: Whether a phrase that is read as a whole has so many characters (row, the last for
            all longer ones) and begins with such a byte (column).
        kinds: Kind of each byte: `BYTE_KINDS`.
    """
    told = np.zeros(len(offsets) - 1, np.uint8)
    for row in range(len(told)):
        begin, end = offsets[row], offsets[row + 1]
        flags, length = 0, end - begin
        for at in range(np.uint64(begin), np.uint64(end)):
            kind = kinds[data[at]]
            if kind == _PLAIN:
                continue
            if kind == _BEHIND:
                length -= 1
            elif kind == _FAR:
                flags |= FAR
            else:
                before = data[at - np.uint64(1)] if at > begin else 32
                if kind == _FORM:
                    flags |= 0 if _is_plain(before) else _of_form(data, at, end)
                else:
                    flags |= _of_sign(data, at, before, at + 1 == end)
        if begin == end or data[end - 1] == 32:
            flags |= UNTIDY
        if length > _LONGEST:
            flags |= ODD
        elif begin < end and phrases[min(length, len(phrases) - 1), data[begin]]:
            flags |= ASK
        told[row] = flags
    return told


_PLAIN, _BEHIND, _FAR, _FORM, _SIGN = range(5)
"""Letters and digits of ASCII, and the first bytes of characters that are nothing to look for; bytes
of a character behind its first; first bytes of far eastern characters; s and S; other bytes."""


def _byte_kinds() -> NDArray[np.uint8]:
    kinds = np.full(256, _SIGN, np.uint8)
    kinds[[*b"0123456789", *range(65, 91), *range(97, 123)]] = _PLAIN
    kinds[[*b"sS"]] = _FORM
    kinds[0x80:0xC0] = _BEHIND
    kinds[0xC0:0xE0] = _PLAIN
    kinds[[0xC2, 0xC5, 0xCD]] = _SIGN
    kinds[0xE4:0xEE] = _FAR
    kinds[0xEE:] = _PLAIN
    return kinds


BYTE_KINDS = _byte_kinds()


@compiled
def _is_plain(byte: int) -> bool:
    """Tell whether a byte is an ASCII letter or digit."""
    return 97 <= byte | 32 <= 122 or 48 <= byte <= 57


@compiled
def _of_form(data: Bytes, at: int, end: int) -> int:
    """Tell whether an s may begin a legal form that is written in pieces."""
    following = data[at + 1] if at + 1 < end else 32
    letter = _is_plain(following) or (following >= 0x80 and following not in _SIGNS_LEAD)
    return 0 if letter else ASK


@compiled
def _of_sign(data: Bytes, at: int, before: int, last: bool) -> int:
    """Tell what a character that is no ASCII letter or digit means behind the byte before it."""
    byte = data[at]
    if byte == 32:
        return UNTIDY if before == 32 else 0
    if byte >= 0x80:
        return _of_others(data, at, before)
    if byte < 32:
        blank = UNTIDY if 9 <= byte <= 13 else 0
        return blank if byte == 0x1D else blank | ODD
    if byte == 39 and before == 32:  # '
        return ASK
    return SIGNS if byte in _CUTS or (byte == 44 and not last) else 0


_CUTS = (59, 34, 40, 41, 123, 125, 91, 93, 42)
"""The signs ; " ( ) { } [ ] *"""
_SIGNS_LEAD = (0xC2, 0xCC, 0xCD, 0xE2)
"""First bytes of characters that may be no letters, in names of Latin letters."""


@compiled
def _of_others(data: Bytes, at: int, before: int) -> int:
    """Tell what a character beyond ASCII means by its first bytes."""
    byte, second = data[at], data[at + 1]
    if byte == 0xC2:
        return UNTIDY if second in (0x85, 0xA0) else SIGNS if second in (0xAB, 0xBB) else 0
    if byte < 0xE0:
        odd = byte == 0xCD and second == 0x85
        return ASK if byte == 0xC5 and second == 0xBF else ODD if odd else 0  # ſ is an s
    if byte == 0xE0:
        return THAI if second in (0xB8, 0xB9) else 0
    if byte == 0xE3:
        blank = second == 0x80 and data[at + 2] == 0x80
        return UNTIDY if blank else FAR
    return _of_punctuation(byte, second, data[at + 2], before)


@compiled
def _of_punctuation(byte: int, second: int, third: int, before: int) -> int:
    """Tell what a character of three bytes means that begins with E1 or E2."""
    if byte == 0xE1 or second != 0x80:
        ogham, space = second == 0x9A and third == 0x80, second == 0x81 and third == 0x9F
        return UNTIDY if (ogham if byte == 0xE1 else space) else 0
    if third in _QUOTES:
        return SIGNS | ASK if third == 0x98 and before == 32 else SIGNS
    return UNTIDY if third <= 0x8A or third in (0xA8, 0xA9, 0xAF) else 0


_QUOTES = (0x98, 0x9C, 0x9D, 0x9E)
"""Last bytes of ‘ “ ” „"""


@compiled
def hash_shapes(
    firsts: NDArray[np.int64],
    codes: Numbers,
    classes: NDArray[np.int32],
    regional: NDArray[np.bool_],
    regions: NDArray[np.int64],
    kinds: NDArray[np.int32],
) -> NDArray[np.uint64]:
    """Hash what the reading of each name looks at: the classes of its words, and its region.

    Args:
        firsts: Number of the first word of each name, and of all words.
        codes: Distinct word of each word.
        classes: Class of each distinct word, in the first row where second given names count, in
            the second elsewhere.
        regional: Whether the region decides what a distinct word is.
        regions: Region of each name.
        kinds: Of each region the row of `classes`, and its way of reading.

    Returns:
        Hashes of names with at least one word; the others are 0.
    """
    hashes = np.zeros(len(firsts) - 1, np.uint64)
    for row in range(len(hashes)):
        begin, end = firsts[row], firsts[row + 1]
        if begin == end:
            continue
        state, own, kind = _SEED, False, kinds[regions[row], 0]
        for at in range(begin, end):
            code = codes[at]
            own = own or regional[code]
            state = mix(state, np.uint64(classes[kind, code]))
        region = regions[row] if own else -1 - kinds[regions[row], 1]
        state = mix(mix(state, np.uint64(end - begin)), np.uint64(region + (1 << 20)))
        hashes[row] = mix(state, np.uint64(1))
    return hashes


@compiled
def hash_parts(data: Bytes, offsets: Offsets) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Hash the parts of words, whatever their case: runs of ASCII letters and of other bytes.

    Args:
        data: UTF-8 of all words; those beyond ASCII are in lower case.
        offsets: Where each begins, and the end of the last.

    Returns:
        Where the parts of each word begin, and their number; and their hashes.
    """
    begins, found = np.zeros(len(offsets), np.int64), 0
    hashes = np.empty(len(data) // 2 + len(offsets), np.uint64)
    for row in range(len(offsets) - 1):
        state = _SEED
        for at in range(offsets[row], offsets[row + 1]):
            byte = data[at]
            if byte >= 0x80 or 97 <= byte | 32 <= 122:
                state = mix(state, np.uint64(byte if byte >= 0x80 else byte | 32))
            elif state != _SEED:
                hashes[found], state = state, _SEED
                found += 1
        if state != _SEED:
            hashes[found] = state
            found += 1
        begins[row + 1] = found
    return begins, hashes


@compiled
def name_case(data: Bytes, offsets: Offsets) -> NDArray[np.uint8]:
    """Tell the case and length of words of two ASCII letters or more.

    Args:
        data: UTF-8 of all words.
        offsets: Where each begins, and the end of the last.

    Returns:
        Index into `CASES`, 0 for all other words.
    """
    told = np.zeros(len(offsets) - 1, np.uint8)
    for row in range(len(told)):
        begin, end = offsets[row], offsets[row + 1]
        upper, lower, vowels = 0, 0, 0
        for at in range(begin, end):
            byte = data[at]
            upper += 65 <= byte <= 90
            lower += 97 <= byte <= 122
            vowels += byte | 32 in _VOWELS
        length = end - begin
        if length < 2 or upper + lower < length:
            continue
        if lower:
            told[row] = 1 + min(length - 2, 1) + (0 if upper else 2)
        else:
            told[row] = 5 + 2 * min(length - 2, 2) + (1 if vowels else 0)
    return told


_VOWELS = (97, 101, 105, 111, 117, 121)
CASES = ("", "lT2", "lT3", "lL2", "lL3", "lU2-", "lU2a", "lU3-", "lU3a", "lU4-", "lU4v")
"""Classes of Latin words (`name_classes`)."""


@compiled
def have_twins(
    rows: NDArray[np.int64],
    firsts: NDArray[np.int64],
    codes: Numbers,
    begins: NDArray[np.int64],
    parts: NDArray[np.uint64],
) -> NDArray[np.bool_]:
    """Tell whether two words, or parts of words, of a name are the same.

    Args:
        rows: The names.
        firsts: Number of the first word of each name.
        codes: Distinct word of each word.
        begins: Where the parts of each distinct word begin in `parts`, and their number.
        parts: Hashes of parts of words.
    """
    told = np.zeros(len(rows), np.bool_)
    for which in range(len(rows)):
        row = rows[which]
        begin, end = firsts[row], firsts[row + 1]
        for at in range(begin, end):
            for part in range(begins[codes[at]], begins[codes[at] + 1]):
                for other in range(at, end):
                    for beside in range(begins[codes[other]], begins[codes[other] + 1]):
                        if (other > at or beside > part) and parts[beside] == parts[part]:
                            told[which] = True
    return told
