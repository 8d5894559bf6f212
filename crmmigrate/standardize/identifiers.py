"""Standardize tax, registration, bank and person numbers."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.identifiers import read_identifier
from crmmigrate.values.outcome import Outcome

__all__ = ["standardize_identifiers"]


def standardize_identifiers(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Write identifiers compactly and check their digits.

    Args:
        distinct: Columns `text` and `_region`.
        book: Not used.
        options: `kind`, e.g. vat, iban, cui, cnp, orgnr, mva, tin; otherwise whichever of the
            region's kinds recognises the number.
    """
    del book
    kind = options.get("kind")
    wanted = str(kind) if kind else None

    def read(text: str, region: str | None) -> Outcome:
        return read_identifier(text, region, wanted)

    return read_each(distinct, read)
