"""Standardize countries to ISO 3166-1 alpha-2."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.lanes import fast_frame
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.values.countries import depends_on_language, plain_names, read_country
from crmmigrate.values.outcome import Outcome

__all__ = ["read_countries", "standardize_countries"]


def standardize_countries(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read names in any language, codes and misspellings.

    Args:
        distinct: Columns `text` and `region`; the region's languages decide names that mean
            two countries.
        book: Rules of all regions.
        options: None are known.
    """
    from crmmigrate.compiled.compiler import LEAST_ROWS

    del options
    if distinct.height < LEAST_ROWS:
        return _told(distinct, np.zeros(distinct.height, np.int64), book)
    return read_countries(distinct, book)


def read_countries(distinct: pl.DataFrame, book: RegionBook) -> pl.DataFrame:
    """Read a large column: names that mean one country everywhere are looked up by a loop."""
    from crmmigrate.standardize.fold_loops import look_up

    found = look_up(distinct["text"], _table())
    short = found.sizes <= _LONGEST_CODE
    return _told(distinct, np.where(short, 0, found.numbers), book)


_LONGEST_CODE = 3
"""Bytes of the folded form of what may be a code."""


def _told(distinct: pl.DataFrame, known: NDArray[np.int64], book: RegionBook) -> pl.DataFrame:
    """Return the outcomes of known countries, by their numbers, and read the other texts.

    Each text is read once, whatever regions it comes from, unless languages decide its meaning.
    """
    places = known.astype(np.uint32)
    rest = pl.Series(np.flatnonzero(known == 0).astype(np.uint32))
    rows = distinct.select("text", "_region")[rest]
    texts = rows["text"].unique(maintain_order=True)
    read = dict(zip(texts, map(read_country, texts), strict=True))
    first = len(_codes())
    numbers = {text: number for number, text in enumerate(read, first)}
    where = [numbers[text] for text in rows["text"]]
    outcomes = [*read.values()]
    for at, outcome in _local(rows, texts, book).items():
        where[at] = first + len(outcomes)
        outcomes.append(outcome)
    places[rest.to_numpy()] = where
    return pl.concat([_plain_outcomes(), outcome_frame(outcomes)], rechunk=True)[pl.Series(places)]


def _local(rows: pl.DataFrame, texts: pl.Series, book: RegionBook) -> dict[int, Outcome]:
    """Read the rows whose meaning the language of their region may decide."""
    unsure = [text for text in texts if text is not None and depends_on_language(text)]
    if not unsure:
        return {}
    chosen = rows.with_row_index("_at").filter(pl.col("text").is_in(unsure))
    return {
        at: read_country(text, book.get(region).languages)
        for at, text, region in chosen.select("_at", "text", "_region").iter_rows()
    }


@cache
def _codes() -> list[str | None]:
    """Return the countries that names mean, from number 1 on."""
    return [None, *sorted(set(plain_names().values()))]


@cache
def _table() -> NDArray[np.uint64]:
    from crmmigrate.compiled.words import START, make_table

    numbers = {code: number for number, code in enumerate(_codes())}
    return make_table((START, {name: numbers[code] for name, code in plain_names().items()}))


@cache
def _plain_outcomes() -> pl.DataFrame:
    """Return the outcome of each country written by a name; the first stands for nothing."""
    rule = pl.lit(["STD501"], dtype=pl.List(pl.String))
    frame = pl.DataFrame({"value": _codes()}, schema={"value": pl.String})
    return fast_frame(frame.select("value", status=pl.lit("normalised"), codes=rule))
