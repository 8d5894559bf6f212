"""Shapes of organizations' names: the words that matter as they are, all others as one sign.

`Nord Wind GmbH` and `Alfa Beta GmbH` have one shape, so whatever the scalar reading makes of one of
them holds for both. A word matters if it may be part of a legal form where it stands (behind the
name, before it, or in the middle), or if it is anything but a word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, TextColumn, text_series
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.shapes import mix
from crmmigrate.standardize.organization_tokens import Cells, Table, find_slot, read_cells
from crmmigrate.standardize.organization_words import BITS, MARKS, SIGNS, tell_words
from crmmigrate.values.legal_forms import FormBook

__all__ = ["FLAGS", "Shapes", "shapes_of", "slices_of"]

_MOST_WORDS = 20
_BACK, _FRONT, _FINAL, _RUN = BITS["back"], BITS["front"], BITS["final"], BITS["run"]
_WITHIN, _TITLE, _OPENS, _CLOSES = BITS["within"], BITS["title"], BITS["opens"], BITS["closes"]
_STARTS, _LOOSE = BITS["starts"], BITS["loose"]
_STATE, _BRACKETED, _LETTERED = BITS["state"], BITS["bracketed"], BITS["lettered"]
_PLAIN, _COMMA, _SLOW, _MAIL = MARKS["plain"], MARKS["comma"], MARKS["slow"], MARKS["mail"]
_SIGN_RUN, _SIGN_COMMA, _SIGN_SEVERAL = SIGNS["run"], SIGNS["comma"], SIGNS["several"]
_HEADED, _TAILED = SIGNS["headed"], SIGNS["tailed"]

FLAGS = {"lower": MARKS["lower"], "upper": MARKS["upper"], "headed": 4, "mail": MARKS["mail"]}
"""What is known of a row: whether a word of it has small letters or capitals, whether its first word
may be a form, and whether a word is an address of mail."""
_MARKED, _FLAG_HEADED = FLAGS["lower"] | FLAGS["upper"] | FLAGS["mail"], FLAGS["headed"]

_SEED = np.uint64(0xCBF29CE484222325)


@dataclass(frozen=True, slots=True)
class Shapes:
    r"""Rows with their shapes.

    Attributes:
        cells: The names cut into words, all their `marks` told.
        shape: Number of each row's shape, or -1 for rows that want the scalar reading.
        flags: What is known of each row, as in FLAGS.
        zones: Number of the region of each shape.
        pieces: Words of each shape, in which `\ue000` stands for one word and `\ue001` for several.
        bits: What each different word may be.
    """

    cells: Cells
    shape: NDArray[np.int32]
    flags: NDArray[np.uint8]
    zones: NDArray[np.int64]
    pieces: Sequence[tuple[str, ...]]
    bits: NDArray[np.uint16]

    def find_words(self, places: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return which word of each row has a place in the pieces of its shape, 0 for place 0."""
        cells, words = self.cells, np.zeros(len(self.shape), np.int32)
        _find_words(cells.places, cells.begins, self.bits, self.shape, places, words)
        return words


def shapes_of(column: TextColumn, zones: NDArray[np.int64], books: Sequence[FormBook]) -> Shapes:
    """Return the shapes of names; names that cannot have one are left out.

    Args:
        column: Names.
        zones: Number of each row's region.
        books: Legal forms of the regions, in the order of their numbers.
    """
    cells = read_cells(column, zones, books)
    words = _tell(column, cells, books)
    shape, flags = np.full(len(column), -1, np.int32), np.zeros(len(column), np.uint8)
    noisy = np.array([bool(book.noise) for book in books], np.bool_)
    facts = _Facts(
        *(column.data, cells.cells, cells.places, cells.begins, zones, noisy),
        *(words.bits, words.signs, cells.marks),
    )
    models = _number_all(facts, shape, flags)
    kept = np.full((len(models), _MOST_WORDS), -1, np.int64)
    _spell(cells.places, cells.begins, models, words.bits, cells.marks, kept)
    return Shapes(cells, shape, flags, zones[models], _pieces(kept, words), words.bits)


