"""Group the shapes of a column of dates that are planned alike.

Shapes of a region that differ in nothing but the month and the weekday that words name have one plan,
and so have shapes without words of all regions that write dates alike. So each word is looked up
once, and a column of many thousand shapes has some thousand plans.
"""

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column
from crmmigrate.compiled.compiler import compiled, inner
from crmmigrate.compiled.shapes import mix, number_distinct
from crmmigrate.model.regions import RegionRules
from crmmigrate.standardize.cell_digits import LAST_CODE, NO_DIGIT, code_point, digit_values
from crmmigrate.standardize.date_clocks import LONGEST, cut_clocks
from crmmigrate.values.date_plans import shape_of
from crmmigrate.values.date_words import said_in
from crmmigrate.values.folding import to_ascii_digits

__all__ = ["PASSED_OVER", "SHORT", "Groups", "group_shapes"]

PASSED_OVER = frozenset("ـ−元")
"""Printable signs that `plain_date` writes otherwise, or may."""

SHORT = 8
"""Shorter shapes may be placeholders."""

_AFTER_HOUR = re.compile(r"\s?[ap]\.?\s?m\.?(?!\w)", re.IGNORECASE)
_TIMED = re.compile("[:٫]|^[hH]")
"""What may be a part of another time of day."""

_SEED = np.uint64(0xCBF29CE484222325)
_PRIME, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
_WORDLESS = np.array([32 <= c < 127 and not chr(c).isalpha() and chr(c) != "&" for c in range(256)])
"""Bytes of shapes without words; an ampersand is one."""

_NOWHERE = -1
_MOST_DIGITS = 31
_HEAD, _TEXT, _TAIL, _WHOLE = range(4)
_ENDS, _BEGINS = (0, 2), (0, 1, 3)
_CHARS, _HEAD_CHARS, _FIRST_LENGTH, _SECOND_LENGTH = range(4, 8)
_SIGNS = ", "
_BLANKS = dict.fromkeys(map(ord, "\xa0\u202f"), " ")


@dataclass(frozen=True, slots=True)
class Groups:
    """Shapes that are planned alike.

    Attributes:
        numbers: Group of each shape.
        firsts: Place of the first shape of each group.
        months: Month that a word of each shape names; 0 where its plan tells the month.
        days: Which group stands for each as far as the day goes: they differ in the time of day only.
    """

    numbers: NDArray[np.int64]
    firsts: NDArray[np.int64]
    months: NDArray[np.int64]
    days: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Shapes cut at their first two numbers.

    Attributes:
        hashes: Of what stands before, between and behind these, each with the region, and of the
            whole; (4, shapes).
        places: End of the head, begin and end of the text between, begin of the tail (_NOWHERE
            without two numbers) in bytes, signs of the whole and of what stands before the tail,
            lengths of both numbers; (shapes, 8).
    """

    hashes: NDArray[np.uint64]
    places: NDArray[np.int32]


def group_shapes(
    texts: pl.Series,
    regions: NDArray[np.int64],
    homes: NDArray[np.int64],
    rules: Sequence[RegionRules],
) -> Groups:
    """Group shapes.

    Args:
        texts: One text of each shape.
        regions: Number of its region.
        homes: Of each shape, the number of all regions that write dates without words as its own does;
            no region has one of these numbers.
        rules: The regions by number.
    """
    column = text_column(texts)
    rows = len(column)
    cuts = _Cuts(np.zeros((4, rows), np.uint64), np.zeros((rows, 8), np.int32))
    _cut(column.data, column.offsets, regions, homes, digit_values(), cuts.hashes, cuts.places)
    named, months, said = _named(column.data, column.offsets, regions, rules, cuts)
    keys, days = cuts.hashes[_WHOLE].copy(), cuts.hashes[_WHOLE].copy()
    places = cuts.places[named]
    alike: list[NDArray[Any]] = [
        regions[named],
        places[:, _FIRST_LENGTH],
        places[:, _SECOND_LENGTH],
    ]
    alike += [places[:, 0] == 0, said[_HEAD], said[_TEXT]]
    days[named] = _mixed([*alike, said[_WHOLE]])
    keys[named] = _mixed([*alike, said[_WHOLE], said[_TAIL]])
    firsts, numbers = number_distinct(keys)
    standing, day = number_distinct(days[firsts])
    told = np.zeros(rows, np.int64)
    told[named] = months
    return Groups(numbers, firsts, told, standing[day])


def _mixed(columns: Iterable[NDArray[Any]]) -> NDArray[np.uint64]:
    """Return a hash of each row of numbers."""
    state = np.full(1, _PRIME, np.uint64)
    for column in columns:
        state = (state ^ column.astype(np.uint64)) * _PRIME
        state = state ^ (state >> _SHIFT)
    return state


def _named(
    data: Bytes,
    offsets: Offsets,
    regions: NDArray[np.int64],
    rules: Sequence[RegionRules],
    cuts: _Cuts,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Find the shapes whose words name a month, and no more is to be weighed.

    Returns:
        These shapes, their months, and the numbers of what is said before, between and behind the
        numbers; the last with the time of day and, in a fourth row, without.
    """
    rows = np.flatnonzero(_may_be_named(cuts.places))
    known: dict[Hashable, int] = {}
    months, said = np.zeros((3, len(rows)), np.int64), np.zeros((4, len(rows)), np.int64)
    for part in (_HEAD, _TEXT, _TAIL):
        firsts, numbers = number_distinct(cuts.hashes[part, rows])
        some = rows[firsts]
        begins = cuts.places[some, _BEGINS[part]] if part else 0
        ends = np.diff(offsets)[some] if part == _TAIL else cuts.places[some, _ENDS[part]]
        spans = zip((offsets[some] + begins).tolist(), (offsets[some] + ends).tolist(), strict=True)
        runs = [data[begin:end].tobytes().decode() for begin, end in spans]
        told = _look_up(runs, [rules[region] for region in regions[some]], part, known)[numbers]
        months[part], said[part] = told[:, 0], told[:, 1]
        said[_WHOLE] = told[:, 2]
    sure = (months >= 0).all(axis=0) & ((months > 0).sum(axis=0) == 1)
    return rows[sure], months.max(axis=0)[sure], said[:, sure]


