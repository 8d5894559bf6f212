"""Write the parts of addresses from plans: signs that stand fixed, and what stands in the slots."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn, text_series
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.compiled.views import uncounted
from crmmigrate.standardize.address_hashes import SEED, decode, mix_fold
from crmmigrate.standardize.address_letters import LOWER, UPPER, letters
from crmmigrate.standardize.address_templates import COPY, FORMS, GROUP, HYPHEN, SMALL, TITLE, Piece
from crmmigrate.standardize.address_tokens import Tokens
from crmmigrate.standardize.address_vocabulary import Vocabulary

__all__ = ["Filled", "fill_column", "fold_hashes", "form_table"]

_ROOM = 8192
"""Bytes that are free in the buffer before a row is written; no row needs more."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One column of texts.

    Attributes:
        texts: What was written; null where the plan has no piece.
        failed: Rows whose letters have no other case of the same length.
    """

    texts: pl.Series
    failed: NDArray[np.bool_]


Blob = tuple[Bytes, NDArray[np.int64]]


def form_table(vocabulary: Vocabulary) -> Blob:
    """Return what each word is written as, in the order of FORMS, one text behind the other."""
    texts = [text.encode() for form in FORMS for text in vocabulary.forms[form]]
    ends = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    return np.frombuffer(b"".join(texts) or b"\0", np.uint8), ends


def fill_column(
    name: str,
    column: TextColumn,
    tokens: Tokens,
    plans: NDArray[np.int64],
    templates: Sequence[Sequence[Piece]],
    forms: Blob,
) -> Filled:
    """Write one part of every row.

    Args:
        name: Of the part.
        column: The texts.
        tokens: Their slots.
        plans: Which template each row follows.
        templates: Pieces of each plan, none where it has no such part.
        forms: From `form_table`.
    """
    known = letters()
    begins = np.cumsum([0, *map(len, templates)]).astype(np.int64)
    pieces = np.zeros((max(int(begins[-1]), 1), 3), np.int64)
    fixed = bytearray()
    for at, piece in enumerate(p for template in templates for p in template):
        if isinstance(piece, str):
            written = piece.encode()
            pieces[at] = (-1, len(fixed), len(written))
            fixed += written
        else:
            pieces[at] = (*piece, 0)
    offsets = np.zeros(len(column) + 1, np.int64)
    failed = np.zeros(len(column), np.bool_)
    data = _fill(
        column.data, column.offsets, tokens.slots, plans, begins, pieces,
        np.frombuffer(bytes(fixed) or b"\0", np.uint8), forms, (known.kinds, known.lower, known.upper),
        offsets, failed,
    )  # fmt: skip
    missing = (np.diff(begins) == 0)[plans]
    return Filled(text_series(name, data, offsets, missing), failed)


_Chars = tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]
"""Kinds, small and capital letters of code points."""


@compiled
def _fill(
    data: Bytes, offsets: Offsets, slots: NDArray[np.int16], plans: NDArray[np.int64],
    begins: NDArray[np.int64], pieces: NDArray[np.int64], fixed: Bytes, forms: Blob, chars: _Chars,
    new: Offsets, failed: NDArray[np.bool_],
) -> Bytes:  # fmt: skip
    held = np.empty(max(len(data), 1) + _ROOM, np.uint8)
    data, out, fixed = uncounted(data), uncounted(held), uncounted(fixed)
    chars = (uncounted(chars[0]), uncounted(chars[1]), uncounted(chars[2]))
    forms = (uncounted(forms[0]), uncounted(forms[1]))
    words = (len(forms[1]) - 1) // len(FORMS)
    at = 0
    for row in range(len(plans)):
        if at + _ROOM > len(out):
            larger = np.empty(len(out) * 2, np.uint8)
            larger[:at] = held[:at]
            held = larger
            out = uncounted(held)
        for number in range(begins[plans[row]], begins[plans[row] + 1]):
            slot, way = pieces[number, 0], pieces[number, 1]
            if slot < 0:
                at = _copy(fixed, way, way + pieces[number, 2], out, at)
                continue
            begin, end = offsets[row] + slots[row, slot, 1], offsets[row] + slots[row, slot, 2]
            if way >= SMALL:
                form = (way - SMALL) * words + slots[row, slot, 3]
                at = _copy(forms[0], forms[1][form], forms[1][form + 1], out, at)
            elif way >= GROUP:
                at = _grouped(data, begin, end, way, out, at)
            elif way == COPY:
                at = _copy_once(data, begin, end, out, at)
            else:
                at = _recased(data, begin, end, way, chars, out, at)
            if at < 0:
                failed[row], at = True, new[row]
                break
        new[row + 1] = at
    return held[:at]


@inlined
def _copy(data: Bytes, begin: int, end: int, out: Bytes, at: int) -> int:
    for byte in range(begin, end):
        out[at] = data[byte]
        at += 1
    return at


@inlined
def _copy_once(data: Bytes, begin: int, end: int, out: Bytes, at: int) -> int:
    """Copy text; of several blanks one is written."""
    before = 0
    for byte in range(begin, end):
        sign = data[byte]
        if sign != 32 or before != 32:
            out[at] = sign
            at += 1
        before = sign
    return at


@compiled
def _recased(
    data: Bytes, begin: int, end: int, way: int, chars: _Chars, out: Bytes, at: int
) -> int:
    """Write words with a capital first, or in capitals; -1 if a letter has no such form.

    Of several blanks one is written.
    """
    place, letter, head = 0, begin, False
    while letter < end:
        point, size = decode(data, letter, end)
        kind = chars[0][point] if point < len(chars[0]) else np.uint8(0)
        changed = point
        if kind in (UPPER, LOWER):
            great = way != TITLE or place == 0 or (head and place == 2)
            if place == 1:
                head = (
                    (point | 32) == 99
                    and (out[at - 1] | 32) == 109
                    and _long(data, letter, end, chars[0])
                )
            changed = int(chars[2][point] if great else chars[1][point])
            if changed < 0 or (changed != point and point == 0x3A3):
                return -1
            place += 1
        else:
            place, head = 0, False
        if point != 32 or letter == begin or data[letter - 1] != 32:
            at = _write(data, letter, size, point, changed, out, at)
        letter += size
    return at


@inlined
def _write(
    data: Bytes, letter: int, size: int, point: int, changed: int, out: Bytes, at: int
) -> int:
    """Write a code point, or another of the same length in its place."""
    if changed == point:
        for byte in range(size):
            out[at + byte] = data[letter + byte]
    elif size == 1:
        out[at] = changed
    elif size == 2:
        out[at] = 0xC0 | (changed >> 6)
        out[at + 1] = 0x80 | (changed & 0x3F)
    else:
        out[at] = 0xE0 | (changed >> 12)
        out[at + 1] = 0x80 | ((changed >> 6) & 0x3F)
        out[at + 2] = 0x80 | (changed & 0x3F)
    return at + size


@compiled
def _long(data: Bytes, at: int, end: int, kinds: NDArray[np.uint8]) -> bool:
    """Tell whether three more ASCII letters, and nothing but these, end the word behind a `c`."""
    count = 0
    at += 1
    while at < end:
        point, _ = decode(data, at, end)
        kind = kinds[point] if point < len(kinds) else 0
        if kind not in (UPPER, LOWER):
            break
        if point >= 128:
            return False
        count += 1
        at += 1
    return count >= 3


@compiled
def _grouped(data: Bytes, begin: int, end: int, way: int, out: Bytes, at: int) -> int:
    """Write a postcode in capitals with a sign before its last ones."""
    between, behind = (45, way - HYPHEN) if way >= HYPHEN else (32, way - GROUP)
    length, place = 0, 0
    for byte in range(begin, end):
        length += data[byte] != 32
    for byte in range(begin, end):
        sign = data[byte]
        if sign == 32:
            continue
        if place == length - behind:
            out[at] = between
            at += 1
        out[at] = sign - 32 if 97 <= sign <= 122 else sign
        at += 1
        place += 1
    return at


def fold_hashes(column: TextColumn) -> NDArray[np.uint64]:
    """Return a hash of the lookup form of each text, the same for texts that say the same; 0 for null."""
    known = letters()
    hashes = np.zeros(len(column), np.uint64)
    _hash_folded(column.data, column.offsets, known.kinds, known.fold, hashes)
    return hashes


@compiled
def _hash_folded(
    data: Bytes,
    offsets: Offsets,
    kinds: NDArray[np.uint8],
    fold: NDArray[np.int32],
    hashes: NDArray[np.uint64],
) -> None:
    data, kinds, fold = uncounted(data), uncounted(kinds), uncounted(fold)
    for row in range(len(offsets) - 1):
        at, end, state = offsets[row], offsets[row + 1], SEED
        if at == end:
            continue
        while at < end:
            point, size = decode(data, at, end)
            state = mix_fold(state, point, kinds, fold)
            at += size
        hashes[row] = state | np.uint64(1)
