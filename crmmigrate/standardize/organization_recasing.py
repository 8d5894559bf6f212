"""Casing of organizations' names that are all in one case, word by word, in compiled loops.

Most words get one capital, which the loop writes by itself; how the others are spelled stands in
tables. Words of which the reading cuts a comma, a quote or a form stand at an end of the name, and
are spelled without it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn, text_column
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.compiled.views import uncounted
from crmmigrate.standardize.organization_casing import spell_words
from crmmigrate.standardize.organization_shapes import FLAGS, slices_of
from crmmigrate.standardize.organization_words import MARKS
from crmmigrate.values.legal_forms import FormBook

__all__ = [
    "Names",
    "Spelling",
    "bare_names",
    "bare_spelling",
    "copy",
    "form_span",
    "has_letters",
    "is_loud",
    "is_same",
    "name_span",
    "recase",
    "spell_names",
    "stays",
]

_LOWER, _UPPER = FLAGS["lower"], FLAGS["upper"]
_TITLED = MARKS["titled"]
_BRAND = 4
"""Single words up to this length may be brands."""


class Names(NamedTuple):
    """Names with their shapes, as arrays: see `TextColumn`, `Cells` and `Shapes`.

    Attributes:
        shape: Number of each row's shape, or -1 for rows that are left out.
        cut: Characters of the cell before and behind the name, and number of the words of a form in
            the middle of it, by shape.
        forms: Which word of each row is the first of that form, 0 where none is.
    """

    data: Bytes
    offsets: Offsets
    cells: NDArray[np.int64]
    places: NDArray[np.int32]
    begins: NDArray[np.int64]
    marks: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    shape: NDArray[np.int32]
    cut: NDArray[np.int64]
    forms: NDArray[np.int32]


class Spelling(NamedTuple):
    """How the words of names in one case are written.

    Attributes:
        at: Row of each different word in `inner` and `outer`, or -1.
        inner: Spellings inside a name, and their offsets.
        outer: Spellings at its ends, and their offsets.
        ends: Row of the column, first byte and end of each word that was cut.
        short: Spellings of these, and their offsets.
    """

    at: NDArray[np.int64]
    inner: Bytes
    inner_offsets: Offsets
    outer: Bytes
    outer_offsets: Offsets
    ends: NDArray[np.int64]
    short: Bytes
    short_offsets: Offsets


@inlined
def bare_names(names: Names) -> Names:
    """Return arrays without owners: see `uncounted`."""
    return Names(
        uncounted(names.data), uncounted(names.offsets), uncounted(names.cells),
        uncounted(names.places), uncounted(names.begins), uncounted(names.marks),
        uncounted(names.flags), uncounted(names.shape), uncounted(names.cut),
        uncounted(names.forms),
    )  # fmt: skip


@inlined
def bare_spelling(spelling: Spelling) -> Spelling:
    """Return arrays without owners: see `uncounted`."""
    return Spelling(
        uncounted(spelling.at), uncounted(spelling.inner), uncounted(spelling.inner_offsets),
        uncounted(spelling.outer), uncounted(spelling.outer_offsets), uncounted(spelling.ends),
        uncounted(spelling.short), uncounted(spelling.short_offsets),
    )  # fmt: skip


def spell_names(
    column: TextColumn,
    names: Names,
    spans: NDArray[np.int64],
    homes: tuple[NDArray[np.int64], NDArray[np.int64]],
    books: Sequence[FormBook],
) -> Spelling:
    """Spell the words of names in one case that are more than a capital and small letters.

    Args:
        column: Names.
        names: The same with their shapes.
        spans: First byte and end of each different word.
        homes: Number of the region of each different word, and of each row.
        books: Legal forms of the regions, in the order of their numbers.
    """
    needed = np.zeros(len(names.marks), np.bool_)
    ends = _need(names, needed)
    words = np.flatnonzero(needed)
    at = np.full(len(needed), -1, np.int64)
    at[words] = np.arange(len(words))
    texts = [slices_of(column, *spans[words].T), slices_of(column, *ends[:, 1:].T)]
    home = np.concatenate((homes[0][words], homes[1][ends[:, 0]])).astype(np.uint32)
    regions = [book.region for book in books]
    spelt = spell_words(pl.concat(texts, rechunk=True), regions, pl.Series(home))
    whole, cut = spelt[: len(words)], spelt[len(words) :]
    inner, outer, short = (text_column(s) for s in (whole["inner"], whole["outer"], cut["outer"]))
    return Spelling(
        *(at, inner.data, inner.offsets, outer.data, outer.offsets),
        *(ends, short.data, short.offsets),
    )


@compiled
def _need(names: Names, needed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Mark the words whose spelling must be known; return row, begin and end of the cut ones."""
    data, cells, cut, shape, flags = names.data, names.cells, names.cut, names.shape, names.flags
    ends, count = np.zeros((64, 3), np.int64), 0
    for row in range(len(shape)):
        if shape[row] < 0 or not is_loud(flags[row]):
            continue
        first, last = cells[row, 0], cells[row, 1]
        start, stop = name_span(data, first, last, cut[shape[row], 0], cut[shape[row], 1])
        if stays(data, start, stop, flags[row]):
            continue
        place = _place_of(data, first, start, names.begins[row])
        while start < stop:
            end = _word_end(data, start, stop)
            if _is_whole(data, first, last, start, end):
                word = names.places[place]
                needed[word] |= (names.marks[word] & _TITLED) == 0
            else:
                if count == len(ends):
                    ends = np.concatenate((ends, np.zeros_like(ends)))
                ends[count, 0], ends[count, 1], ends[count, 2] = row, start, end
                count += 1
            start, place = end + 1, place + 1
    return ends[:count].copy()


