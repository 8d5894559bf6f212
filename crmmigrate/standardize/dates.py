"""Standardize dates to `YYYY-MM-DD` and datetimes to ISO 8601."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.standardize.lanes import fast_frame, in_order
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.dates import read_date, read_datetime
from crmmigrate.values.folding import to_ascii_digits
from crmmigrate.values.outcome import Outcome, tidy

__all__ = ["DateEvidence", "infer_date_order", "standardize_dates", "standardize_datetimes"]

_NUMERIC = re.compile(r"^(\d{1,2})[./\- ]{1,2}(\d{1,2})[./\- ]{1,2}(\d{4}|\d{2})(?!\d)")
_YEAR_LAST = r"^([0-9]{1,2})[./-]([0-9]{1,2})[./-]((?:19|20)[0-9]{2})$"
_STAMP = r"^(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2} (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
_ORDERS = ("dmy", "mdy", "ymd")


@dataclass(frozen=True, slots=True)
class DateEvidence:
    """What the distinct values of one column say about the order of day and month.

    Attributes:
        order: The order that is proven; None where nothing or contradictory things are.
        dmy: Values that only day before month can explain.
        mdy: Values that only month before day can explain.
        either: Values that both can explain.
    """

    order: str | None
    dmy: int
    mdy: int
    either: int


def infer_date_order(values: pl.Series, rules: RegionRules) -> DateEvidence:
    """Weigh one column: which order do values with a day above 12 prove?

    The result is meant for the option `date_order` of the kernels. A region with one order for
    such dates keeps it unless every proof of the column speaks against it.

    Args:
        values: Distinct texts of one column.
        rules: The region of the column; its orders break a tie that evidence leaves.
    """
    dmy = mdy = either = 0
    for text in values.drop_nulls():
        match = _NUMERIC.match(to_ascii_digits(tidy(text)))
        if match is None:
            continue
        first, second = int(match[1]), int(match[2])
        dmy += 12 < first <= 31 and second <= 12
        mdy += 12 < second <= 31 and first <= 12
        either += first <= 12 and second <= 12 and first != second
    order = None
    if bool(dmy) != bool(mdy):
        order = "dmy" if dmy else "mdy"
    elif not dmy:
        usual = [o for o in rules.date_orders if o in {"dmy", "mdy"}]
        order = usual[0] if len(usual) == 1 else None
    return DateEvidence(order, dmy, mdy, either)


def standardize_dates(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read dates in the order, language and calendar of their region.

    Args:
        distinct: Columns `text` and `_region`.
        book: Rules of all regions.
        options: `date_order` (dmy, mdy, ymd) settles numeric dates of the column.
    """
    return _standardize(distinct, book, options, read_date, _iso_day, "")