def _may_be_named(places: NDArray[np.int32]) -> NDArray[np.bool_]:
    able = (places[:, _BEGINS[_TAIL]] >= 0) & (places[:, _CHARS] <= LONGEST)
    able &= places[:, _HEAD_CHARS] >= SHORT
    longest = np.maximum(places[:, _FIRST_LENGTH], places[:, _SECOND_LENGTH])
    able &= longest <= _MOST_DIGITS
    return able


def _look_up(
    runs: list[str], rules: Sequence[RegionRules], part: int, known: dict[Hashable, int]
) -> NDArray[np.int64]:
    """Return month (_NOWHERE where more is to be weighed) and numbers of what else texts say.

    The first number counts the time of day behind a text, the second does not.
    """
    clocks: list[str | None] = [None] * len(runs)
    if part == _TAIL:
        shapes = [shape_of(f"-0{to_ascii_digits(run)}") for run in runs]
        rests, clocks = cut_clocks(pl.Series(shapes, dtype=pl.String))
        runs = [rest[2:] for rest in rests]
    told = np.full((len(runs), 3), _NOWHERE, np.int64)
    for place, (run, rule, clock) in enumerate(zip(runs, rules, clocks, strict=True)):
        words = _said(run, rule, part)
        if words is not None:
            month, said = words
            # The last word may tell the half of the day, so the tail counts as it is written.
            meaning = (said, run if part == _TAIL else "")
            numbers = (known.setdefault(key, len(known)) for key in ((meaning, clock), meaning))
            told[place] = (month, *numbers)
    return told


def _said(run: str, rules: RegionRules, part: int) -> tuple[int, Hashable] | None:
    """Return the month that a text names, 0 for none, and what else; None where more is to be weighed."""
    if not run:
        return None if part == _TEXT else (0, ())
    run = run.translate(_BLANKS)
    odd = not run.isprintable() or "  " in run or not PASSED_OVER.isdisjoint(run)
    if odd or "0" in run or _TIMED.search(run):
        return None
    if part == _TEXT:
        odd = len(run.strip()) <= len(_SIGNS) and run != _SIGNS
    else:
        odd = run[0] in " ,;" if part == _HEAD else run[-1] == " "
    if odd or (part != _HEAD and _AFTER_HOUR.match(run)):
        return None
    return said_in(run, rules.languages, rules.code)


@inner
def _behind_digit(data: Bytes, at: int, lead: int, values: Bytes) -> int:
    """Return where the sign ends that a lead byte begins, if it is a digit; else `at`."""
    code, length = code_point(data, at, lead)
    return at + length if code <= LAST_CODE and values[code] != NO_DIGIT else at


@compiled
def _cut(
    data: Bytes, offsets: Offsets, regions: NDArray[np.int64], homes: NDArray[np.int64],
    values: Bytes, hashes: NDArray[np.uint64], places: NDArray[np.int32],
) -> None:  # fmt: skip
    """Fill in the fields of `_Cuts`."""
    for row in range(len(regions)):
        hashes[:, row] = mix(_SEED, np.uint64(regions[row]))
        whole, part, within, chars, wordless = _SEED, 0, False, 0, True
        at, begin, end = offsets[row], offsets[row], offsets[row + 1]
        places[row, 3] = -1
        while at < end:
            place, byte = at - begin, data[at]
            at += 1
            digit = 48 <= byte <= 57
            if byte >= 0xC2:
                behind = _behind_digit(data, at, byte, values)
                digit, at = behind > at, behind
            sign = np.uint64(48 if digit else byte)
            chars += 1 if digit or byte & 0xC0 != 0x80 else 0
            wordless = wordless and _WORDLESS[sign]
            whole = mix(whole, sign)
            if digit and part < _TAIL:
                if not within:
                    places[row, 2 * part], within = place, True
                places[row, 6 + part] += 1
                continue
            if within:
                part, within = part + 1, False
                places[row, 2 * part - 1] = place
                places[row, 5] = chars - 1
            hashes[part, row] = mix(hashes[part, row], sign)
        if within and part == _TEXT:
            places[row, 3], places[row, 5] = end - begin, chars
        places[row, 4] = chars
        hashes[3, row] = mix(whole, np.uint64(homes[row] if wordless else regions[row]))