@compiled
def name_span(data: Bytes, first: int, last: int, before: int, behind: int) -> tuple[int, int]:
    """Return where a name begins and ends: some characters behind and before the ends of a cell."""
    start, end = first, last
    while before > 0 and start < last:
        start += 1
        while start < last and (data[start] & 192) == 128:
            start += 1
        before -= 1
    while behind > 0 and end > first:
        end -= 1
        while end > first and (data[end] & 192) == 128:
            end -= 1
        behind -= 1
    return start, end


@compiled
def form_span(data: Bytes, first: int, word: int, width: int) -> tuple[int, int]:
    """Return where some words of a cell begin, with the blank before them, and end."""
    if word == 0:
        return 0, 0
    begin = first
    while word > 0:
        word -= data[begin] == 32
        begin += 1
    end = begin
    while width > 0:
        end += 1
        width -= data[end] == 32
    return begin - 1, end


@compiled
def is_loud(flag: int) -> bool:
    """Tell whether a row has letters of one case only."""
    case = flag & (_LOWER | _UPPER)
    return case in (_LOWER, _UPPER)


@compiled
def has_letters(data: Bytes, start: int, end: int) -> bool:
    """Tell whether two letters surely stand in a text: ASCII, Latin, Greek or Cyrillic ones."""
    letters = 0
    for at in range(start, end):
        byte = data[at]
        letters += 97 <= (byte | 32) <= 122 or byte in (0xC4, 0xC5, 0xD0, 0xD1)
        letters += byte == 0xCE and data[at + 1] >= 0x91
        if letters > 1:
            return True
    return False


@compiled
def stays(data: Bytes, start: int, end: int, flag: int) -> bool:
    """Tell whether a name in one case is a short word in capitals, which may be a brand."""
    signs = 0
    for at in range(start, end):
        signs += (data[at] & 192) != 128
        if data[at] == 32 or signs > _BRAND:
            return False
    return (flag & (_LOWER | _UPPER)) == _UPPER


@compiled
def _place_of(data: Bytes, first: int, start: int, place: int) -> int:
    """Return the place of the word at a byte of a row."""
    for at in range(first, start):
        place += data[at] == 32
    return place


@compiled
def _word_end(data: Bytes, start: int, stop: int) -> int:
    while start < stop and data[start] != 32:
        start += 1
    return start


@compiled
def _is_whole(data: Bytes, first: int, last: int, start: int, end: int) -> bool:
    """Tell whether a word of a name is a whole word of its cell."""
    return (start == first or data[start - 1] == 32) and (end == last or data[end] == 32)


@compiled
def copy(out: NDArray[np.uint8], at: int, data: Bytes, start: int, end: int) -> int:
    """Write some bytes behind `at`; return where they end."""
    for place in range(start, end):
        out[at] = data[place]
        at += 1
    return at


@compiled
def _copy_titled(out: NDArray[np.uint8], at: int, data: Bytes, start: int, end: int) -> int:
    """Write an ASCII word with one capital a piece."""
    for place in range(start, end):
        byte = data[place]
        if (byte | 32) >= 97:
            large = place == start or data[place - 1] == 45
            byte = byte & 223 if large else byte | 32
        out[at] = byte
        at += 1
    return at


@compiled
def is_same(
    data: Bytes, start: int, end: int, other: NDArray[np.uint8], at: int, stop: int
) -> bool:
    """Tell whether two runs of bytes are the same."""
    if end - start != stop - at:
        return False
    for place in range(end - start):  # noqa: SIM110 - compiled to a loop over bytes
        if data[start + place] != other[at + place]:
            return False
    return True


@inlined
def recase(
    names: Names,
    spelling: Spelling,
    row: int,
    span: tuple[int, int],
    form: tuple[int, int],
    out: NDArray[np.uint8],
    at: int,
) -> tuple[int, int, bool, bool]:
    """Write the name of a row, which is what stands in `span`, word by word behind `at`.

    What stands in `form`, the words of a form in the middle and the blank before them, is left out.

    Returns:
        Where it ends, where the form would stand, whether its first word has changed, and any.
    """
    data, first, last = names.data, names.cells[row, 0], names.cells[row, 1]
    start, stop = span
    place = _place_of(data, first, start, names.begins[row])
    other, changed, middle = False, False, at
    while start < stop:
        if start == form[0] + 1 and form[1] > form[0]:
            middle, place = at - 1, place + names.cut[names.shape[row], 2]
            start = form[1] + 1
        end, begun, word = _word_end(data, start, stop), at, names.places[place]
        if not _is_whole(data, first, last, start, end):
            short = _find_end(spelling.ends, start)
            at = _copy_row(out, at, spelling.short, spelling.short_offsets, short)
        elif names.marks[word] & _TITLED:
            at = _copy_titled(out, at, data, start, end)
        elif span[0] < start and end < stop:
            at = _copy_row(out, at, spelling.inner, spelling.inner_offsets, spelling.at[word])
        else:
            at = _copy_row(out, at, spelling.outer, spelling.outer_offsets, spelling.at[word])
        changed |= not is_same(data, start, end, out, begun, at)
        other = changed if start == span[0] else other
        out[at] = 32  # The blank behind the last word is not counted, and written over.
        at += end < stop
        start, place = end + 1, place + 1
    return at, middle, other, changed


@compiled
def _find_end(ends: NDArray[np.int64], start: int) -> int:
    """Return the place of a cut word by its first byte, in the order of which they stand."""
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high) // 2
        if ends[middle, 1] < start:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _copy_row(out: NDArray[np.uint8], at: int, data: Bytes, offsets: Offsets, row: int) -> int:
    return copy(out, at, data, offsets[row], offsets[row + 1])
