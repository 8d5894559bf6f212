"""Write the names of organizations as the reading of their shape says, by a compiled loop."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import (
    MOST_VIEWED,
    Bytes,
    Offsets,
    TextColumn,
    Views,
    text_column,
    viewed_series,
)
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.compiled.views import put_view, uncounted
from crmmigrate.standardize.organization_recasing import (
    Names,
    Spelling,
    bare_names,
    bare_spelling,
    copy,
    form_span,
    has_letters,
    is_loud,
    is_same,
    name_span,
    recase,
    spell_names,
    stays,
)
from crmmigrate.standardize.organization_shapes import FLAGS, Shapes
from crmmigrate.standardize.organization_templates import Slice
from crmmigrate.values.legal_forms import FormBook
from crmmigrate.values.organization_parse import NameParse

__all__ = ["BESIDE", "RULES", "SHARED", "Written", "write_names"]

_USUAL = ((), ("STD251",), ("STD252",), ("STD254",), ("STD251", "STD254"))
SHARED = len(_USUAL)
"""How much further in RULES those of names with a form of several countries are."""
BESIDE = 2 * SHARED
"""The same of names beside an address of mail."""
RULES = tuple((*codes, *more) for more in ((), ("STD262",), ("STD257",)) for codes in _USUAL)
"""What may be told of a plain name; the first of each kind is for names that stay as they are."""

_LOWER, _UPPER, _HEADED = FLAGS["lower"], FLAGS["upper"], FLAGS["headed"]
_FORM, _ONE_CASE, _CASED_FORM, _RECAST = 1, 2, 4, 8
_LEFT = 255
"""Stands for the rule of a row that is left to the scalar reading."""


@dataclass(frozen=True, slots=True)
class Written:
    """What came of each row.

    Attributes:
        value: The whole name.
        base: The name without its form.
        rule: Place in RULES, UInt32.
        done: Which rows these mean something for.
    """

    value: pl.Series
    base: pl.Series
    rule: pl.Series
    done: pl.Series


class _Forms(NamedTuple):
    """Forms of each shape: text before and behind the name, and what else counts."""

    facts: NDArray[np.uint8]
    leads: Bytes
    lead_offsets: Offsets
    tails: Bytes
    tail_offsets: Offsets
    longest: int


@compiled
def _bare_forms(forms: _Forms) -> _Forms:
    return _Forms(
        uncounted(forms.facts), uncounted(forms.leads), uncounted(forms.lead_offsets),
        uncounted(forms.tails), uncounted(forms.tail_offsets), forms.longest,
    )  # fmt: skip


def write_names(
    column: TextColumn,
    zones: NDArray[np.int64],
    shapes: Shapes,
    slices: Sequence[Slice | None],
    books: Sequence[FormBook],
) -> Written:
    """Write every row whose shape is read as one piece.

    Args:
        column: Names.
        zones: Number of each row's region.
        shapes: Their shapes.
        slices: The reading of each shape; None leaves its rows.
        books: Legal forms of the regions, in the order of their numbers.
    """
    whole = [one or _NOTHING for one in (*slices, None)]
    known = np.array([one is not None for one in (*slices, None)])
    shape = np.where(known[shapes.shape], shapes.shape, np.int32(-1))
    cells = shapes.cells
    names = Names(
        *(column.data, column.offsets, cells.cells, cells.places, cells.begins, cells.marks),
        *(shapes.flags, shape),
        np.array([[one.start, one.rest, one.width] for one in whole], np.int64),
        shapes.find_words(np.array([one.form for one in whole], np.int64)),
    )
    spelling = spell_names(column, names, cells.spans, (cells.zones, zones), books)
    rule = np.full(len(shape), _LEFT, np.uint8)
    forms = _forms(whole)
    views = np.empty((2, len(shape), 4), np.int32)
    new = _write(names, forms, spelling, rule, views)
    value, base = (viewed_series("", view, (column.data, new)) for view in views)
    done = pl.Series(rule != _LEFT)
    return Written(value, base, pl.Series(rule.astype(np.uint32)), done)


_NOTHING = Slice(NameParse(""), 0, 0, recast=False)


def _forms(whole: Sequence[Slice]) -> _Forms:
    leads = text_column(pl.Series([one.parse.lead for one in whole], dtype=pl.String))
    tails = text_column(pl.Series([one.parse.tail for one in whole], dtype=pl.String))
    facts = np.array([_facts(one) for one in whole], np.uint8)
    longest = int(max(np.diff(leads.offsets).max(), np.diff(tails.offsets).max()))
    return _Forms(facts, leads.data, leads.offsets, tails.data, tails.offsets, longest)


def _facts(one: Slice) -> int:
    """Return what counts of a reading as bits: form, form in one case, form with letters, recast."""
    form = one.parse.lead + one.parse.tail
    upper, lower = form.upper(), form.lower()
    return (
        (_FORM if one.parse.legal_form else 0)
        | (_ONE_CASE if form in {upper, lower} else 0)
        | (_CASED_FORM if upper != lower else 0)
        | (_RECAST if one.recast else 0)
    )


@compiled
def _is_mixed(data: Bytes, start: int, end: int) -> bool:
    """Tell whether a name surely has small letters and capitals: of ASCII, Latin-1 or Cyrillic."""
    lower = upper = False
    for at in range(start, end):
        byte = data[at]
        after = data[at + 1] if byte in (0xC3, 0xD0) else 0
        lower |= 97 <= byte <= 122 or (byte == 0xC3 and 0xA0 <= after <= 0xB6)
        lower |= byte == 0xD0 and after >= 0xB0
        upper |= 65 <= byte <= 90 or (byte == 0xC3 and 0x80 <= after <= 0x96)
        upper |= byte == 0xD0 and 0x90 <= after <= 0xAF
    return lower and upper


@compiled
def _is_doubtful(fact: int, flag: int) -> bool:
    """Tell whether a form may leave a name in one case, though its cell is not."""
    return (fact & _ONE_CASE) != 0 and (flag & (_LOWER | _UPPER) != 0 or fact & _CASED_FORM != 0)


_ROOM = 2_048
"""Bytes of blanks and spellings of words that a name written anew may take beside its own."""
_GROWTH = 8
"""As often as its own bytes a name may take, with its form and without, in other letters."""


@compiled
def _write(
    names: Names,
    forms: _Forms,
    spelling: Spelling,
    rule: NDArray[np.uint8],
    views: NDArray[np.int32],
) -> Bytes:
    """Tell values and names of all rows by views; return what is written anew, their second buffer."""
    names, forms, spelling = bare_names(names), _bare_forms(forms), bare_spelling(spelling)
    values, bases = uncounted(views[0]), uncounted(views[1])
    room, at = _ROOM + 2 * forms.longest, 0
    held = np.empty(len(names.data) + room, np.uint8)  # of which only what is filled takes memory
    out = uncounted(held)
    for row in range(len(rule)):
        values[row, 0], bases[row, 0] = 0, 0
        flag, first, last = names.flags[row], names.cells[row, 0], names.cells[row, 1]
        needed = at + room + _GROWTH * (last - first)
        lost = max(names.offsets[row + 1], needed) > MOST_VIEWED
        if (
            names.shape[row] < 0
            or lost
            or (is_loud(flag) and not has_letters(names.data, first, last))
        ):
            continue
        if needed > len(out):
            larger = np.empty(max(2 * len(out), needed), np.uint8)
            larger[:at] = held[:at]
            held = larger
            out = uncounted(held)
        rule[row], at = _write_row(names, forms, spelling, row, out, at, values, bases)
    return held[:at]


@inlined
def _edges(forms: _Forms, number: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where what stands before and behind the name begins and ends, for a shape."""
    leads, tails = forms.lead_offsets, forms.tail_offsets
    return (leads[number], leads[number + 1]), (tails[number], tails[number + 1])


