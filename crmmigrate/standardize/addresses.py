"""Standardize postal addresses of any country."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import INPUT_PARTS, PARTS, SemanticType
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.values.addresses import read_address

__all__ = ["standardize_addresses"]

_PARTS = PARTS[SemanticType.POSTAL_ADDRESS]
_INPUTS = ("text", *INPUT_PARTS[SemanticType.POSTAL_ADDRESS])


def standardize_addresses(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read addresses from one text, from columns with parts, or from both.

    Args:
        distinct: `text`, any column of INPUT_PARTS, and `_region`.
        book: Rules of all regions.
        options: None are known.
    """
    del options
    columns = [name for name in _INPUTS if name in distinct.columns]
    regions = distinct["_region"] if "_region" in distinct.columns else [None] * distinct.height
    rows = zip(distinct.select(columns).iter_rows(named=True), regions, strict=True)
    outcomes = [read_address(row, region, book.get) for row, region in rows]
    return outcome_frame(outcomes, _PARTS)
