"""Standardize dates to `YYYY-MM-DD` and datetimes to ISO 8601."""

from collections.abc import Callable, Mapping
from functools import cache

import polars as pl

from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.standardize.date_evidence import DateEvidence, infer_date_order
from crmmigrate.standardize.date_lane import Told, read_by_shape
from crmmigrate.standardize.date_refusals import refuse_dates
from crmmigrate.standardize.date_regions import BY_REGION
from crmmigrate.standardize.date_sums import Sums, read_by_sums
from crmmigrate.standardize.lanes import fast_frame
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.date_plans import EITHER, Choice
from crmmigrate.values.dates import EPOCHS, plain_date, read_date, read_datetime
from crmmigrate.values.outcome import Outcome, tidy

__all__ = ["DateEvidence", "infer_date_order", "standardize_dates", "standardize_datetimes"]

_ODD = r"[^\x20-\x7e]|^ | $|  "
_BLANKS = r"^ +| +$| {2,}"

_FOREIGN = r"[\p{Nd}--0-9]"

Read = Callable[[str, str | None], Outcome]
Scalar = Callable[[str | None, RegionRules, str | None, str | None, str, str], Outcome]


def standardize_dates(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read dates in the order, language and calendar of their region.

    Args:
        distinct: Columns `text` and `_region`.
        book: Rules of all regions.
        options: `date_order` (dmy, mdy, ymd) settles numeric dates of the column, `date_era`
            (buddhist, gregorian) years of two digits, `date_system` (1900, 1904) where serial
            numbers begin; `date_regions` holds such options by region; `date_evidence` is told where an order
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
    by_region = options.get(BY_REGION)
    if isinstance(by_region, Mapping) and "_region" in distinct.columns:
        return _by_region(distinct, book, options, by_region, scalar, moments=moments)
    choice = _choice(options)
    evidence = str(options.get("date_evidence") or "")

    def read(text: str, region: str | None) -> Outcome:
        return scalar(text, book.get(region), choice.order, choice.era, evidence, choice.system)

    if "_region" not in distinct.columns:
        distinct = distinct.with_columns(_region=pl.lit(None, dtype=pl.String))
    told = Told(moments=moments, evidence=evidence)
    texts, regions = _with_ascii_digits(distinct["text"]), distinct["_region"]
    sums = read_by_sums(texts, regions, book, choice, told)
    rows = distinct.with_row_index("_at").filter(~sums.placed.done)
    return sums.placed.filled(_left_over(rows, sums, book, choice, told, read))


def _by_region(
    distinct: pl.DataFrame,
    book: RegionBook,
    options: Mapping[str, object],
    by_region: Mapping[str | None, Mapping[str, object]],
    scalar: Scalar,
    *,
    moments: bool,
) -> pl.DataFrame:
    """Read the rows of some regions with options of their own, the others with the common ones."""
    common = {name: value for name, value in options.items() if name != BY_REGION}
    region, places = distinct["_region"], list[pl.Series]()
    left = pl.repeat(value=True, n=distinct.height, eager=True)
    pieces = []
    for code, own in by_region.items():
        its = region.eq_missing(pl.Series([code], dtype=pl.String))
        left &= ~its
        places.append(its.arg_true())
        some = distinct.filter(its)
        pieces.append(_standardize(some, book, {**own, **common}, scalar, moments=moments))
    places.append(left.arg_true())
    pieces.append(_standardize(distinct.filter(left), book, common, scalar, moments=moments))
    return pl.concat(pieces)[pl.concat(places).arg_sort()]


def _left_over(
    rows: pl.DataFrame, sums: Sums, book: RegionBook, choice: Choice, told: Told, read: Read
) -> pl.DataFrame:
    """Read the rows that sums did not, in order: by their structure, and one by one at last."""
    plain = _plain_rows(rows)
    plain = plain.filter(pl.col("plain") != "")
    refusal = sums.refusal.gather(plain["_at"])
    refused = refuse_dates(plain, refusal, sums.refusals)
    done = read_by_shape(plain.filter(refusal.is_null()), book, choice, told)
    pieces = [(done["_at"], fast_frame(done)), (refused["_at"], fast_frame(refused))]
    found = pl.concat([at for at, _ in pieces])
    rest = rows.filter(~pl.col("_at").is_in(found.implode()))
    pieces.append((rest["_at"], read_each(rest, read)))
    order = pl.concat([at for at, _ in pieces]).arg_sort()
    return pl.concat([outcome for _, outcome in pieces])[order]


def _with_ascii_digits(texts: pl.Series) -> pl.Series:
    """Write digits of other scripts as ASCII ones."""
    foreign = (texts.str.len_bytes() != texts.str.len_chars()).arg_true()
    foreign = foreign.filter(texts.gather(foreign).str.contains(_FOREIGN))
    if foreign.is_empty():
        return texts
    some = texts.gather(foreign).str.replace_many(_digits())
    places = pl.int_range(len(texts), dtype=pl.UInt32, eager=True)
    behind = pl.int_range(len(texts), len(texts) + len(some), dtype=pl.UInt32, eager=True)
    return pl.concat([texts, some]).gather(places.scatter(foreign, behind))


def _choice(options: Mapping[str, object]) -> Choice:
    order, era = options.get("date_order"), options.get("date_era")
    system = str(options.get("date_system") or "")
    return Choice(
        str(order) if order in {"dmy", "mdy", "ymd", EITHER} else None,
        str(era) if era in {"buddhist", "gregorian"} else None,
        system if system in EPOCHS else "1900",
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
