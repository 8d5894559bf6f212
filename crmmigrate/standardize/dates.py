"""Standardize dates to `YYYY-MM-DD` and datetimes to ISO 8601."""

from collections.abc import Callable, Mapping

import polars as pl

from crmmigrate.compiled import LEAST_ROWS
from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.standardize.date_evidence import DateEvidence, infer_date_order
from crmmigrate.standardize.date_layouts import Habit
from crmmigrate.standardize.date_regions import BY_REGION
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.date_plans import EITHER, Choice
from crmmigrate.values.dates import EPOCHS, read_date, read_datetime
from crmmigrate.values.outcome import Outcome

__all__ = [
    "DateEvidence",
    "infer_date_order",
    "read_dates_by_shape",
    "standardize_dates",
    "standardize_datetimes",
]

Options = Mapping[str, object]
Scalar = Callable[[str | None, RegionRules, str | None, str | None, str, str], Outcome]


def standardize_dates(distinct: pl.DataFrame, book: RegionBook, options: Options) -> pl.DataFrame:
    """Read dates in the order, language and calendar of their region.

    Args:
        distinct: Columns `text` and `_region`.
        book: Rules of all regions.
        options: `date_order` (dmy, mdy, ymd) settles numeric dates of the column, `date_era`
            (buddhist, gregorian) years of two digits, `date_system` (1900, 1904) where serial
            numbers begin; `date_regions` holds such options by region; `date_evidence` is told where an order
            had to be decided.
    """
    if distinct.height >= LEAST_ROWS:
        return read_dates_by_shape(distinct, book, options, moments=False)
    return _scalar(book, options, read_date)(distinct)


def standardize_datetimes(
    distinct: pl.DataFrame, book: RegionBook, options: Options
) -> pl.DataFrame:
    """Read dates with a time of day; arguments as in `standardize_dates`."""
    if distinct.height >= LEAST_ROWS:
        return read_dates_by_shape(distinct, book, options, moments=True)
    return _scalar(book, options, read_datetime)(distinct)


def read_dates_by_shape(
    distinct: pl.DataFrame, book: RegionBook, options: Options, *, moments: bool
) -> pl.DataFrame:
    """Read a long column by compiled loops; arguments and result as of `standardize_dates`.

    Args:
        distinct: Columns `text` and `_region`.
        book: Rules of all regions.
        options: As in `standardize_dates`.
        moments: The time of day is kept, as in a datetime.
    """
    # Machine code is loaded here, so that small columns and the command line do without.
    from crmmigrate.standardize.date_columns import read_columns

    if "_region" not in distinct.columns:
        distinct = distinct.with_columns(_region=pl.lit(None, dtype=pl.String))
    read = _scalar(book, options, read_datetime if moments else read_date)
    return read_columns(distinct, book, _habits(options), read, moments=moments)


def _scalar(
    book: RegionBook, options: Options, scalar: Scalar
) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return the reading of a frame value by value."""
    habits = _habits(options)

    def read(text: str, region: str | None) -> Outcome:
        habit = habits(region)
        order, era, system = habit.choice.order, habit.choice.era, habit.choice.system
        return scalar(text, book.get(region), order, era, habit.evidence, system)

    return lambda rows: read_each(rows, read)


def _habits(options: Options) -> Callable[[str | None], Habit]:
    """Return what is known of the dates of each region: its own options, or the common ones."""
    common = {name: value for name, value in options.items() if name != BY_REGION}
    usual, by_region = _habit(common), options.get(BY_REGION)
    if not isinstance(by_region, Mapping):
        return lambda _: usual
    own = {region: _habit({**told, **common}) for region, told in by_region.items()}
    return lambda region: own.get(region, usual)


def _habit(options: Options) -> Habit:
    order, era = options.get("date_order"), options.get("date_era")
    system = str(options.get("date_system") or "")
    choice = Choice(
        str(order) if order in {"dmy", "mdy", "ymd", EITHER} else None,
        str(era) if era in {"buddhist", "gregorian"} else None,
        system if system in EPOCHS else "1900",
    )
    return Habit(choice, str(options.get("date_evidence") or ""))
