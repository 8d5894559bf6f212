"""Dates, identifiers and numbers compared by one loop over pairs.

The levels are those of `crmmigrate.dedupe.plain`, the reference.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column
from crmmigrate.compiled.compiler import compiled, inner
from crmmigrate.dedupe.evidence import Encoded
from crmmigrate.dedupe.loops.letters import LONGEST, ROOM, count_edits, same_bytes
from crmmigrate.dedupe.loops.results import (
    NOT_PLAIN,
    UNKNOWN,
    Codes,
    chances,
    levels,
    numbered,
    pair_codes,
    prepared,
)
from crmmigrate.model.semantic import SemanticType

__all__ = ["SLIPS", "compare_plain"]

_DATES, _IDENTIFIERS, _NUMBERS = range(3)
SLIPS = {
    SemanticType.DATE: _DATES,
    SemanticType.DATETIME: _DATES,
    SemanticType.IDENTIFIER: _IDENTIFIERS,
    SemanticType.EXTERNAL_ID: _IDENTIFIERS,
    SemanticType.NUMBER: _NUMBERS,
}
"""Types of which slips are looked for here."""


@dataclass(frozen=True, slots=True)
class _Texts:
    """Number, bytes and chance of the text of each value; whether it is short ASCII."""

    codes: Codes
    data: Bytes
    offsets: Offsets
    plain: NDArray[np.bool_]
    chance: NDArray[np.float32]


def _texts(encoded: Encoded) -> _Texts:
    values = encoded.values
    text = text_column(values["text"])
    size = values["text"].str.len_bytes()
    plain = ((size == values["text"].str.len_chars()) & (size <= LONGEST)).fill_null(value=True)
    chance = values["text~"].fill_null(float("nan")).to_numpy()
    return _Texts(
        numbered(values["text"]), text.data, text.offsets, np.array(plain.to_numpy(), np.bool_),
        np.array(chance, np.float32),
    )  # fmt: skip


def compare_plain(encoded: Encoded, pairs: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.bool_]]:
    """Return what the reference does, and which pairs are left to it."""
    name, known = encoded.feature.name, prepared(encoded, _texts)
    one, other = pair_codes(pairs)
    found, chance = np.empty(len(one), np.int8), np.empty(len(one), np.float32)
    _compare(
        one, other, SLIPS[encoded.feature.type], known.codes, known.data, known.offsets,
        known.plain, known.chance, found, chance,
    )  # fmt: skip
    columns = [pairs["va"], pairs["vb"], levels(name, found), chances(f"{name}~", chance)]
    return pl.DataFrame(columns), found == NOT_PLAIN


@compiled
def _compare(
    one: Codes, other: Codes, kind: int, codes: Codes, data: Bytes, offsets: Offsets,
    plain: NDArray[np.bool_], chance: NDArray[np.float32], found: NDArray[np.int8],
    chances: NDArray[np.float32],
) -> None:  # fmt: skip
    room = np.empty(ROOM, np.int32)
    for pair in range(len(one)):
        a, b = one[pair], other[pair]
        chances[pair] = np.fmax(chance[a], chance[b])
        if codes[a] < 0 or codes[b] < 0:
            found[pair] = UNKNOWN
            continue
        begin, end, start, stop = offsets[a], offsets[a + 1], offsets[b], offsets[b + 1]
        same, short = codes[a] == codes[b], min(end - begin, stop - start)
        if not (plain[a] and plain[b]):
            found[pair] = NOT_PLAIN
        elif kind == _DATES:
            found[pair] = _date_level(data, begin, end, start, stop, same, room)
        elif same:
            found[pair] = 2
        elif kind == _IDENTIFIERS and short < 5:
            found[pair] = 0
        else:
            found[pair] = count_edits(data, begin, end, start, stop, 1, room) <= 1


@inner
def _date_level(
    data: Bytes, a: int, behind_a: int, b: int, behind_b: int, same: bool, room: NDArray[np.int32]
) -> int:
    here, there = behind_a - a, behind_b - b
    short = min(here, there)
    if short < 8:
        if same_bytes(data, a, b, short):
            return 3
    elif same:
        return 4
    year = here >= 4 and there >= 4 and same_bytes(data, a, b, 4)
    whole = year and here == 8 and there == 8
    if whole and same_bytes(data, a + 4, b + 6, 2) and same_bytes(data, a + 6, b + 4, 2):
        return 2
    if count_edits(data, a, behind_a, b, behind_b, 1, room) <= 1:
        return 2
    if year or (here == there and same_bytes(data, a + 4, b + 4, here - 4)):
        return 1
    return 0
