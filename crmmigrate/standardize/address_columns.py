"""Addresses in columns of their own, read by plans.

Street, town, postcode, province and country in separate columns are what most CRMs export. A cell
that says one thing only is read once for each distinct text; then the street is read by a plan, with
the other cells as slots beside it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.standardize.address_learning import Lane, Memory
from crmmigrate.standardize.address_signed import read_signed
from crmmigrate.standardize.address_tokens import CELL
from crmmigrate.standardize.address_vocabulary import vocabulary_of
from crmmigrate.values.address_east import town_signs
from crmmigrate.values.addresses import read_address, read_cell
from crmmigrate.values.countries import country_cell
from crmmigrate.values.outcome import Outcome

__all__ = ["read_column_addresses"]

_BESIDE = ("house_number", "locality", "region", "postal_code", "country")
"""Columns beside the street, in the order in which their codes are told."""
_PLACES = ("locality", "region", "postal_code")
_OFTEN = 4
"""How often a signature must come before its plan is worth learning."""
_TOLD = frozenset({"STD321", "STD322", "STD323", "STD324", "STD502"})
"""Codes that say nothing about the line or the other parts."""


def read_column_addresses(
    rows: pl.DataFrame, book: RegionBook
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    """Read the rows whose columns say what their names say.

    Args:
        rows: `_at`, `_region`, and any of the input columns of addresses.
        book: Rules of all regions.

    Yields:
        Row numbers and their outcomes; other rows are left out.
    """
    if "street" not in rows.columns:
        return
    beside = [name for name in _BESIDE if name in rows.columns]
    clean = rows.filter(_is_clean(rows.columns))
    clean = (
        _of_country(clean, book)
        if "country" in beside
        else clean.filter(pl.col("_region").is_not_null())
    )
    filled = [pl.col(name).is_not_null().cast(pl.UInt8) for name in beside]
    kinds = clean.with_columns(_filled=pl.concat_str(filled) if filled else pl.lit(""))
    american = book.get("US")
    for alike in kinds.partition_by("_region"):
        rules = book.get(alike["_region"][0])
        group = alike.filter(~_names_town(beside, rules))
        columns = [c for c in rows.columns if c == "street" or c in beside]
        reader = partial(_read_row, columns=["street", *beside], rules=rules, book=book)
        lane = Lane(
            rules, vocabulary_of(rules, american), reader, _memory_of(rules, tuple(beside)), _OFTEN
        )
        cells = _cells(group, beside, rules)
        raw = cells.rows.select(
            pl.concat_str(columns, separator=", ", ignore_nulls=True)
        ).to_series()
        places, read = read_signed(cells.texts, raw, cells.codes, cells.told, lane)
        yield cells.rows["_at"].gather(places), read


@lru_cache(maxsize=1024)
def _memory_of(rules: RegionRules, beside: tuple[str, ...]) -> Memory:  # noqa: ARG001 - one memory each
    return Memory()


def _is_clean(columns: list[str]) -> pl.Expr:
    """Tell which rows have a tidy street, and no other column filled than those known here."""
    others = [c for c in columns if c not in {"street", *_BESIDE, "_at", "_region", "_known"}]
    street = pl.col("street")
    untidy = street.str.contains("  ", literal=True) | street.str.contains("\n", literal=True)
    untidy |= (
        street.str.starts_with(" ")
        | street.str.ends_with(" ")
        | street.str.contains(CELL, literal=True)
    )
    return pl.all_horizontal(
        [street.is_not_null(), ~untidy, *(pl.col(c).is_null() for c in others)]
    )


def _names_town(beside: list[str], rules: RegionRules) -> pl.Expr:
    """Tell which rows may name the town in their street, too; then both must be compared."""
    signs = town_signs(rules)
    if signs is None or "locality" not in beside:
        return pl.lit(value=False)
    return pl.col("street").str.contains(signs) & pl.col("locality").is_not_null()


def _of_country(rows: pl.DataFrame, book: RegionBook) -> pl.DataFrame:
    """Give rows the region that their country names; those without a known one are left out."""
    pairs = rows.select("_region", "country").unique()
    found: list[str | None] = []
    for region, country in pairs.iter_rows():
        told = country_cell(country, book.get(region).languages) if country else None
        found.append(region if country is None else told.value if told else None)
    table = pairs.with_columns(_own=pl.Series(found, dtype=pl.String))
    keys = ["_region", "country"]
    joined = rows.join(table, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return joined.filter(pl.col("_own").is_not_null()).drop("_region").rename({"_own": "_region"})


@dataclass(frozen=True, slots=True)
class _Cells:
    """Rows whose cells say one thing each: with one text a row, and the codes of its cells."""

    rows: pl.DataFrame
    texts: pl.Series
    codes: pl.Series
    told: list[tuple[str, ...]]


def _cells(group: pl.DataFrame, beside: list[str], rules: RegionRules) -> _Cells:
    """Read the cells beside the street, once for each distinct text."""
    columns: dict[str, pl.Series] = {"street": group["street"]}
    codes: list[tuple[str, ...]] = [()]
    place = np.zeros(group.height, np.int64)
    kept = np.ones(group.height, np.bool_)
    for name in beside:
        fired: dict[tuple[str, ...], int] = {(): 0}
        read, which, known = _column(group, name, beside, rules, fired)
        columns[name] = read
        kept &= known
        if len(fired) > 1:
            codes = [(*before, *after) for before in codes for after in fired]
            place = place * len(fired) + which
    keep = pl.Series(kept)
    texts = (
        pl.DataFrame(columns)
        .filter(keep)
        .select(pl.concat_str([pl.col(c).fill_null("") for c in columns], separator=CELL))
    )
    return _Cells(group.filter(keep), texts.to_series(), pl.Series(place[kept]), codes)


def _column(
    group: pl.DataFrame,
    name: str,
    beside: list[str],
    rules: RegionRules,
    fired: dict[tuple[str, ...], int],
) -> tuple[pl.Series, NDArray[np.int64], NDArray[np.bool_]]:
    """Return what the cells of a column say, the place of their codes in `fired`, and which are read."""
    keys = [name, "_filled"] if name == "locality" else [name]
    distinct = group.select(keys).unique()
    said, which = [], []
    for cell, *filled in distinct.iter_rows():
        places = _places(beside, filled[0]) if filled else ()
        read = _read_cell(name, cell, places, rules) if cell is not None else None
        said.append(read[0] if read else None)
        which.append(fired.setdefault(read[1], len(fired)) if read else 0)
    table = distinct.with_columns(
        _said=pl.Series(said, dtype=pl.String), _which=pl.Series(which, dtype=pl.Int64)
    )
    joined = group.select(keys).join(
        table, on=keys, how="left", nulls_equal=True, maintain_order="left"
    )
    known = joined.select(pl.col(name).is_null() | pl.col("_said").is_not_null()).to_series()
    return joined["_said"], joined["_which"].to_numpy(), known.to_numpy()


def _places(beside: list[str], filled: str) -> tuple[str, ...]:
    there = [name for name, sign in zip(beside, filled, strict=True) if sign == "1"]
    return tuple(name for name in there if name in _PLACES)


def _read_cell(
    name: str, cell: str, places: tuple[str, ...], rules: RegionRules
) -> tuple[str, tuple[str, ...]] | None:
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


def _read_row(
    text: str, columns: list[str], rules: RegionRules, book: RegionBook
) -> Outcome | None:
    """Read a row from its cells, in the order of `columns`."""
    cells = text.split(CELL)
    given: Mapping[str, str | None] = {
        name: cell or None for name, cell in zip(columns, cells, strict=True)
    }
    outcome = read_address(given, rules.code, book.get)
    beside = {name: cell for name, cell in given.items() if cell and name != "street"}
    if any(outcome.parts.get(name) != cell for name, cell in beside.items()):
        return None
    places = tuple(name for name in beside if name in _PLACES)
    fired = {code for name, cell in beside.items() for code in _codes(name, cell, places, rules)}
    return replace(outcome, codes=tuple(code for code in outcome.codes if code not in fired))


def _codes(name: str, cell: str, places: tuple[str, ...], rules: RegionRules) -> tuple[str, ...]:
    read = read_cell(name, cell, places, rules)
    return read[1] if read else ()
