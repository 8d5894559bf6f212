"""Addresses in columns of their own, read by plans.

Street, town, postcode, province and country in separate columns are what most CRMs export. A cell
that says one thing only is read once for each distinct text; then the street is read by a plan, with
the other cells as slots beside it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial

import polars as pl

from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.standardize.address_cells import PLACES, read_cells
from crmmigrate.standardize.address_learning import Lane, Memory
from crmmigrate.standardize.address_signed import names_quarter, read_signed
from crmmigrate.standardize.address_tokens import CELL
from crmmigrate.standardize.address_vocabulary import vocabulary_of
from crmmigrate.values.address_east import town_signs
from crmmigrate.values.addresses import read_address, read_cell
from crmmigrate.values.countries import country_cell
from crmmigrate.values.outcome import Outcome

__all__ = ["read_column_addresses"]

_BESIDE = ("house_number", "locality", "region", "postal_code", "country")
"""Columns beside the street, in the order in which their codes are told."""
_OFTEN = 4
"""How often a signature must come before its plan is worth learning."""


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
    columns = [c for c in rows.columns if c == "street" or c in beside]
    cells = read_cells(clean, beside, columns, book)
    american = book.get("US")
    for alike in cells.rows.partition_by("_region"):
        rules = book.get(alike["_region"][0])
        group = _of_one_town(alike, beside, rules)
        reader = partial(_read_row, columns=["street", *beside], rules=rules, book=book)
        lane = Lane(
            rules, vocabulary_of(rules, american), reader, _memory_of(rules, tuple(beside)), _OFTEN
        )
        places, read = read_signed(group["texts"], group["raw"], group["codes"], cells.told, lane)
        yield group["_at"].gather(places), read


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


def _of_one_town(rows: pl.DataFrame, beside: list[str], rules: RegionRules) -> pl.DataFrame:
    """Leave out rows that may name the town in their street, too: then both must be compared."""
    signs = town_signs(rules)
    if signs is None or "locality" not in beside:
        return rows
    cells = rows["texts"].str.split(CELL)
    named = cells.list.first().str.contains(signs)
    return rows.filter(~(named & (cells.list.get(beside.index("locality") + 1) != "")))


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


def _read_row(
    text: str, columns: list[str], rules: RegionRules, book: RegionBook
) -> Outcome | None:
    """Read a row from its cells, in the order of `columns`."""
    cells = text.split(CELL)
    if names_quarter(cells[0], rules):
        return None
    given: Mapping[str, str | None] = {
        name: cell or None for name, cell in zip(columns, cells, strict=True)
    }
    outcome = read_address(given, rules.code, book.get)
    beside = {name: cell for name, cell in given.items() if cell and name != "street"}
    if any(outcome.parts.get(name) != cell for name, cell in beside.items()):
        return None
    places = tuple(name for name in beside if name in PLACES)
    fired = {code for name, cell in beside.items() for code in _codes(name, cell, places, rules)}
    return replace(outcome, codes=tuple(code for code in outcome.codes if code not in fired))


def _codes(name: str, cell: str, places: tuple[str, ...], rules: RegionRules) -> tuple[str, ...]:
    read = read_cell(name, cell, places, rules)
    return read[1] if read else ()
