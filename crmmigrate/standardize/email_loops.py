"""Loops over the bytes of e-mail cells: which kind of cell each is, and where its address stands."""

import numpy as np

from crmmigrate.compiled.columns import Bytes, Offsets
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.shapes import mix
from crmmigrate.compiled.words import WordTable, find_word
from crmmigrate.standardize.email_address_loops import (
    ABOUT,
    BIG,
    CASED,
    FLAGS,
    FOUND,
    NONE,
    SURE,
    Found,
    are_safe,
    is_international,
    is_number_or_letter,
    read_address,
    read_mailbox,
)
from crmmigrate.standardize.email_tables import (
    BLANK,
    BROKEN_HOST,
    DOUBTFUL,
    GLUED,
    HOST,
    INTERNATIONAL,
    LEFT,
    LETTER,
    LOWER,
    MARKS,
    NAMED,
    NO_AT,
    NO_CELL,
    NO_HOST,
    NO_NAME,
    NOTHING,
    PAIR,
    PLAIN,
    SAFE,
    SLIP,
    SPOKEN,
    WORD,
    WRAPPED,
    Cells,
)

__all__ = ["read_cells"]

_LONGEST_CELL, _LONGEST_TEXT, _SHORT = 1000, 254, 60
_AT, _DOT, _COMMA, _HYPHEN, _UNDERSCORE, _BLANK, _QUOTE = 64, 46, 44, 45, 95, 32, 34


@compiled
def read_cells(data: Bytes, offsets: Offsets, table: WordTable, cells: Cells) -> None:
    """Fill `cells` where `kinds` is not `PLAIN`; it must be `LEFT` there."""
    found = np.zeros(FOUND, np.int64)
    scratch = np.zeros(_SHORT, np.uint8)
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        if cells.kinds[row] == PLAIN or begin == end or end - begin > _LONGEST_CELL:
            continue
        kind = _read_cell(data, begin, end, table, found, scratch)
        if kind == LEFT:
            continue
        cells.kinds[row] = kind
        cells.flags[row] = found[FLAGS]
        cells.cased[row] = found[CASED] + 2 * found[BIG]
        cells.hosts[row] = found[ABOUT]
        for at in range(8):
            cells.spans[row, at] = found[at] - begin


@compiled
def _read_cell(
    data: Bytes, begin: int, end: int, table: WordTable, found: Found, scratch: Bytes
) -> int:
    signs, beyond, first, last = 0, 0, begin, begin
    for at in range(begin, end):
        if data[at] == _AT:
            last = at
            if signs == 0:
                first = at
            signs += 1
        beyond |= data[at]
    if signs == 0:
        return _read_nothing(data, begin, end, table)
    if signs == 1 and beyond >= 128 and is_international(data, begin, first, end, found):
        return INTERNATIONAL
    if signs == 1 and beyond < 128:
        kind = _read_broken(data, begin, end, first, table, found, scratch)
        if kind != LEFT:
            return kind
    if signs == 1:
        return _read_wrapped(data, begin, end, first, table, found)
    if signs == 2 and beyond < 128:
        if _read_slip(data, begin, end, table, found, scratch):
            return SLIP
        return _read_pair(data, begin, end, first, last, table, found)
    return LEFT


@compiled
def _is_blank(byte: int) -> bool:
    return bool(MARKS[byte] & BLANK)


@compiled
def _read_wrapped(
    data: Bytes, begin: int, end: int, sign: int, table: WordTable, found: Found
) -> int:
    """Find the address around the one @ of a cell."""
    host, stop, to, at = sign + 1, sign + 1, sign, sign
    while host < end and _is_blank(data[host]):
        host += 1
    stop = host
    while stop < end and (MARKS[data[stop]] & HOST or data[stop] == _DOT):
        stop += 1
    while stop > host and data[stop - 1] == _DOT:
        stop -= 1
    while to > begin and _is_blank(data[to - 1]):
        to -= 1
    at = to
    while at > begin and MARKS[data[at - 1]] & SAFE:
        at -= 1
    if at == to or not (is_number_or_letter(data[at]) or data[at] == _UNDERSCORE):
        return LEFT
    if read_address(data, at, to, host, stop, table, found) != SURE:
        return LEFT
    if host - to == 1:
        if _ends_named(data, stop, end) and _read_name(data, begin, at, found):
            return NAMED
        if stop == end and _read_word(data, begin, at, to, table, found):
            return GLUED
    return WRAPPED


