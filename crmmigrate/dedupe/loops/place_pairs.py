"""Postal addresses compared by one loop over pairs.

The levels are those of `crmmigrate.dedupe.places`, the reference.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column
from crmmigrate.compiled.compiler import compiled, inner
from crmmigrate.dedupe.evidence import Encoded
from crmmigrate.dedupe.loops.letters import LONGEST, ROOM, count_edits, measure_winkler, same_bytes
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
from crmmigrate.dedupe.loops.shared_words import overlap_words
from crmmigrate.dedupe.places import are_neighbours

__all__ = ["compare_places"]

_PLACED = ("number", "digits", "unit", "place", "squeezed", "postcode", "locality")
_NUMBER, _DIGITS, _UNIT, _PLACE, _SQUEEZED, _POSTCODE, _LOCALITY, _FOREIGN, _PLAIN, _VALUE = range(
    10
)
_READ = ("squeezed", "postcode", "locality")
_LONG = 6
"""Letters from which a street's name is telling."""
_OTHER_NUMBER, _STREET, _LOOSE, _NEAR, _EXACT = range(1, 6)
_are_neighbours = inner(are_neighbours)


@dataclass(frozen=True, slots=True)
class _Places:
    """Addresses as arrays.

    Attributes:
        codes: Numbers of the texts of each value, -1 for null, (values, 10), see `_NUMBER` and so on.
        data: Bytes of streets, postal codes and localities, one column behind the other.
        offsets: Where each begins: the street of a value, and one and two times the values further
            its postal code and its locality.
        chance: Chances of place and area, (values, 2).
    """

    codes: NDArray[np.int32]
    data: Bytes
    offsets: Offsets
    chance: NDArray[np.float32]


def _places(encoded: Encoded) -> _Places:
    values = encoded.values
    codes = [numbered(values[c]) for c in _PLACED]
    codes.append(values["foreign"].cast(pl.Int32).fill_null(UNKNOWN).to_numpy())
    short = pl.all_horizontal(pl.col("postcode", "locality").str.len_bytes() <= LONGEST)
    codes.append(values.select(short.fill_null(value=True).cast(pl.Int32)).to_series().to_numpy())
    codes.append(values["house_value"].to_numpy())
    texts = text_column(pl.concat([values[c].alias("text") for c in _READ], rechunk=True))
    chance = [values[c].fill_null(float("nan")).to_numpy() for c in ("place~", "area~")]
    return _Places(
        np.ascontiguousarray(np.stack(codes, axis=1), np.int32), texts.data, texts.offsets,
        np.ascontiguousarray(np.stack(chance, axis=1), np.float32),
    )  # fmt: skip


def compare_places(encoded: Encoded, pairs: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.bool_]]:
    """Return what the reference does, and which pairs are left to it."""
    name, known = encoded.feature.name, prepared(encoded, _places)
    one, other = pair_codes(pairs)
    shared, left = overlap_words(encoded, pairs)
    found, chance = np.empty((2, len(one)), np.int8), np.empty((2, len(one)), np.float32)
    _compare(
        one, other, known.codes, known.data, known.offsets, known.chance, shared, found, chance
    )
    columns = [pairs["va"], pairs["vb"]]
    for place, part in enumerate(("street", "area")):
        columns.append(levels(f"{name}.{part}", found[place]))
        columns.append(chances(f"{name}.{part}~", chance[place]))
    return pl.DataFrame(columns), left | (found[1] == NOT_PLAIN)


