"""Standardize countries to ISO 3166-1 alpha-2."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.countries import read_country
from crmmigrate.values.outcome import Outcome

__all__ = ["standardize_countries"]


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
    del options

    def read(text: str, region: str | None) -> Outcome:
        return read_country(text, book.get(region).languages)

    return read_each(distinct, read)