@dataclass(frozen=True, slots=True)
class _Words:
    """What each different word may be.

    Attributes:
        bits: As in BITS.
        signs: How it counts usually, before the name and behind it.
        told: Numbers of the words that are not plain.
        spelt: These, as they are written and as they count where they are no part of a form.
    """

    bits: NDArray[np.uint16]
    signs: NDArray[np.int64]
    told: NDArray[np.int64]
    spelt: tuple[pl.Series, pl.Series]


def _tell(column: TextColumn, cells: Cells, books: Sequence[FormBook]) -> _Words:
    """Tell the words that are not plain one by one."""
    plain = (cells.marks & _PLAIN) != 0
    sign = np.where((cells.marks & _COMMA) != 0, _SIGN_COMMA, _SIGN_RUN)
    signs = np.repeat(sign[:, None], 3, axis=1)
    bits = np.where(sign == _SIGN_RUN, _RUN | _LOOSE, _LOOSE).astype(np.uint16)
    left = np.flatnonzero(~plain)
    texts = slices_of(column, *cells.spans[left].T)
    told = tell_words(texts, pl.Series(cells.zones[left].astype(np.uint32)), books)
    bits[left] = told["bits"].to_numpy()
    cells.marks[left] = told["marks"].to_numpy()
    signs[left] = _signs(told, left)
    return _Words(bits, signs, left, (texts, told["middle"]))


def _signs(told: pl.DataFrame, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how each word counts: usually, before the name, and behind it."""
    shared = told["shared"].to_numpy()
    middle = told["middle"]
    alike = numbers[told["any_case"].to_numpy()]
    usual = np.where(shared < 0, alike * 4 + SIGNS["own"], numbers[shared] * 4 + SIGNS["shared"])
    usual[(middle == "\ue000").to_numpy()] = _SIGN_RUN
    usual[(middle == "\ue000,").to_numpy()] = _SIGN_COMMA
    return np.stack([usual, numbers * 4 + _HEADED, alike * 4 + _TAILED], axis=1)


def slices_of(column: TextColumn, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> pl.Series:
    """Return pieces of a column's bytes as texts."""
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(ends - starts)))
    data = np.empty(max(int(offsets[-1]), 1), np.uint8)
    _copy(column.data, np.ascontiguousarray(starts), offsets, data)
    return text_series("word", data, offsets)


@compiled
def _copy(
    data: Bytes, starts: NDArray[np.int64], offsets: NDArray[np.int64], out: NDArray[np.uint8]
) -> None:
    for word in range(len(starts)):
        shift = starts[word] - offsets[word]
        for at in range(offsets[word], offsets[word + 1]):
            out[at] = data[at + shift]


def _pieces(kept: NDArray[np.int64], words: _Words) -> list[tuple[str, ...]]:
    """Write each shape as words."""
    used = np.unique(kept[kept >= 0])
    spelt = dict(_SPELT)
    for part, texts in enumerate(words.spelt):
        numbers = used[used & 1 == part]
        pieces = texts[np.searchsorted(words.told, numbers >> 1)]
        spelt.update(zip(numbers.tolist(), pieces, strict=True))
    sizes = (kept != -1).sum(axis=1).tolist()
    rows = zip(kept.tolist(), sizes, strict=True)
    return [tuple(map(spelt.__getitem__, row[:size])) for row, size in rows]


_SPELT: Mapping[int, str] = {-2: "\ue000", -3: "\ue001", -4: "\ue000,"}
"""How plain words are kept: one, several, one with a comma."""


