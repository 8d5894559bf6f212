"""Standardize dates to `YYYY-MM-DD` and datetimes to ISO 8601."""

from collections.abc import Callable, Mapping
from functools import cache

import polars as pl

from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.standardize.date_evidence import DateEvidence, infer_date_order
from crmmigrate.standardize.date_lane import Told, read_by_shape
from crmmigrate.standardize.lanes import fast_frame, in_order
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.date_plans import Choice
from crmmigrate.values.dates import plain_date, read_date, read_datetime
from crmmigrate.values.outcome import Outcome, tidy

__all__ = ["DateEvidence", "infer_date_order", "standardize_dates", "standardize_datetimes"]

_ODD = r"[^\x20-\x7e]|^ | $|  "
_BLANKS = r"^ +| +$| {2,}"

Scalar = Callable[[str | None, RegionRules, str | None, str | None, str], Outcome]


def standardize_dates(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read dates in the order, language and calendar of their region.

    Args:
        distinct: Columns `text` and `_region`.
        book: Rules of all regions.
        options: `date_order` (dmy, mdy, ymd) settles numeric dates of the column, `date_era`
            (buddhist, gregorian) years of two digits; `date_evidence` is told where an order
            had to be decided.
    """
    return _standardize(distinct, book, options, read_date, moments=False)


def standardize_datetimes(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read dates with a time of day; arguments as in `standardize_dates`."""
    return _standardize(distinct, book, options, read_datetime, moments=True)


def _standardize(
    distinct: pl.DataFrame,
    book: RegionBook,
    options: Mapping[str, object],
    scalar: Scalar,
    *,
    moments: bool,
) -> pl.DataFrame:
    choice = _choice(options)
    evidence = str(options.get("date_evidence") or "")

    def read(text: str, region: str | None) -> Outcome:
        return scalar(text, book.get(region), choice.order, choice.era, evidence)

    rows = distinct.with_row_index("_at")
    if "_region" not in rows.columns:
        rows = rows.with_columns(_region=pl.lit(None, dtype=pl.String))
    plain = _plain_rows(rows)
    plain = plain.filter(pl.col("plain") != "")
    done = read_by_shape(plain, book, choice, Told(moments=moments, evidence=evidence))
    rest = rows.join(done.select("_at"), on="_at", how="anti", maintain_order="left")
    return in_order([(done["_at"], fast_frame(done)), (rest["_at"], read_each(rest, read))])


def _choice(options: Mapping[str, object]) -> Choice:
    order, era = options.get("date_order"), options.get("date_era")
    return Choice(
        str(order) if order in {"dmy", "mdy", "ymd"} else None,
        str(era) if era in {"buddhist", "gregorian"} else None,
    )


def _plain_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the tidied text, and the same with ASCII digits, as the scalar does."""
    rows = rows.select("_at", "text", "_region").filter(pl.col("text").is_not_null())
    odd = rows["text"].str.contains(_ODD)
    usual = rows.filter(~odd).with_columns(tidied="text", plain="text")
    rest = rows.filter(odd)
    if rest.is_empty():
        return usual
    tidied = _closed(pl.col("text").str.replace_many(_blanks()))
    rest = rest.with_columns(tidied=tidied)
    plain = pl.col("tidied").str.replace_many(_digits())
    first = plain.str.replace_all("元年", "1年", literal=True)
    return pl.concat([usual, rest.with_columns(plain=first)])


def _closed(text: pl.Expr) -> pl.Expr:
    """Leave one blank between words and none around them."""
    loose = text.str.contains(_BLANKS)
    closed = text.str.strip_chars(" ").str.replace_all(r" {2,}", " ")
    return pl.when(loose).then(closed).otherwise(text)


@cache
def _blanks() -> Mapping[str, str]:
    """Return what is a blank or invisible, as `tidy` takes it."""
    signs = {chr(code): tidy(f"a{chr(code)}b")[1:-1] for code in range(0x10000)
             if not 0xD800 <= code < 0xE000 and not chr(code).isalnum()}  # fmt: skip
    return {sign: blank for sign, blank in signs.items() if sign not in {blank, " "}}


@cache
def _digits() -> Mapping[str, str]:
    """Return every decimal digit of Unicode with its ASCII digit, and the signs passed over."""
    every = map(chr, range(128, 0x20000))
    return {c: plain_date(f"a{c}b")[1:-1] for c in every if c.isdecimal() or c in "ـ−"}
