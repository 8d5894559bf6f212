"""Standardize tax, registration, bank and person numbers."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.lanes import fast_frame, in_order
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.identifiers import read_identifier
from crmmigrate.values.outcome import Outcome
from crmmigrate.values.placeholders import placeholder_words

__all__ = ["standardize_identifiers"]

_PARTS = PARTS[SemanticType.IDENTIFIER]


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

    if wanted:
        return read_each(distinct, read, _PARTS)
    rows = distinct.select("text", "_region").with_row_index("_at")
    perhaps = pl.col("_region").is_not_null() & (pl.col("text").str.count_matches(r"\d") >= 8)
    own = rows.filter(_is_own(pl.col("text")) & ~perhaps)
    rest = rows.join(own.select("_at"), on="_at", how="anti", maintain_order="left")
    return in_order(
        [
            (own["_at"], fast_frame(own.select(value="text"), _PARTS)),
            (rest["_at"], read_each(rest, read, _PARTS)),
        ]
    )


_LABELS = (
    r"^(?:cui|cif|vat|iban|org|tax|tin|cnp|ein|ssn|utr|ust|steuernr|uid|tva|siren|siret|piva|nif|nip|pesel|"
    r"cvr|mva)(?:\b|nr|no|id|_)"
)


def _is_own(text: pl.Expr) -> pl.Expr:
    """Tell which texts are numbers of the source itself, with nothing to read or to tidy.

    No country stands before them, no label, no blank; a spreadsheet left no trace.
    """
    nothing = pl.Series(sorted(placeholder_words()))
    return (
        text.str.contains(r"^(?:[0-9]|[A-Za-z]{1,2}[0-9-]|[A-Za-z]{3,}-)[A-Za-z0-9/_-]*$")
        & ~text.str.contains(r"^[A-Za-z]{2}[A-Za-z0-9_-]{0,4}\d")
        & ~text.str.contains(rf"(?i)^\d(?:[.,]\d+)?e\+|{_LABELS}")
        & ~text.str.to_lowercase().is_in(nothing.implode())
    )
