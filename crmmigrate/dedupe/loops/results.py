"""Arrays that loops over pairs fill, as columns, and columns of values as arrays."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.shapes import mix, number_distinct
from crmmigrate.dedupe.evidence import Encoded

__all__ = [
    "NOT_PLAIN",
    "UNKNOWN",
    "Codes",
    "chances",
    "levels",
    "mended",
    "numbered",
    "pair_codes",
    "prepared",
]

T = TypeVar("T")
Codes = NDArray[np.int32]
UNKNOWN = -1
"""Level or number of what is not known."""
NOT_PLAIN = -2
"""Level of a pair that is left to expressions: long texts, or such beyond ASCII."""


def prepared(one: Encoded, make: Callable[[Encoded], T]) -> T:
    """Return what a loop reads of a feature, made at the first call."""
    if make.__name__ not in one.prepared:
        one.prepared[make.__name__] = make(one)
    found: T = one.prepared[make.__name__]
    return found


def pair_codes(pairs: pl.DataFrame) -> tuple[Codes, Codes]:
    """Return the value ids of both sides of pairs."""
    sides = (pairs[side].cast(pl.Int32).rechunk().to_numpy() for side in ("va", "vb"))
    one, other = sides
    return np.ascontiguousarray(one), np.ascontiguousarray(other)


def numbered(texts: pl.Series) -> Codes:
    """Number the distinct texts of a column; -1 stands for null."""
    column = text_column(texts)
    _, numbers = number_distinct(_hash_texts(column.data, column.offsets))
    codes = numbers.astype(np.int32)
    if column.missing is not None:
        codes[column.missing] = UNKNOWN
    return codes


@compiled
def _hash_texts(data: Bytes, offsets: Offsets) -> NDArray[np.uint64]:
    hashes = np.empty(len(offsets) - 1, np.uint64)
    for row in range(len(hashes)):
        state = np.uint64(0x51ED270B9F1E6A37)
        for at in range(offsets[row], offsets[row + 1]):
            state = mix(state, np.uint64(data[at]))
        hashes[row] = mix(state, np.uint64(offsets[row + 1] - offsets[row]))
    return hashes


def levels(name: str, found: NDArray[np.int8]) -> pl.Series:
    """Return levels as a column, null where they are below 0."""
    series = pl.Series(name, found)
    return series.to_frame().select(pl.when(pl.col(name) >= 0).then(pl.col(name)))[name]


def chances(name: str, found: NDArray[np.float32]) -> pl.Series:
    """Return chances as a column, null where there is none."""
    return pl.Series(name, found, nan_to_null=True)


def mended(
    found: pl.DataFrame, rest: NDArray[np.bool_], compare: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """Have the pairs that loops leave out compared by expressions.

    Args:
        found: What loops found of all pairs, `va` and `vb` first.
        rest: The pairs that are left out.
        compare: Takes pairs `va`, `vb`, returns the columns of `found`.
    """
    at = pl.Series(np.flatnonzero(rest).astype(np.uint32))
    if at.is_empty():
        return found
    others = compare(found.select("va", "vb")[at]).select(found.columns)
    return pl.DataFrame(
        [cells.clone().scatter(at, others[cells.name]) for cells in found.get_columns()]
    )