@compiled
def _compare(
    one: Codes, other: Codes, codes: NDArray[np.int32], data: Bytes, offsets: Offsets,
    chance: NDArray[np.float32], shared: NDArray[np.float32], found: NDArray[np.int8],
    chances: NDArray[np.float32],
) -> None:  # fmt: skip
    room, count = np.empty(ROOM, np.int32), len(codes)
    for pair in range(len(one)):
        a, b = one[pair], other[pair]
        chances[0, pair] = np.fmax(chance[a, 0], chance[b, 0])
        chances[1, pair] = np.fmax(chance[a, 1], chance[b, 1])
        if codes[a, _PLAIN] == 0 or codes[b, _PLAIN] == 0:
            found[1, pair] = NOT_PLAIN
            continue
        apart = codes[a, _FOREIGN] != codes[b, _FOREIGN]
        found[0, pair] = _street_level(
            a, b, codes, data, offsets, shared[0, pair], shared[1, pair], shared[2, pair], apart
        )
        # Locality, then postal code: an unlike one is measured only where it may matter.
        towns = codes[a, _LOCALITY] >= 0 and codes[b, _LOCALITY] >= 0
        city = towns and codes[a, _LOCALITY] == codes[b, _LOCALITY]
        if towns and not city:
            x, y = a + 2 * count, b + 2 * count
            alike = measure_winkler(data, offsets[x], offsets[x + 1], offsets[y], offsets[y + 1])
            city = alike >= np.float32(0.9)
        found[1, pair] = _area_level(a, b, codes, data, offsets, city, towns and not apart, room)


@inner
def _street_level(
    a: int, b: int, codes: NDArray[np.int32], data: Bytes, offsets: Offsets, shared: np.float32,
    only_a: np.float32, only_b: np.float32, apart: bool,
) -> int:  # fmt: skip
    if codes[a, _PLACE] < 0 or codes[b, _PLACE] < 0:
        return UNKNOWN
    units = codes[a, _UNIT] >= 0 and codes[b, _UNIT] >= 0 and codes[a, _UNIT] != codes[b, _UNIT]
    if codes[a, _PLACE] == codes[b, _PLACE] and not units:
        return _EXACT
    both = np.float32(2.0) * shared
    ratio = np.float32(0.0)
    if both + only_a + only_b > 0:
        ratio = both / (both + only_a + only_b)
    if codes[a, _SQUEEZED] >= 0 and codes[b, _SQUEEZED] >= 0:
        short = min(offsets[a + 1] - offsets[a], offsets[b + 1] - offsets[b])
        if short >= _LONG and same_bytes(data, offsets[a], offsets[b], short):
            ratio = np.float32(1.0)
    digits = codes[a, _DIGITS] >= 0 and codes[b, _DIGITS] >= 0
    level = _by_number(
        codes[a, _NUMBER], codes[b, _NUMBER], digits and codes[a, _DIGITS] == codes[b, _DIGITS],
        ratio, bool(min(only_a, only_b) == 0 and shared > 0),
        _are_neighbours(codes[a, _VALUE], codes[b, _VALUE]),
    )  # fmt: skip
    other = digits and codes[a, _DIGITS] != codes[b, _DIGITS]
    return UNKNOWN if apart and level < _NEAR and not other else level


@inner
def _by_number(
    one: int, other: int, same: bool, ratio: np.float32, inside: bool, neighbours: bool
) -> int:
    """Return the level of streets whose words go together by some ratio."""
    near, loose = ratio >= np.float32(0.75), ratio >= np.float32(0.35)
    if same or (one >= 0 and one == other):
        if near or inside:
            return _NEAR
        if loose:
            return _LOOSE
    if not near:
        return 0
    if one < 0 and other < 0:
        return _NEAR
    if neighbours:
        return _LOOSE
    return _STREET if one < 0 or other < 0 else _OTHER_NUMBER


@inner
def _area_level(
    a: int, b: int, codes: NDArray[np.int32], data: Bytes, offsets: Offsets, city: bool,
    city_known: bool, room: NDArray[np.int32],
) -> int:  # fmt: skip
    code_known = codes[a, _POSTCODE] >= 0 and codes[b, _POSTCODE] >= 0
    if not code_known and not city_known:
        return UNKNOWN
    same_code = code_known and codes[a, _POSTCODE] == codes[b, _POSTCODE]
    if (same_code and (city or not city_known)) or (city and not code_known):
        return 4
    if same_code:
        return 3
    if not city:
        return 0
    x, y = a + len(codes), b + len(codes)
    return (
        2
        if count_edits(data, offsets[x], offsets[x + 1], offsets[y], offsets[y + 1], 1, room) <= 1
        else 1
    )
