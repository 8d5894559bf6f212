"""E-mail columns: the vectorised twin of `values.emails`."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.emails import read_email
from crmmigrate.values.outcome import BLANK, Outcome

__all__ = ["read_rest", "standardize_emails"]

_PARTS = PARTS[SemanticType.EMAIL]


def standardize_emails(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read e-mail cells: one valid address with its domain in lower case.

    Args:
        distinct: `text` and `_region`.
        book: Not used: addresses are the same everywhere.
        options: None are known.
    """
    from crmmigrate.compiled.compiler import LEAST_ROWS

    del book, options
    if distinct.height < LEAST_ROWS:
        return read_rest(distinct["text"])
    from crmmigrate.standardize.email_lane import read_column

    return read_column(distinct["text"], read_rest)


def read_rest(texts: pl.Series) -> pl.DataFrame:
    """Read cells one by one, as `values.emails` does."""
    return read_each(texts.alias("text").to_frame(), _outcome, _PARTS)


def _outcome(text: str, region: str | None) -> Outcome:
    del region
    if not text.strip():
        return BLANK
    reading = read_email(text)
    found = reading.value is not None
    parts = {
        "domain": reading.domain,
        "role": ("true" if reading.role else "false") if found else None,
        "provider": reading.provider,
        "valid": "true" if found else "false",
    }
    return Outcome(
        reading.value if reading.value is not None else text,
        reading.status,
        reading.codes,
        reading.message,
        parts,
        reading.confidence,
        reading.alternatives,
    )
