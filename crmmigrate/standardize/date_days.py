"""Days as whole numbers: the arithmetic of calendars for a column."""

import re
from datetime import date
from functools import cache

import polars as pl

from crmmigrate.values.calendars import gregorian
from crmmigrate.values.dates import CLEARLY_PAST, CLEARLY_RECENT, FIRST_YEAR, LAST_YEAR, NEVER

__all__ = ["day_key", "days", "doubtful_keys", "with_key"]

_YEAR, _MONTH = 384, 32
"""A day's number is (year - 1583) · 384 + (month - 1) · 32 + day - 1."""

_PLAIN = frozenset({"gregorian", "plausible", "pivot", "shifted", "buddhist_long", "roc_long"})


@cache
def days() -> pl.Series:
    """Return the ISO spelling by the number of the day, null where there is no such day."""
    every = pl.date_range(
        date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31), interval="1d", eager=True
    ).to_frame("day")
    day = pl.col("day").dt
    known = every.select(
        number=_numbered(day.year(), day.month(), day.day()), iso=day.to_string("%Y-%m-%d")
    )
    size = (LAST_YEAR - FIRST_YEAR + 1) * _YEAR
    numbers = pl.DataFrame({"number": pl.int_range(size, dtype=pl.Int32, eager=True)})
    return numbers.join(known, on="number", how="left", maintain_order="left")["iso"]


@cache
def _known_days() -> pl.Series:
    """Return the number of the day by itself, null where there is no such day."""
    numbers = pl.int_range(len(days()), dtype=pl.Int32, eager=True)
    return numbers.set(days().is_null(), None)


def _numbered(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    years = (year.cast(pl.Int32) - FIRST_YEAR) * _YEAR
    return years + (month.cast(pl.Int32) - 1) * _MONTH + day.cast(pl.Int32) - 1


def day_key(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Return the number of a day, null where there is none or its year is not believed."""
    inside = year.is_between(FIRST_YEAR, LAST_YEAR)
    inside &= month.is_between(1, 12) & day.is_between(1, 31)
    number = pl.when(inside).then(_numbered(year, month, day))
    return pl.lit(_known_days()).gather(number)


@cache
def doubtful_keys() -> pl.Series:
    """Return the numbers of days that some spellings of no date may be read as."""
    found = set()
    for text in NEVER:
        first, second, third = (int(part) for part in re.split(r"[-/.]", text))
        orders = [(first, second, third), (third, second, first), (third, first, second)]
        for year, month, day in orders:
            for common in (year, year + _FIRST_MINGUO):
                inside = FIRST_YEAR <= common <= LAST_YEAR and 1 <= month <= 12
                if inside and 1 <= day <= 31:
                    found.add((common - FIRST_YEAR) * _YEAR + (month - 1) * _MONTH + day - 1)
    return pl.Series("key", sorted(found), dtype=pl.Int32)


_FIRST_MINGUO = 1911
"""Years before the first of the Republic of China, whose year 1 may be the 1 of 0001-01-01."""


def with_key(
    rows: pl.DataFrame, at: int, calendar: str, shift: int, names: tuple[str, str, str]
) -> pl.DataFrame:
    """Add the number of the day that a candidate gives, and what is told about it.

    Rows whose year is out of reach are dropped: the scalar says what is wrong with them.

    Args:
        rows: Rows with the numbers of year, month and day.
        at: Number of the candidate; the new columns are `key_<at>`, `code_<at>` and for short
            Thai years `other_<at>` and `message_<at>`.
        calendar: How the candidate's year is counted.
        shift: What a shifted year is away from the Gregorian one.
        names: Columns of year, month and day.
    """
    year, month, day = (pl.col(name) for name in names)
    if calendar == "buddhist_short":
        return _with_thai(rows, at, year, month, day)
    if calendar not in _PLAIN:
        return _with_lunar(rows, at, calendar, names)
    common, code = _common(calendar, shift, year)
    rows = rows.with_columns(_common=common, **{f"code_{at}": code})
    if calendar != "plausible":
        rows = rows.filter(pl.col("_common").is_between(FIRST_YEAR, LAST_YEAR))
    return rows.with_columns(day_key(pl.col("_common"), month, day).alias(f"key_{at}"))


def _common(calendar: str, shift: int, year: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the Gregorian year and the code that tells how it was found."""
    other = pl.lit("STD407")
    if calendar == "pivot":
        return year + pl.when(year <= 49).then(2000).otherwise(1900), pl.lit("STD406")
    if calendar == "shifted":
        return year + shift, other
    if calendar == "buddhist_long":
        local = year.is_between(2300, 2699)
        return pl.when(local).then(year - 543).otherwise(year), pl.when(local).then(other)
    if calendar == "roc_long":
        local = year < 200
        return pl.when(local).then(year + 1911).otherwise(year), pl.when(local).then(other)
    return year, pl.lit(None, dtype=pl.String)


def _with_thai(
    rows: pl.DataFrame, at: int, year: pl.Expr, month: pl.Expr, day: pl.Expr
) -> pl.DataFrame:
    """Choose between the Buddhist and the common reading of a Thai year of two digits."""
    pivoted = year + pl.when(year <= 49).then(2000).otherwise(1900)
    rows = rows.with_columns(
        _common=day_key(pivoted, month, day), _local=day_key(year + 1957, month, day)
    )
    modern = (year <= CLEARLY_RECENT) | (year > CLEARLY_PAST)
    usual = (pl.col("_common").is_not_null() & modern) | pl.col("_local").is_null()
    short = year.cast(pl.String).str.zfill(2)
    said = (
        pl.when(usual)
        .then(pivoted.cast(pl.String))
        .otherwise(pl.concat_str(pl.lit("B.E. "), (year + 2500).cast(pl.String)))
    )
    return rows.with_columns(
        pl.when(usual).then("_common").otherwise("_local").alias(f"key_{at}"),
        pl.when(usual).then("_local").otherwise("_common").alias(f"other_{at}"),
        pl.lit("STD417").alias(f"code_{at}"),
        pl.concat_str(pl.lit("year "), short, pl.lit(" is read as "), said).alias(f"message_{at}"),
    )


def _with_lunar(
    rows: pl.DataFrame, at: int, calendar: str, names: tuple[str, str, str]
) -> pl.DataFrame:
    """Turn Persian and Islamic dates, each distinct one once, by the scalar's arithmetic."""
    distinct = rows.select(names).unique()
    base = calendar.removesuffix("_long").removesuffix("_short")
    turned: list[tuple[date | None, str | None]] = []
    for year, month, day in distinct.iter_rows():
        if calendar.endswith("_long") and not 1250 <= year < 1560:
            turned.append((gregorian("gregorian", year, month, day), None))
            continue
        century = (1400 if year < 40 else 1300) if calendar.endswith("_short") else 0
        turned.append((gregorian(base, year + century, month, day), "STD407"))
    found = pl.DataFrame(turned, schema={"_day": pl.Date, f"code_{at}": pl.String}, orient="row")
    rows = rows.join(distinct.hstack(found), on=list(names), how="left", maintain_order="left")
    day_ = pl.col("_day").dt
    far = day_.year().is_between(FIRST_YEAR, LAST_YEAR)
    rows = rows.filter(far.fill_null(value=True))
    key = _numbered(day_.year(), day_.month(), day_.day()).alias(f"key_{at}")
    return rows.with_columns(key).drop("_day")