@compiled
def _ends_of(
    places: NDArray[np.int32], bits: NDArray[np.uint16], start: int, end: int
) -> tuple[int, int]:
    """Return where the words end that may be forms before a name, and where those behind it begin."""
    head = start
    if bits[places[start]] & _STARTS:
        while head < end and bits[places[head]] & _FRONT:
            head += 1
    tail = end
    if bits[places[end - 1]] & _FINAL:
        while tail > head and bits[places[tail - 1]] & _BACK:
            tail -= 1
    return head, tail


@compiled
def _is_inert(places: NDArray[np.int32], bits: NDArray[np.uint16], at: int) -> bool:
    """Tell whether a word inside a name says nothing, wherever it stands there."""
    bit = bits[places[at]]
    beside = bits[places[at - 1]] | bits[places[at + 1]]
    return bool(bit & _LOOSE) and not bit & beside & _WITHIN


@compiled
def _is_formed(places: NDArray[np.int32], bits: NDArray[np.uint16], at: int) -> bool:
    """Tell whether a word may be one of a form behind a name."""
    return bool(bits[places[at]] & _BACK)


@compiled
def _outline(
    places: NDArray[np.int32],
    bits: NDArray[np.uint16],
    start: int,
    end: int,
    outline: NDArray[np.int64],
) -> int:
    """List what counts of a row: 4 × the place of a word + how it counts there; return how many.

    Words count usually (0), before the name (1) or behind it (2); so do those that may be a form before
    a note in brackets. Of the name its first and its last
    word count, and those between them that may be a form there; all others beside such a form are
    one sign (-1), as are plain words that stand together.
    """
    head, tail = _ends_of(places, bits, start, end)
    noted = (bits[places[end - 1]] & _BRACKETED) != 0
    inside = False
    for at in range(head + 1, tail - 1):
        inside |= not _is_inert(places, bits, at)
    for at in range(start + 1, end - 1 if noted else start):
        inside |= _is_formed(places, bits, at)
    count, several = 0, False
    for at in range(start, end):
        formed = noted and start < at < end - 1 and _is_formed(places, bits, at)
        ahead = noted and at < end - 2 and _is_formed(places, bits, at + 1)
        within = head < at < tail - 1 and not formed and not ahead
        inert = within and (not inside or _is_inert(places, bits, at))
        if inert and not inside:
            continue
        run = inert or (head <= at < tail and not formed and (bits[places[at]] & _RUN) != 0)
        if run and several:
            outline[count - 1] = -1
            continue
        kind = 1 if at < head else 2 if at >= tail or formed else 0
        outline[count] = -1 if inert else at * 4 + kind
        count, several = count + 1, run
    return count


@compiled
def _is_slow(places: NDArray[np.int32], bits: NDArray[np.uint16], start: int, end: int) -> bool:
    """Tell whether a row wants the scalar reading: a title, a trade name or a state behind a form."""
    if start == end or end - start > _MOST_WORDS or bits[places[start]] & _TITLE:
        return True
    last = bits[places[end - 1]]
    if last & _STATE or (end > start + 1 and last & bits[places[end - 2]] & _LETTERED):
        for at in range(start + 1, end - 1):
            if bits[places[at]] & _FINAL:
                return True
    for at in range(start + 1, end - 1):
        if bits[places[at]] & _CLOSES and bits[places[at - 1]] & _OPENS:
            return True
    return False


@compiled
def _is_dotted(data: Bytes, start: int, end: int) -> bool:
    """Tell whether the first word may have dots for blanks (`SC.ALFA.SRL`)."""
    dots, at = 0, start
    while at < end and data[at] != 32:
        dots += data[at] == 46
        at += 1
    return dots > 1 and data[at - 1] != 46


class _Facts(NamedTuple):
    """Rows of words, their regions (and which of these have words to drop), and what words may be."""

    data: Bytes
    cells: NDArray[np.int64]
    places: NDArray[np.int32]
    begins: NDArray[np.int64]
    zones: NDArray[np.int64]
    noisy: NDArray[np.bool_]
    bits: NDArray[np.uint16]
    signs: NDArray[np.int64]
    marks: NDArray[np.uint8]


