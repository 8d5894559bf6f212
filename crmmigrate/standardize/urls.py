"""Columns of web addresses: the vectorised twin of `values.urls`."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.lanes import fast_frame, in_order
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.outcome import BLANK, Outcome
from crmmigrate.values.placeholders import placeholder_words
from crmmigrate.values.urls import FILES, NO_DOMAIN, TRACKED, read_url

__all__ = ["standardize_urls"]

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = (
    rf"^(?:(?i:(https?))://)?((?:{_LABEL}\.)+[A-Za-z]{{2,18}})"
    r"(/[A-Za-z0-9_~/.-]*)?(\?[A-Za-z0-9_=.+-]+(?:&[A-Za-z0-9_=.+-]+)*)?$"
)
"""Addresses of scheme, host, path and query with nothing to doubt."""


def standardize_urls(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Write web addresses in canonical spelling.

    Args:
        distinct: `text` and `_region`.
        book: Not used: addresses are the same everywhere.
        options: None are known.
    """
    del book, options
    rows = distinct.select("text").with_row_index("_at")
    fast = _read_plain(rows)
    slow = rows.join(fast, on="_at", how="anti", maintain_order="left")
    return in_order(
        [
            (fast["_at"], fast_frame(fast.drop("_at"))),
            (slow["_at"], read_each(slow, _outcome)),
        ]
    )


def _read_plain(rows: pl.DataFrame) -> pl.DataFrame:
    """Read the plain addresses: `_at`, `value`, `status` and `codes`."""
    text = pl.col("text")
    nothing = text.str.to_lowercase().is_in(sorted(placeholder_words(tests=True)))
    plain = rows.filter(
        text.str.contains(_PLAIN),
        ~text.str.contains(TRACKED),
        ~text.str.contains(NO_DOMAIN),
        ~text.str.contains(r"(?i)\.$|/\.|xn--"),
        ~text.str.extract(_PLAIN, 2).str.contains(FILES),
        ~nothing,
    )
    parts = [text.str.extract(_PLAIN, at) for at in range(1, 5)]
    scheme, host, path, query = parts
    shown = pl.when((path == "/") & query.is_null()).then(pl.lit("")).otherwise(path)
    value = pl.concat_str(
        scheme.str.to_lowercase().fill_null("https"),
        pl.lit("://"),
        host.str.to_lowercase(),
        shown.fill_null(""),
        query.fill_null(""),
    )
    same = pl.col("value") == text
    return plain.with_columns(value=value).select(
        "_at",
        "value",
        status=pl.when(same).then(pl.lit("unchanged")).otherwise(pl.lit("normalised")),
        codes=pl.when(same)
        .then(pl.lit([], dtype=pl.List(pl.String)))
        .otherwise(pl.lit(["STD551"])),
    )


def _outcome(text: str, region: str | None) -> Outcome:
    del region
    if not text.strip():
        return BLANK
    reading = read_url(text)
    return Outcome(
        text if reading.value is None else reading.value,
        reading.status,
        reading.codes,
        reading.message,
        alternatives=reading.alternatives,
    )
