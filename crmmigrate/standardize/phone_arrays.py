"""The numbering plans as one array of numbers, for the loops that read and write numbers.

One array, because a loop is compiled the faster the fewer arrays it is given. It holds, one behind
the other: `_HEADER` numbers, the verdicts and the regions (rows as in `PlanTables`, columns as named
here), the texts in which numbers are written, and the states of two automata. A text is its length
and its bytes, where those from 1 to 17 stand for digits. A state is ten following states and what is
told about numbers that end in it, its verdict or the length of the longest match before.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.compiler import inner
from crmmigrate.standardize.phone_desk import loop_numbers
from crmmigrate.standardize.phone_tables import PlanTables, plan_tables

__all__ = [
    "ABROAD_AT", "ADDED", "ADDED_LENGTH", "BACK", "BIT", "CAPTURED_AT", "CODE", "CODE_LENGTH", "FITS",
    "FRONT", "GENERAL", "HOME_CODE", "HOME_LENGTH", "INTERNATIONAL", "LOCAL_AT", "LONG", "LONGEST_TRUNK",
    "MAIN", "MAIN_ROW", "MARK", "NATIONAL", "SHORTEST", "START", "TOLD", "TRUNK_AT", "UNREAD", "VALID",
    "Ints", "Plan", "known", "longest_text", "plan_array", "root", "told",
]  # fmt: skip

Ints = NDArray[Any]
Plan = NDArray[Any]
"""Of int64 and int32; for a loop, what stands in an array is a plain number."""

TOLD = 10
"""Column of a state behind the ten digits."""
_HEADER = 2
"""The place of the regions, and the state behind a plus sign."""
(
    VALID, CODE_LENGTH, MAIN, GENERAL, FITS, LONG, NATIONAL, INTERNATIONAL, MARK, CODE,
) = loop_numbers(*range(10))  # fmt: skip
"""Columns of verdicts: `MAIN` is -1 where there is no code, the next three are bits of regions, then
come three texts, and the digits of the code."""
_VERDICT = 12
_REGIONS = (
    *("start", "bit", "home_code", "code_length", "main_row", "abroad_at", "trunk_at", "local_at"),
    *("captured_at", "front", "back", "unread", "shortest", "longest_trunk"),
)
(
    START, BIT, HOME_CODE, HOME_LENGTH, MAIN_ROW, ABROAD_AT, TRUNK_AT, LOCAL_AT, CAPTURED_AT, FRONT, BACK,
    UNREAD, SHORTEST, LONGEST_TRUNK, ADDED_LENGTH, ADDED,
) = loop_numbers(*range(16))  # fmt: skip
"""Columns of regions. States are 0 where nothing is dialled. `FRONT` and `BACK` are the digits before and
behind the part that a captured prefix keeps; `UNREAD` tells of prefixes of a kind that is not read here;
from `ADDED` on there are digits that are written before the rest."""
_REGION = 20


@inner
def told(plan: Plan, verdict: int, column: int) -> int:
    """Return what is said of a verdict."""
    return int(plan[_HEADER + verdict * _VERDICT + column])


@inner
def known(plan: Plan, row: int, column: int) -> int:
    """Return what is known of a region."""
    return int(plan[plan[0] + row * _REGION + column])


@inner
def root(plan: Plan) -> int:
    """Return the state behind a plus sign."""
    return int(plan[1])


@cache
def plan_array() -> Plan:
    """Return the plans of the installed library."""
    tables = plan_tables()
    regions_at = _HEADER + _VERDICT * tables.verdicts.height
    texts_at = regions_at + _REGION * tables.regions.height
    marks = tables.verdicts["mark"].unique(maintain_order=True).to_list()
    templates = [_places(text) for text in tables.written]
    texts = [[len(text), *text] for text in (*templates, *(mark.encode() for mark in marks))]
    places = texts_at + np.cumsum([0, *map(len, texts)])
    steps_at = int(places[-1])
    prefixes = np.column_stack([tables.prefixes.rows, tables.prefixes.lengths])
    steps = np.column_stack([tables.flat.reshape(-1, 10), tables.verdict_of])
    prefixes_at = steps_at + steps.size
    marks_at = dict(zip(marks, places[len(templates) :], strict=False))
    header = [regions_at, steps_at + tables.root * (TOLD + 1)]
    parts: tuple[Ints, ...] = (
        np.array(header),
        _verdicts(tables, places, marks_at).reshape(-1),
        _regions(tables, steps_at, prefixes_at).reshape(-1),
        np.array([sign for text in texts for sign in text]),
        *(
            _placed(rows, at).reshape(-1)
            for rows, at in ((steps, steps_at), (prefixes, prefixes_at))
        ),
    )
    return np.concatenate(parts).astype(np.int32)


@cache
def longest_text() -> int:
    """Return the bytes of the longest text."""
    tables = plan_tables()
    lengths = [tables.written, tables.verdicts["mark"]]
    return max(int(texts.str.len_bytes().max() or 0) for texts in lengths)  # type: ignore[arg-type]


def _placed(rows: Ints, at: int) -> Ints:
    """Let states name the places of those that follow."""
    placed = rows.astype(np.int64)
    placed[:, :TOLD] = at + placed[:, :TOLD] * (TOLD + 1)
    return placed


def _verdicts(tables: PlanTables, places: Ints, marks_at: dict[str, int]) -> Ints:
    verdicts = tables.verdicts
    numbers = verdicts.select(
        pl.col("valid", "code_length", "main", "general", "fits", "long").cast(pl.Int64)
    ).with_columns(pl.col("main").fill_null(-1))
    written = [places[verdicts[name].to_numpy()] for name in ("national", "international")]
    mark = [marks_at[mark] for mark in verdicts["mark"]]
    code = _digits(list(verdicts["code"]))[:, 1:]
    rows = [numbers.fill_null(0).to_numpy(), *written, mark, code]
    return _widened(np.column_stack(rows), _VERDICT)


def _regions(tables: PlanTables, steps_at: int, prefixes_at: int) -> Ints:
    regions = tables.regions.with_columns(home_code=pl.col("code"))
    rows = regions.select(pl.col(_REGIONS).cast(pl.Int64).fill_null(0)).to_numpy().copy()
    rows[:, START] = steps_at + rows[:, START] * (TOLD + 1)
    for column in (ABROAD_AT, TRUNK_AT, LOCAL_AT, CAPTURED_AT):
        states = rows[:, column]
        rows[:, column] = np.where(states > 0, prefixes_at + states * (TOLD + 1), 0)
    return _widened(np.column_stack([rows, _digits(list(regions["added"]))]), _REGION)


def _widened(rows: Ints, width: int) -> Ints:
    if rows.shape[1] > width:
        raise ValueError(f"{rows.shape[1]} columns are more than {width}")
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])))


def _places(template: str) -> bytes:
    """Write the letters `a` to `q`, which stand for digits, as bytes from 1 on."""
    return bytes(sign - 96 if 97 <= sign <= 113 else sign for sign in template.encode())


def _digits(texts: Sequence[str | None]) -> Ints:
    """Return how many digits each text has, and the digits."""
    every = [text or "" for text in texts]
    rows = np.zeros((len(every), 1 + max(map(len, every))), np.int64)
    for row, text in enumerate(every):
        rows[row, : len(text) + 1] = [len(text), *map(int, text)]
    return rows