@compiled
def _ends_named(data: Bytes, begin: int, end: int) -> bool:
    while begin < end and _is_blank(data[begin]):
        begin += 1
    if begin == end or data[begin] not in (62, 93):
        return False
    for at in range(begin + 1, end):
        byte = data[at]
        if not (_is_blank(byte) or byte in (44, 59, _DOT)):
            return False
    return True


@compiled
def _read_name(data: Bytes, begin: int, end: int, found: Found) -> bool:
    """Find the name in `"Name" <`; the pattern is `email_cells.NAMED`."""
    while end > begin and _is_blank(data[end - 1]):
        end -= 1
    if end == begin or data[end - 1] not in (60, 91):
        return False
    end -= 1
    while begin < end and _is_blank(data[begin]):
        begin += 1
    if begin < end and data[begin] == _QUOTE:
        begin += 1
    while end > begin and _is_blank(data[end - 1]):
        end -= 1
    if end > begin and data[end - 1] == _QUOTE:
        end -= 1
    for at in range(begin, end):
        if MARKS[data[at]] & NO_NAME:
            return False
    while begin < end and (_is_blank(data[begin]) or data[begin] == 39):
        begin += 1
    while end > begin and (_is_blank(data[end - 1]) or data[end - 1] == 39):
        end -= 1
    if begin < end and data[begin] in (0xC2, 0xE1, 0xE3):
        return False  # perhaps a blank beyond ASCII
    found[4], found[5] = begin, end
    return True


@compiled
def _read_word(data: Bytes, begin: int, at: int, to: int, table: WordTable, found: Found) -> bool:
    """Find the word in `ion popescu@firma.ro` that may belong to the mailbox, which does not hold it."""
    if at - begin < 2 or data[at - 1] != _BLANK or to - begin > _SHORT:
        return False
    size = at - 1 - begin
    for place in range(begin, at - 1):
        if not 97 <= data[place] <= 122:
            return False  # a word with capitals is read as a name, not as a part of the mailbox
    for start in range(at, to - size + 1):
        same = 0
        while same < size and (data[start + same] | 32) == data[begin + same]:
            same += 1
        if same == size:
            return False
    state = np.uint64(WORD)
    for place in range(to - 1, begin - 1, -1):
        byte = np.int64(data[place])
        if 65 <= byte <= 90:
            byte += 32
        if place != at - 1:
            state = mix(state, np.uint64(byte))
    found[4], found[5] = begin, at - 1
    return not find_word(table, state) & LOWER


@compiled
def _read_pair(
    data: Bytes, begin: int, end: int, first: int, last: int, table: WordTable, found: Found
) -> int:
    """Read two different addresses with a separator."""
    stop, at = first + 1, last
    while stop < last and (MARKS[data[stop]] & HOST or data[stop] == _DOT):
        stop += 1
    while at > stop and MARKS[data[at - 1]] & SAFE:
        at -= 1
    if not _is_separator(data, stop, at):
        return LEFT
    if not (are_safe(data, begin, first) and are_safe(data, at, last)):
        return LEFT
    close = end - 1 if data[end - 1] in (44, 59) else end
    if read_address(data, at, last, last + 1, close, table, found) != SURE:
        return LEFT
    if found[FLAGS] & LOWER:
        return LEFT
    found[4], found[5], found[6], found[7] = at, last, last + 1, close
    if read_address(data, begin, first, first + 1, stop, table, found) != SURE:
        return LEFT
    size = stop - begin
    if size == close - at:
        same = 0
        while same < size and (data[begin + same] | 32) == (data[at + same] | 32):
            same += 1
        if same == size:
            return LEFT
    return PAIR


@compiled
def _is_separator(data: Bytes, begin: int, end: int) -> bool:
    """Tell whether one of `;,|/` stands between two addresses, perhaps with blanks, or a blank."""
    blanks, signs, slashes = 0, 0, 0
    for at in range(begin, end):
        byte = data[at]
        blanks += byte == _BLANK
        signs += byte in (44, 59, 124)
        slashes += byte == 47
    size = end - begin
    if size == 0 or blanks + signs + slashes != size or signs + slashes > 1:
        return False
    if size == 3:
        return bool(data[begin + 1] != _BLANK)
    return bool(size == 1 or (size == 2 and signs == 1))


