"""Standardize picklist values."""

from collections.abc import Mapping, Sequence

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.choices import read_choice

__all__ = ["standardize_choices"]


def standardize_choices(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Match values with the allowed choices.

    Args:
        distinct: Column `text`.
        book: Not used.
        options: `choices`, the allowed values; without it only blanks are tidied.
    """
    del book
    given = options.get("choices", ())
    choices = tuple(str(c) for c in given) if isinstance(given, Sequence) else ()
    return read_each(distinct, lambda text, _: read_choice(text, choices))
