"""Standardize columns of postcodes."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.outcome import Outcome
from crmmigrate.values.postcodes import postcode_cell

__all__ = ["standardize_postcodes"]


def standardize_postcodes(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Write postcodes as their region does; lost leading zeros are put back and told.

    Args:
        distinct: Columns `text` and `_region`.
        book: Rules of all regions: shapes of postcodes.
        options: None are known.
    """
    del options

    def read(text: str, region: str | None) -> Outcome:
        return postcode_cell(text, book.get(region).address, region or "")

    return read_each(distinct, read)
