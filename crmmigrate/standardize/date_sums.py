"""Read dates of all shapes at once, by dividing the number that their digits are.

Handles what is usual: the first rank of readings gives one day, in a calendar whose years are
Gregorian ones but for a sum. All other rows are left over for `date_lane` and the scalar.
"""

from dataclasses import dataclass
from functools import cache

import polars as pl
import pyarrow as pa

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.date_codes import CODES, SAME, code_lists
from crmmigrate.standardize.date_days import day_key, days, doubtful_keys
from crmmigrate.standardize.date_lane import Told
from crmmigrate.standardize.date_layouts import (
    CANDIDATES,
    KEPT_DIGITS,
    Layouts,
    plan_layouts,
)
from crmmigrate.standardize.date_times import clocks
from crmmigrate.standardize.distinct import find_distinct
from crmmigrate.standardize.lanes import Placed
from crmmigrate.values.date_plans import Choice

__all__ = ["Sums", "read_by_sums"]

_ZEROED = bytes.maketrans(b"123456789", b"000000000")
_OTHERS = bytes(code for code in range(256) if not 48 <= code <= 57)
_LOCAL = CODES.index("STD407")
_DAY = 86400


@dataclass(frozen=True, slots=True)
class Sums:
    """What came of a column.

    Attributes:
        placed: The outcome of the rows that were read.
        refusal: Number of the reason why a row's shape is no date, null where it may be one.
        refusals: Code and reason of each.
    """

    placed: Placed
    refusal: pl.Series
    refusals: list[tuple[str, str]]


def read_by_sums(
    texts: pl.Series, regions: pl.Series, book: RegionBook, choice: Choice, told: Told
) -> Sums:
    """Read a column.

    Args:
        texts: The cells.
        regions: Region of each.
        book: Rules of all regions.
        choice: What the column tells.
        told: How results are written.
    """
    rows, digits, layouts = _packed(texts, regions, book, choice)
    rows = rows.with_columns(key=_key(layouts.days[0], rows))
    key, layout = pl.col("key"), pl.col("layout")
    rows = rows.with_columns(
        done=key.is_not_null() & ~key.is_in(doubtful_keys().implode()),
        code=pl.lit(layouts.roles["code"]).gather(layout),
        habit=pl.lit(0, dtype=pl.UInt32),
    )
    rows = _with_local(_with_others(rows, layouts), layouts)
    rows = _with_time(rows, digits, layouts)
    values = _moments(rows) if told.moments else days()
    return Sums(_placed(texts, rows, values, told), rows["refusal"], layouts.refusals)


def _packed(
    texts: pl.Series, regions: pl.Series, book: RegionBook, choice: Choice
) -> tuple[pl.DataFrame, pl.Series, Layouts]:
    """Return the plan of each row with its digits as one number (`packed`), and all its digits."""
    array = texts.rechunk().to_arrow().cast(pa.large_string())
    valid, offsets, data = array.buffers()
    raw = data.to_pybytes() if data is not None else b""
    zeroed = pa.py_buffer(raw.translate(_ZEROED))
    shapes = pa.LargeStringArray.from_buffers(
        len(array), offsets, zeroed, valid, array.null_count, array.offset
    )
    cells = {"shape": pl.Series(pl.from_arrow(shapes)), "region": regions}
    distinct = find_distinct(pl.DataFrame(cells))
    layouts = plan_layouts(distinct.rows, book, choice)
    planned = layouts.shapes[distinct.at]
    count = planned["digits"].cast(pl.Int64)
    ends = pl.concat([pl.Series([0], dtype=pl.Int64), count.cum_sum()])
    every = pa.py_buffer(raw.translate(None, _OTHERS))
    cut = pa.LargeStringArray.from_buffers(len(array), ends.to_arrow().buffers()[1], every)
    digits = pl.Series("digits", pl.from_arrow(cut))
    longest = count.max()
    kept = digits.str.head(KEPT_DIGITS) if longest and longest > KEPT_DIGITS else digits  # type: ignore[operator]
    row = pl.int_range(len(array), dtype=pl.UInt32, eager=True).alias("row")
    packed = kept.cast(pl.Int64, strict=False).alias("packed")
    return planned.drop("digits").with_columns(row, packed), digits, layouts


