"""Cells beside the street of an address: what each says, read once for each distinct text."""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.shapes import number_distinct
from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.standardize.address_tokens import CELL
from crmmigrate.values.addresses import read_cell

__all__ = ["PLACES", "Cells", "read_cells"]

PLACES = ("locality", "region", "postal_code")
"""Columns that name places."""
_TOLD = frozenset({"STD321", "STD322", "STD323", "STD324", "STD502"})
"""Codes that say nothing about the line or the other parts."""

Read = tuple[str, tuple[str, ...]]
"""What a cell says, and the codes of what was repaired."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows whose cells say one thing each.

    Attributes:
        rows: `_at`, `_region`, `texts` (the street, and behind CELL what each cell says), `raw` (what
            was written), `codes` (place in `told` of the codes of the cells).
        told: Codes of cells.
    """

    rows: pl.DataFrame
    told: list[tuple[str, ...]]


def read_cells(
    rows: pl.DataFrame, beside: list[str], columns: list[str], book: RegionBook
) -> Cells:
    """Read the cells beside the street.

    Args:
        rows: `_at`, `_region`, `street` and the columns beside it.
        beside: Names of these columns.
        columns: All columns in the order in which they were written.
        book: Rules of all regions.
    """
    said: list[pl.Series] = [rows["street"]]
    codes: list[tuple[str, ...]] = [()]
    place = np.zeros(rows.height, np.int64)
    kept = np.ones(rows.height, np.bool_)
    for name in beside:
        fired: dict[tuple[str, ...], int] = {(): 0}
        texts, which, known = _column(rows, name, beside, book, fired)
        said.append(texts.rename(name))
        kept &= known
        if len(fired) > 1:
            codes = [(*before, *after) for before in codes for after in fired]
            place = place * len(fired) + which
    joined = pl.concat_str([series.fill_null("") for series in said], separator=CELL)
    raw = pl.concat_str(columns, separator=", ", ignore_nulls=True)
    told = rows.select("_at", "_region", texts=joined, raw=raw, codes=pl.Series(place))
    return Cells(told if kept.all() else told.filter(pl.Series(kept)), codes)


def _column(
    rows: pl.DataFrame,
    name: str,
    beside: list[str],
    book: RegionBook,
    fired: dict[tuple[str, ...], int],
) -> tuple[pl.Series, NDArray[np.int64], NDArray[np.bool_]]:
    """Return what the cells of a column say, the place of their codes in `fired`, and which are read."""
    keys = [name, "_region"]
    if name == "locality":
        keys += [place for place in PLACES if place in beside and place != name]
        hashes = pl.col(name).hash() * 3 + pl.col("_region").hash(1)
        hashes += sum(pl.col(key).is_null().cast(pl.UInt64) * 2**at for at, key in enumerate(keys))
    else:
        hashes = pl.col(name).hash() * 3 + pl.col("_region").hash(1)
    firsts, numbers = number_distinct(rows.select(hashes).to_series().to_numpy())
    distinct = rows.select(keys)[firsts]
    said, which = list[str | None](), list[int]()
    for cell, region, *others in distinct.iter_rows():
        there = (name, *(key for key, o in zip(keys[2:], others, strict=True) if o is not None))
        places = tuple(place for place in PLACES if place in there) if name == "locality" else ()
        read = _read_cell(name, cell, places, book.get(region)) if cell is not None else None
        said.append(read[0] if read else None)
        which.append(fired.setdefault(read[1], len(fired)) if read else 0)
    texts = pl.Series(said, dtype=pl.String).gather(numbers)
    known = rows[name].is_null() | texts.is_not_null()
    # two texts of one hash: the second is left to others
    for key in keys[:2]:
        known &= rows[key].eq_missing(distinct[key].gather(numbers))
    return texts, np.array(which, np.int64)[numbers], known.to_numpy()


@lru_cache(maxsize=1 << 16)
def _read_cell(name: str, cell: str, places: tuple[str, ...], rules: RegionRules) -> Read | None:
    """Return what a cell says, and the codes; None if it says more than one thing, or nothing."""
    if name == "postal_code" and _is_usual(cell, rules):
        return cell, ()
    read = read_cell(name, cell, places, rules)
    if read is None or read[0].keys() != {name} or not _TOLD.issuperset(read[1]) or CELL in cell:
        return None
    said = read[0][name]
    if name == "country" and said != rules.code:
        return None
    return (said, read[1]) if said and "\n" not in said else None


@lru_cache(maxsize=512)
def _usual(rules: RegionRules) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    """Return the pattern of postcodes of digits in their usual grouping, and the region's own."""
    address = rules.address
    groups = re.fullmatch(r"(\d+)(?:([ -])(\d+))?", address.postcode_format)
    if groups is None:
        return None
    behind = f"{groups[2]}[0-9]{{{groups[3]}}}" if groups[2] else ""
    return re.compile(f"[0-9]{{{groups[1]}}}{behind}"), re.compile(address.postcode_pattern)


def _is_usual(cell: str, rules: RegionRules) -> bool:
    """Tell whether a postcode of digits stands as its region writes it."""
    patterns = _usual(rules)
    return bool(patterns and all(p.fullmatch(cell) for p in patterns))
