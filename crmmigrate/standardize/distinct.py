"""Look at each distinct combination of cells once."""

from dataclasses import dataclass

import numpy as np
import polars as pl

__all__ = ["Distinct", "find_distinct", "hash_rows", "number_texts"]

_MANY = 20_000
"""From so many rows on, a compiled loop numbers them: loading machine code takes some time."""


@dataclass(frozen=True, slots=True)
class Distinct:
    """Distinct rows of a frame, in order of first appearance, and which one each row is.

    Attributes:
        rows: The distinct rows.
        at: Row of the frame → row of `rows` (UInt32).
    """

    rows: pl.DataFrame
    at: pl.Series


def find_distinct(given: pl.DataFrame) -> Distinct:
    """Find the distinct rows of a frame of text columns.

    Rows are told apart by a hash of 64 bits, which is several times faster than comparing them;
    then every cell is compared with the one that stands for it, and only if two different rows
    should ever share a hash, all are compared.
    """
    hashes = hash_rows(given)
    first, at = (_numbered if given.height >= _MANY else _joined)(hashes)
    rows = given[first]
    if all(_same(given[name], rows[name], at) for name in given.columns):
        return Distinct(rows, at)
    return _compared(given)


def number_texts(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the different texts of a column that has few, and which of these each row has (UInt32).

    They are told apart by 64 bits, and stand in the order of their first rows.
    """
    first, at = (_numbered if len(texts) >= _MANY else _joined)(texts.hash())
    return texts.gather(first), at


def hash_rows(given: pl.DataFrame) -> pl.Series:
    """Return a hash of 64 bits of each row of a frame of text columns."""
    return given.select(_hash(given.columns)).to_series()


def _numbered(hashes: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the first row of each hash, and which of these each row has."""
    from crmmigrate.compiled.shapes import number_distinct

    firsts, numbers = number_distinct(hashes.to_numpy())
    return pl.Series(firsts.astype(np.uint32)), pl.Series(numbers.astype(np.uint32))


def _joined(hashes: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the same for few rows."""
    hashed = hashes.alias("_hash").to_frame()
    first = hashed.with_row_index("_first").unique("_hash", keep="first", maintain_order=True)
    numbered = first.with_row_index("_at")
    places = numbered.select("_hash", "_at")
    at = hashed.join(places, on="_hash", how="left", maintain_order="left")["_at"]
    return numbered["_first"], at


def _hash(columns: list[str]) -> pl.Expr:
    """Return one hash of all cells of a row; the same text in another column counts as another."""
    whole, *others = [pl.col(name).hash(seed=number) for number, name in enumerate(columns)]
    for other in others:
        whole = whole * _ODD + other
    return whole.alias("_hash")


_ODD = pl.lit(0x9E3779B97F4A7C15, dtype=pl.UInt64)
"""An odd factor with its bits well mixed (2 to the 64 by the golden ratio); products wrap around."""


def _same(cells: pl.Series, standing: pl.Series, at: pl.Series) -> bool:
    return bool(cells.eq_missing(standing.gather(at)).all())


def _compared(given: pl.DataFrame) -> Distinct:
    rows = given.unique(maintain_order=True)
    numbered = rows.with_row_index("_at")
    joined = given.join(
        numbered, on=given.columns, how="left", nulls_equal=True, maintain_order="left"
    )
    return Distinct(rows, joined["_at"])
