"""Standardize numbers to plain decimal strings."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.figure_lane import read_figures
from crmmigrate.standardize.number_evidence import proven_signs
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.numbers import read_number
from crmmigrate.values.outcome import Outcome

__all__ = ["standardize_numbers"]


def standardize_numbers(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read numbers with the decimal and group signs of their region.

    Args:
        distinct: Columns `text` and `region`; without a region `1.234` stays ambiguous.
        book: Rules of all regions.
        options: `decimal_signs`: region → what other values of the column prove to be the sign.
    """
    signs = proven_signs(options)

    def read(text: str, region: str | None) -> Outcome:
        rules = book.get(region)
        known = rules is not book.default
        return read_number(text, rules.number, known=known, decimal=signs.get(region),
                           languages=rules.languages)  # fmt: skip

    if "_region" not in distinct.columns:
        distinct = distinct.with_columns(_region=pl.lit(None, dtype=pl.String))
    placed = read_figures(distinct["text"], distinct["_region"], read)
    return placed.filled(read_each(distinct.filter(~placed.done), read))