@compiled
def _read_broken(
    data: Bytes,
    begin: int,
    end: int,
    sign: int,
    table: WordTable,
    found: Found,
    scratch: Bytes,
) -> int:
    """Read a single address with a slip, or without a domain."""
    if _read_slip(data, begin, end, table, found, scratch):
        return SLIP
    if _read_comma(data, begin, end, sign, table, found, scratch):
        return SLIP
    if end - begin > _SHORT or not are_safe(data, begin, sign):
        return LEFT
    if not read_mailbox(data, begin, sign, table, found) or found[FLAGS] & DOUBTFUL:
        return LEFT
    if sign + 1 == end:
        return NO_HOST
    right = _HYPHEN
    for at in range(sign + 1, end):
        if not (is_number_or_letter(data[at]) or (data[at] == _HYPHEN and right != _HYPHEN)):
            return LEFT
        right = data[at]
    return LEFT if right == _HYPHEN else BROKEN_HOST


@compiled
def _read_slip(
    data: Bytes, begin: int, end: int, table: WordTable, found: Found, scratch: Bytes
) -> bool:
    """Look for an address with one kind of slip: `..`, `.@`, `@.` or `@@`, in this order."""
    if end - begin > _SHORT or not is_number_or_letter(data[begin]):
        return False
    if not is_number_or_letter(data[end - 1]):
        return False
    for at in range(begin, end):
        if not (MARKS[data[at]] & SAFE or data[at] == _AT):
            return False
    for slip in range(4):
        left = _DOT if slip < 2 else _AT
        right = _DOT if slip in (0, 2) else _AT
        at, size, sign = begin, 0, -1
        while at < end:
            byte = data[at]
            if byte == left and at + 1 < end and data[at + 1] == right:
                byte = _DOT if slip == 0 else _AT
                at += 1
            if byte == _AT:
                sign = size
            scratch[size] = byte
            size += 1
            at += 1
        if size == end - begin or sign < 0:
            continue
        sure = read_address(scratch, 0, sign, sign + 1, size, table, found)
        if sure != NONE:
            for place in range(8):
                found[place] = begin
            found[4] = begin + slip
            return sure == SURE and not found[FLAGS] & LOWER
    return False


@compiled
def _read_comma(
    data: Bytes,
    begin: int,
    end: int,
    sign: int,
    table: WordTable,
    found: Found,
    scratch: Bytes,
) -> bool:
    """Look for an address with a comma for the one dot of its host: `ion@firma,ro`."""
    comma = sign + 1
    while comma < end and is_number_or_letter(data[comma]):
        comma += 1
    if end - begin > _SHORT or comma == sign + 1 or comma + 2 >= end or data[comma] != _COMMA:
        return False
    if not are_safe(data, begin, sign):
        return False
    for at in range(begin, end):
        scratch[at - begin] = _DOT if at == comma else data[at]
        if at > comma and not MARKS[data[at]] & LETTER:
            return False
    size = end - begin
    sure = read_address(scratch, 0, sign - begin, sign - begin + 1, size, table, found)
    for place in range(8):
        found[place] = begin
    found[4] = begin + 4
    return sure == SURE and not found[FLAGS] & LOWER


@compiled
def _read_nothing(data: Bytes, begin: int, end: int, table: WordTable) -> int:
    """Tell whether a cell without @ surely holds no address and no word that stands for nothing."""
    if end - begin > _LONGEST_TEXT:
        return LEFT
    token, letters, first, last = np.uint64(WORD), 0, end, begin
    for at in range(end - 1, begin - 1, -1):
        byte = np.int64(data[at])
        if MARKS[byte] & NO_CELL:
            return LEFT
        if 65 <= byte <= 90:
            byte += 32
        if byte != _BLANK:
            first = at
            last = max(last, at + 1)
        letters += is_number_or_letter(byte)
        if byte in (_BLANK, 40, 41, 91, 93, 123, 125):
            if _is_flagged(table, token, SPOKEN):
                return LEFT
            token = np.uint64(WORD)
        else:
            token = mix(token, np.uint64(byte))
    whole = np.uint64(WORD)
    for at in range(last - 1, first - 1, -1):
        byte = np.int64(data[at])
        whole = mix(whole, np.uint64(byte + 32 if 65 <= byte <= 90 else byte))
    if letters == 0 or _is_flagged(table, token, SPOKEN) or _is_flagged(table, whole, NOTHING):
        return LEFT
    return NO_AT


@compiled
def _is_flagged(table: WordTable, state: np.uint64, flag: int) -> bool:
    return bool(find_word(table, state) & flag)
