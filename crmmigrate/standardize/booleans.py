"""Standardize yes and no to `true` and `false`."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.booleans import read_boolean

__all__ = ["standardize_booleans"]


def standardize_booleans(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read yes and no words of many languages; `text` is the only column used."""
    del book, options
    return read_each(distinct, lambda text, _: read_boolean(text))