def standardize_datetimes(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read dates with a time of day; arguments as in `standardize_dates`."""
    return _standardize(distinct, book, options, read_datetime, _iso_moment, "T00:00:00")


def _standardize(
    distinct: pl.DataFrame,
    book: RegionBook,
    options: Mapping[str, object],
    scalar: Callable[[str | None, RegionRules, str | None], Outcome],
    already: Callable[[pl.Expr], pl.Expr],
    midnight: str,
) -> pl.DataFrame:
    wanted = options.get("date_order")
    order = str(wanted) if wanted in _ORDERS else None

    def read(text: str, region: str | None) -> Outcome:
        return scalar(text, book.get(region), order)

    rows = distinct.with_row_index("_at")
    done = rows.filter(already(pl.col("text")))
    rest = rows.join(done.select("_at"), on="_at", how="anti", maintain_order="left")
    numeric = _numeric_lane(rest, book, order)
    numeric = numeric.with_columns((pl.col("value") + midnight).alias("value"))
    rest = rest.join(numeric.select("_at"), on="_at", how="anti", maintain_order="left")
    stamped = _stamped_lane(rest) if midnight else rest.clear().select("_at", value="text")
    rest = rest.join(stamped.select("_at"), on="_at", how="anti", maintain_order="left")
    told = {"status": pl.lit("normalised"), "codes": pl.lit(["STD401"])}
    return in_order(
        [
            (done["_at"], fast_frame(done.select(value="text"))),
            (stamped["_at"], fast_frame(stamped.select("value", **told))),
            (numeric["_at"], fast_frame(numeric.select("value", "status", "codes"))),
            (rest["_at"], read_each(rest, read)),
        ]
    )


def _numeric_lane(rows: pl.DataFrame, book: RegionBook, order: str | None) -> pl.DataFrame:
    """Read `31.12.2024` and `12/31/2024` where the region's order or the option is one.

    Only what the scalar reads without doubt: a Gregorian region and a day that exists.
    """
    regions = (
        rows["_region"]
        if "_region" in rows.columns
        else pl.Series("_region", [None] * rows.height, dtype=pl.String)
    )
    orders = {region: _year_last_order(book.get(region), order) for region in regions.unique()}
    wanted = [orders[region] for region in regions]
    day, month, year = (pl.col("_parts").struct[str(at)].str.zfill(2) for at in (1, 2, 3))
    dmy, mdy = pl.concat_str(year, month, day), pl.concat_str(year, day, month)
    found = (
        rows.with_columns(
            pl.col("text").str.extract_groups(_YEAR_LAST).alias("_parts"),
            pl.Series("_order", wanted, dtype=pl.String),
        )
        .with_columns(
            dmy.str.to_date("%Y%m%d", strict=False).alias("dmy"),
            mdy.str.to_date("%Y%m%d", strict=False).alias("mdy"),
        )
        .with_columns(pl.when(pl.col("_order") == "dmy").then("dmy").otherwise("mdy").alias("_day"))
        .filter(pl.col("_order").is_not_null() & pl.col("_day").is_not_null())
    )
    doubtful = (
        pl.col("dmy").is_not_null() & pl.col("mdy").is_not_null() & (pl.col("dmy") != pl.col("mdy"))
    )
    return found.select(
        "_at",
        value=pl.col("_day").dt.to_string("%Y-%m-%d"),
        status=pl.lit("normalised"),
        codes=pl.when(doubtful).then(pl.lit(["STD402"])).otherwise(pl.lit(["STD401"])),
    )


def _stamped_lane(rows: pl.DataFrame) -> pl.DataFrame:
    """Read `2024-12-31 23:59:59`, as databases write moments."""
    moment = pl.col("text").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    return rows.filter(
        pl.col("text").str.contains(_STAMP) & moment.is_not_null().fill_null(value=False)
    ).select("_at", pl.col("text").str.replace(" ", "T", literal=True).alias("value"))


def _year_last_order(rules: RegionRules, order: str | None) -> str | None:
    """Return the one order of dates with the year last, None where there is none or a doubt."""
    if rules.calendar != "gregorian":
        return None
    possible = [order] if order in {"dmy", "mdy"} else rules.date_orders
    usual = {o for o in possible if o in {"dmy", "mdy"}}
    return usual.pop() if len(usual) == 1 else None


def _iso_day(text: pl.Expr) -> pl.Expr:
    """Match dates that are already as they should be, within the years that are believed."""
    day = text.str.to_date("%Y-%m-%d", strict=False)
    shape = text.str.contains(r"^(?:1[89]|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$")
    return (shape & day.is_not_null() & ~text.is_in(["1900-01-00", "1899-12-30"])).fill_null(
        value=False
    )


def _iso_moment(text: pl.Expr) -> pl.Expr:
    moment = text.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False)
    shape = text.str.contains(
        r"^(?:1[89]|20)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]$"
    )
    never = text.str.slice(0, 10).is_in(["1899-12-30"])
    return (shape & moment.is_not_null() & ~never).fill_null(value=False)