def _slot(places: pl.DataFrame, name: str, number: str) -> pl.Expr:
    """Return what some digits are as a number; `number` is the column with the row of `places`."""
    by = pl.lit(places[f"{name}_by"]).gather(number)
    return pl.col("packed") // by % pl.lit(places[f"{name}_in"]).gather(number)


def _key(places: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """Return the number of the day that a reading gives; null where it gives none."""
    names = ("low", "high", "within", "beyond")
    low, high, within, beyond = (pl.lit(places[name]).gather("layout") for name in names)
    year, month, day = (_slot(places, name, "layout") for name in ("year", "month", "day"))
    parts = rows.select(year=year, month=month + pl.col("month"), day=day, layout="layout")
    counted = pl.col("year")
    if (places["within"] != 0).any() or (places["beyond"] != 0).any():
        inside = counted.is_between(low, high)
        counted += pl.when(inside).then(within).otherwise(beyond)
    return parts.select(key=day_key(counted, pl.col("month"), pl.col("day"))).to_series()


def _with_others(rows: pl.DataFrame, layouts: Layouts) -> pl.DataFrame:
    """Compare with the other readings: is there doubt, or a habit of which is told?"""
    habit, done = rows["habit"].clone(), rows["done"].clone()
    for number in range(1, CANDIDATES):
        more = (layouts.roles["every"] > number).rename("more")
        if not more.any():
            break
        some = rows.filter(pl.col("done") & pl.lit(more).gather("layout"))
        other = _key(layouts.days[number], some)
        differs = (other != some["key"]).fill_null(value=False)
        some = some.filter(differs)
        own = layouts.roles["own"].gather(some["layout"]) > number
        habit = habit.scatter(some["row"].filter(~own), 1)
        done = done.scatter(some["row"].filter(own), values=False)
    return rows.with_columns(habit.alias("habit"), done.alias("done"))


def _with_local(rows: pl.DataFrame, layouts: Layouts) -> pl.DataFrame:
    """Tell of another calendar only where a year was counted in it."""
    if not layouts.roles["local"].any():
        return rows
    some = rows.filter(pl.lit(layouts.roles["local"]).gather("layout"))
    places = layouts.days[0]
    low, high = (pl.lit(places[name]).gather("layout") for name in ("low", "high"))
    common = some.filter(~_slot(places, "year", "layout").is_between(low, high))
    return rows.with_columns(rows["code"].clone().scatter(common["row"], 0))


def _with_time(rows: pl.DataFrame, digits: pl.Series, layouts: Layouts) -> pl.DataFrame:
    """Add the `second` of the day and number of the `zone`; rows with an odd time are not done."""
    none = pl.lit(None, dtype=pl.UInt32)
    if layouts.times.height < 2:
        return rows.with_columns(second=none, zone=none)
    times = layouts.times
    timed = rows.filter(pl.col("done") & (pl.col("time") > 0))
    hour, minute, second = (_slot(times, name, "time") for name in ("hour", "minute", "second"))
    half, zone, tail = (pl.lit(times[name]).gather("time") for name in ("half", "zone", "tail"))
    timed = timed.select("row", half=half, zone=zone, tail=tail, h=hour, m=minute, s=second)
    timed = _zoned(timed, digits, layouts.zones)
    whole, h = pl.col("half") == 0, pl.col("h")
    usual = pl.when(whole).then(h <= 23).otherwise(h.is_between(1, 12))
    usual &= (pl.col("m") <= 59) & (pl.col("s") <= 59) & pl.col("zone").is_not_null()
    noon = pl.when(pl.col("half") == 2).then(12).otherwise(0)
    h = pl.when(whole).then(h).otherwise(h % 12 + noon)
    found = timed.filter(usual).select(
        "row", "zone", second=(h * 3600 + pl.col("m") * 60 + pl.col("s")).cast(pl.UInt32)
    )
    height = rows.height

    def spread(cells: pl.Series) -> pl.Series:
        nothing = pl.repeat(None, height, dtype=pl.UInt32, eager=True)
        return nothing.scatter(found["row"], cells)

    return rows.with_columns(
        rows["done"].clone().scatter(timed.filter(~usual)["row"], values=False),
        second=spread(found["second"]),
        zone=spread(found["zone"]),
    )


def _zoned(timed: pl.DataFrame, digits: pl.Series, zones: list[str]) -> pl.DataFrame:
    """Number the zones as `_zones` has them; null where there is no such zone."""
    named = pl.Series([_named(zone) for zone in zones], dtype=pl.UInt32)
    known = timed.with_columns(zone=pl.lit(named).gather("zone"))
    if not (timed["tail"] > 0).any():
        return known
    last = (
        digits.gather(timed["row"])
        .str.tail(timed["tail"].cast(pl.Int64))
        .cast(pl.Int32, strict=False)
    )
    away = pl.when(pl.col("tail") == 2).then(pl.col("last") * 100).otherwise(pl.col("last"))
    west = pl.lit(pl.Series([zone == "-" for zone in zones])).gather("zone") & (away > 0)
    number = away // 100 * 60 + away % 100
    usual = (away % 100 <= 59) & (away // 100 <= 15)
    found = pl.when(usual).then(1 + number + pl.when(west).then(_QUARTER).otherwise(0))
    counted = timed.with_columns(last.alias("last")).select(found.cast(pl.UInt32)).to_series()
    return known.with_columns(zone=known["zone"].zip_with(timed["tail"] == 0, counted))


_QUARTER = 16 * 60
"""Minutes that a zone may be away from UTC, and those of the other side behind them."""


def _named(zone: str) -> int | None:
    return _zones().index_of(zone) if len(zone) != 1 else None


@cache
def _zones() -> pl.Series:
    """Return the spelling of no zone, of those to the east and of those to the west."""
    away = [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in range(_QUARTER)]
    return pl.Series(["", *(f"+{each}" for each in away), *(f"-{each}" for each in away)])


def _placed(texts: pl.Series, rows: pl.DataFrame, values: pl.Series, told: Told) -> Placed:
    """Tell where in the tables each row's cells stand."""
    value = pl.col("row") if told.moments else pl.col("key").cast(pl.UInt32)
    lost = ((pl.col("second") > 0) | (pl.col("zone") > 0)).fill_null(value=False)
    same = (pl.lit(values).gather(value) == pl.lit(texts)).fill_null(value=False)
    rows = rows.with_columns(
        value=value, lost=pl.lit(value=False) if told.moments else lost, same=same
    )
    codes = pl.col("code") * 4 + pl.col("habit") * 2 + pl.col("lost").cast(pl.UInt32)
    message: pl.Expr = pl.when("lost").then("second")
    if told.evidence:
        proof = pl.lit(_DAY, dtype=pl.UInt32)
        message = pl.when(pl.col("habit") == 1).then(proof).otherwise(message)
    tables = {
        "value": values,
        "status": _STATUSES,
        "codes": code_lists(),
        "message": pl.concat([_losses(), pl.Series([told.evidence])]),
        "confidence": pl.Series([1.0]),
        "alternatives": pl.Series([[]], dtype=pl.List(pl.String)),
    }
    places = rows.select(
        "value",
        status=pl.col("same").cast(pl.UInt32),
        codes=pl.when("same").then(SAME).otherwise(codes).cast(pl.UInt32),
        message=message,
    )
    return Placed(tables, places, rows["done"])


_STATUSES = pl.Series(["normalised", "unchanged"])


@cache
def _losses() -> pl.Series:
    """Return what is told of a time that is dropped, by its second of the day."""
    return clocks().to_frame("clock").select(pl.format("time {} is dropped", "clock")).to_series()


def _moments(rows: pl.DataFrame) -> pl.Series:
    """Write day, time and zone of each row."""
    day = pl.lit(days()).gather("key")
    if rows["second"].null_count() == rows.height:
        return rows.select(pl.concat_str(day, pl.lit("T00:00:00"))).to_series()
    clock = pl.lit(clocks()).gather(pl.col("second").fill_null(0))
    zone = pl.lit(_zones()).gather(pl.col("zone").fill_null(0))
    return rows.select(pl.concat_str(day, pl.lit("T"), clock, zone)).to_series()