@inlined
def _write_row(
    names: Names,
    forms: _Forms,
    spelling: Spelling,
    row: int,
    out: Bytes,
    at: int,
    values: Views,
    bases: Views,
) -> tuple[int, int]:
    """Tell value and name of a row; return its rule and where `out` ends."""
    data, number, flag, cut = names.data, names.shape[row], names.flags[row], names.cut
    first, last = names.cells[row, 0], names.cells[row, 1]
    start, end = name_span(data, first, last, cut[number, 0], cut[number, 1])
    form = form_span(data, first, names.forms[row], cut[number, 2])
    lead, tail = _edges(forms, number)
    fact, other, cased = forms.facts[number], False, False
    body = stop = middle = at + lead[1] - lead[0]
    if is_loud(flag) and not stays(data, start, end, flag):
        stop, middle, other, cased = recase(names, spelling, row, (start, end), form, out, body)
    same = is_same(data, first, start, forms.leads, *lead)
    formed = cased or not (same and is_same(data, end, last, forms.tails, *tail))
    doubtful = formed and not cased and _is_doubtful(fact, flag) and not _is_mixed(data, start, end)
    if doubtful or (other and flag & _HEADED and start == first and not fact & _RECAST):
        return _LEFT, at
    tidied = names.offsets[row + 1] - names.offsets[row] != last - first
    if cased:
        put_view(bases, row, out, body, stop, 1)
        at = _write_cased(
            forms, (lead, tail), data, form, out, (at, body, middle, stop), values, row
        )
        return 4 if fact & _FORM else 3, at
    at = _tell_base(data, (start, end), form, out, at, bases, row)
    if formed:
        stop = copy(out, copy(out, at, forms.leads, *lead), data, start, end)
        stop = copy(out, stop, forms.tails, *tail)
        put_view(values, row, out, at, stop, 1)
        return 1, stop
    put_view(values, row, data, first, last, 0)
    return 2 if tidied else 0, at


