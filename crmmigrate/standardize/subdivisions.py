"""Standardize columns of states, provinces and counties."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.outcome import Outcome
from crmmigrate.values.subdivisions import read_subdivision

__all__ = ["standardize_subdivisions"]


def standardize_subdivisions(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Write first-level subdivisions as addresses of their region have them.

    Args:
        distinct: Columns `text` and `_region`.
        book: Rules of all regions: names and codes of subdivisions.
        options: None are known.
    """
    del options

    def read(text: str, region: str | None) -> Outcome:
        return read_subdivision(text, book.get(region).address, region or "")

    return read_each(distinct, read)
