"""Standardize numbers to plain decimal strings."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.compiled import LEAST_ROWS
from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.number_evidence import proven_signs
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.numbers import read_number
from crmmigrate.values.outcome import Outcome

__all__ = ["read_numbers_by_shape", "standardize_numbers"]


def standardize_numbers(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read numbers with the decimal and group signs of their region.

    Args:
        distinct: Columns `text` and `region`; without a region `1.234` stays ambiguous.
        book: Rules of all regions.
        options: `decimal_signs`: region → what other values of the column prove to be the sign.
    """
    if distinct.height < LEAST_ROWS:
        return _Reader(book, proven_signs(options)).frame(distinct)
    return read_numbers_by_shape(distinct, book, options)


def read_numbers_by_shape(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read a long column by compiled loops; arguments and result as of `standardize_numbers`.

    Args:
        distinct: As in `standardize_numbers`.
        book: Rules of all regions.
        options: As in `standardize_numbers`.
    """
    # Machine code is loaded here, so that small columns and the command line do without.
    from crmmigrate.standardize.figure_columns import read_figures

    if "_region" not in distinct.columns:
        distinct = distinct.with_columns(_region=pl.lit(None, dtype=pl.String))
    reader = _Reader(book, proven_signs(options))
    return read_figures(distinct, reader.read, reader.frame)


class _Reader:
    """The scalar, with what the column proves."""

    def __init__(self, book: RegionBook, signs: Mapping[str | None, str]) -> None:
        self._book, self._signs = book, signs

    def read(self, text: str, region: str | None) -> Outcome:
        """Read one number."""
        rules = self._book.get(region)
        known = rules is not self._book.default
        return read_number(text, rules.number, known=known, decimal=self._signs.get(region),
                           languages=rules.languages)  # fmt: skip

    def frame(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Read `text` of each row with its `_region`."""
        return read_each(rows, self.read)