def _number_all(
    facts: _Facts, shape: NDArray[np.int32], flags: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Number the shapes of all rows; return the first row of each."""
    table, row = Table.empty(1 << 14), 0
    models = np.zeros(table.room, np.int64)
    while True:
        slots, numbers = table.slots, table.numbers
        row, table.count = _number(facts, row, table.count, slots, numbers, models, shape, flags)
        if row == len(shape):
            return models[: table.count]
        table = table.wider()
        models = np.concatenate((models, np.zeros(table.room - len(models), np.int64)))


@compiled
def _number(
    facts: _Facts,
    row: int,
    count: int,
    slots: NDArray[np.uint64],
    numbers: NDArray[np.int32],
    models: NDArray[np.int64],
    shape: NDArray[np.int32],
    flags: NDArray[np.uint8],
) -> tuple[int, int]:
    """Number shapes until the table is full; return the next row and number."""
    places, begins, bits, zones = facts.places, facts.begins, facts.bits, facts.zones
    outline = np.zeros(_MOST_WORDS, np.int64)
    while row < len(shape) and count < len(models):
        start, end, mark = begins[row], begins[row + 1], 0
        for at in range(start, end):
            mark |= facts.marks[places[at]]
        slow = mark & _SLOW or (mark & _MAIL and end == start + 1)
        slow = slow or _is_slow(places, bits, start, end)
        if not slow and facts.noisy[zones[row]]:
            slow = _is_dotted(facts.data, facts.cells[row, 0], facts.cells[row, 1])
        if not slow:
            length = _outline(places, bits, start, end, outline)
            flags[row] = (mark & _MARKED) | (_FLAG_HEADED if outline[0] & 3 == 1 else 0)
            state = mix(_SEED, np.uint64(zones[row] + 1))
            for at in range(length):
                sign = _SIGN_SEVERAL
                if outline[at] >= 0:
                    word, kind = places[outline[at] >> 2], outline[at] & 3
                    alike = kind == 0 and bits[word] & _RUN  # most words, without a look elsewhere
                    sign = _SIGN_RUN if alike else facts.signs[word, kind]
                state = mix(state, np.uint64(sign))
            slot = find_slot(slots, state)
            if slots[slot] == 0:
                slots[slot], numbers[slot], models[count] = state, count, row
                count += 1
            shape[row] = numbers[slot]
        row += 1
    return row, count


@compiled
def _find_words(
    places: NDArray[np.int32],
    begins: NDArray[np.int64],
    bits: NDArray[np.uint16],
    shape: NDArray[np.int32],
    pieces: NDArray[np.int64],
    words: NDArray[np.int32],
) -> None:
    outline = np.zeros(_MOST_WORDS, np.int64)
    for row in range(len(shape)):
        piece = pieces[shape[row]] if shape[row] >= 0 else 0
        if piece:
            _outline(places, bits, begins[row], begins[row + 1], outline)
            words[row] = (outline[piece] >> 2) - begins[row]


@compiled
def _spell(
    places: NDArray[np.int32],
    begins: NDArray[np.int64],
    models: NDArray[np.int64],
    bits: NDArray[np.uint16],
    marks: NDArray[np.uint8],
    kept: NDArray[np.int64],
) -> None:
    """List what counts of each model: twice the number of a word, + 1 where its middle counts."""
    outline = np.zeros(_MOST_WORDS, np.int64)
    for shape in range(len(models)):
        start, end = begins[models[shape]], begins[models[shape] + 1]
        for at in range(_outline(places, bits, start, end, outline)):
            word = places[max(outline[at], 0) >> 2]
            plain = -4 if marks[word] & _COMMA else -2
            named = word * 2 + (1 if outline[at] & 3 == 0 else 0)
            told = plain if marks[word] & _PLAIN else named
            kept[shape, at] = -3 if outline[at] < 0 else told
