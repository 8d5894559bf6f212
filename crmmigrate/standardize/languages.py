"""Standardize languages to ISO 639 codes."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.languages import read_language

__all__ = ["standardize_languages"]


def standardize_languages(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read names of languages in any language and codes; `text` is the only column used."""
    del book, options
    return read_each(distinct, lambda text, _: read_language(text))
