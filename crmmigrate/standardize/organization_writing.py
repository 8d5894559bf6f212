"""Write the names of organizations as the reading of their shape says, by a compiled loop."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn, text_column, text_series
from crmmigrate.compiled.compiler import compiled
from crmmigrate.standardize.organization_recasing import (
    Names,
    Spelling,
    copy,
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

__all__ = ["RULES", "SHARED", "Written", "write_names"]

_USUAL = ((), ("STD251",), ("STD252",), ("STD254",), ("STD251", "STD254"))
SHARED = len(_USUAL)
"""How much further in RULES those of names with a form of several countries are."""
RULES = (*_USUAL, *((*codes, "STD262") for codes in _USUAL))
"""What may be told of a plain name."""

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
        changed: Whether the value is another than the text.
        done: Which rows these mean something for.
    """

    value: pl.Series
    base: pl.Series
    rule: pl.Series
    changed: pl.Series
    done: pl.Series


class _Forms(NamedTuple):
    """Forms of each shape: text before and behind the name, and what else counts."""

    facts: NDArray[np.uint8]
    leads: Bytes
    lead_offsets: Offsets
    tails: Bytes
    tail_offsets: Offsets


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
        *(shapes.flags, shape, np.array([[one.start, one.rest] for one in whole], np.int64)),
    )
    spelling = spell_names(column, names, cells.spans, (cells.zones, zones), books)
    rule, changed = np.full(len(shape), _LEFT, np.uint8), np.zeros(len(shape), np.bool_)
    forms = _forms(whole)
    texts = [_texts(len(shape), _room(names, forms)) for _ in range(2)]
    _write(names, forms, spelling, rule, changed, *texts[0], *texts[1])
    value, base = (text_series("", data[: offsets[-1]], offsets) for data, offsets in texts)
    done = pl.Series(rule != _LEFT)
    return Written(value, base, pl.Series(rule.astype(np.uint32)), pl.Series(changed), done)


_NOTHING = Slice(NameParse(""), 0, 0, recast=False)


def _forms(whole: Sequence[Slice]) -> _Forms:
    leads = text_column(pl.Series([one.parse.lead for one in whole], dtype=pl.String))
    tails = text_column(pl.Series([one.parse.tail for one in whole], dtype=pl.String))
    facts = np.array([_facts(one) for one in whole], np.uint8)
    return _Forms(facts, leads.data, leads.offsets, tails.data, tails.offsets)


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


def _texts(rows: int, room: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    return np.empty(room, np.uint8), np.zeros(rows + 1, np.int64)


def _room(names: Names, forms: _Forms) -> int:
    """Return more bytes than all values can have: no letter's other case has three times its bytes."""
    sides = np.diff(forms.lead_offsets) + np.diff(forms.tail_offsets)
    loud = np.isin(names.flags & (_LOWER | _UPPER), (_LOWER, _UPPER))
    long = np.diff(names.cells, axis=1)[:, 0]
    return int(long.sum() + 2 * long[loud].sum() + sides[names.shape].sum()) + 1


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


@compiled
def _write(
    names: Names,
    forms: _Forms,
    spelling: Spelling,
    rule: NDArray[np.uint8],
    changed: NDArray[np.bool_],
    values: NDArray[np.uint8],
    value_offsets: NDArray[np.int64],
    bases: NDArray[np.uint8],
    base_offsets: NDArray[np.int64],
) -> None:
    """Write values and names of all rows."""
    data, offsets, cells, cut = names.data, names.offsets, names.cells, names.cut
    leads, tails = forms.lead_offsets, forms.tail_offsets
    begun = at = 0
    for row in range(len(rule)):
        value_offsets[row + 1], base_offsets[row + 1] = begun, at
        number, first, last, flag = names.shape[row], cells[row, 0], cells[row, 1], names.flags[row]
        if number < 0 or (is_loud(flag) and not has_letters(data, first, last)):
            continue
        fact, other, cased = forms.facts[number], False, False
        start, end = name_span(data, first, last, cut[number, 0], cut[number, 1])
        if is_loud(flag) and not stays(data, start, end, flag):
            stop, other, cased = recase(names, spelling, row, (start, end), bases, at)
        else:
            stop = copy(bases, at, data, start, end)
        body = copy(values, begun, forms.leads, leads[number], leads[number + 1])
        tail = copy(values, body, bases, at, stop)
        done = copy(values, tail, forms.tails, tails[number], tails[number + 1])
        same = is_same(data, first, start, values, begun, body)
        formed = cased or not (same and is_same(data, end, last, values, tail, done))
        doubtful = formed and not cased and _is_doubtful(fact, flag)
        risky = other and flag & _HEADED and start == first and not fact & _RECAST
        if risky or (doubtful and not _is_mixed(data, start, end)):
            continue
        tidied = offsets[row + 1] - offsets[row] != last - first
        plain = 1 if formed else 2 if tidied else 0
        rule[row] = (4 if fact & _FORM else 3) if cased else plain
        changed[row] = formed or tidied
        begun, at = value_offsets[row + 1], base_offsets[row + 1] = done, stop