@inlined
def _tell_base(
    data: Bytes,
    span: tuple[int, int],
    form: tuple[int, int],
    out: Bytes,
    at: int,
    bases: Views,
    row: int,
) -> int:
    """Tell a name that stays as it is, without the form in the middle of it."""
    if form[1] == 0:
        put_view(bases, row, data, span[0], span[1], 0)
        return at
    stop = copy(out, copy(out, at, data, span[0], form[0]), data, form[1], span[1])
    put_view(bases, row, out, at, stop, 1)
    return stop


@inlined
def _write_cased(
    forms: _Forms,
    sides: tuple[tuple[int, int], tuple[int, int]],
    data: Bytes,
    form: tuple[int, int],
    out: Bytes,
    name: tuple[int, int, int, int],
    values: Views,
    row: int,
) -> int:
    """Write the forms around a name, and the one in the middle of it into a copy.

    Args:
        forms: All forms, of which `sides` are those before and behind the name.
        sides: Where they begin and end.
        data: Bytes of the column, of which `form` are in the middle of the name.
        form: Where they begin and end.
        out: What is written anew.
        name: Where the value begins in it, where the name does, where its middle is, and its end.
        values: Views of values.
        row: Row of the column.
    """
    at, body, middle, stop = name
    (lead, leads), (tail, tails) = sides
    if form[1] == 0:
        copy(out, at, forms.leads, lead, leads)
        done = copy(out, stop, forms.tails, tail, tails)
    else:
        at = stop
        done = copy(out, at, forms.leads, lead, leads)
        done = copy(out, done, out, body, middle)
        done = copy(out, done, data, form[0], form[1])
        done = copy(out, done, out, middle, stop)
        done = copy(out, done, forms.tails, tail, tails)
    put_view(values, row, out, at, done, 1)
    return done
