"""The times of day of a column, by where their digits stand."""

from functools import cache

import polars as pl

from crmmigrate.standardize.date_shapes import Digits, Shapes
from crmmigrate.values.times import TimePlan

__all__ = ["clocks", "with_clock"]


def with_clock(rows: pl.DataFrame, shapes: Shapes, digits: Digits) -> pl.DataFrame:
    """Add `clock` (HH:MM:SS) and `zone`; rows with an odd time are dropped, for the scalar.

    Args:
        rows: Rows with `shape`, `time` and `begin`, all with a time.
        shapes: Plans of the shapes.
        digits: The digits of the rows.
    """
    parts = [
        _clocked(part, shapes.times[part.item(0, "time")], shapes, digits)
        for part in rows.partition_by("time")
    ]
    return pl.concat(parts)


def _clocked(rows: pl.DataFrame, plan: TimePlan, shapes: Shapes, digits: Digits) -> pl.DataFrame:
    places = {"hour": plan.hour, "minute": plan.minute, "second": plan.second,
              "zone_hour": plan.zone_hour, "zone_minute": plan.zone_minute}  # fmt: skip
    nought = pl.lit(0, dtype=pl.Int32)
    numbers = {
        name: nought if slot is None else shapes.number(slot, digits)
        for name, slot in places.items()
    }
    rows = rows.with_columns(**numbers)
    hour, minute, second = pl.col("hour"), pl.col("minute"), pl.col("second")
    low, high = (1, 12) if plan.half else (0, 23)
    usual = hour.is_between(low, high) & (minute <= 59) & (second <= 59)
    if plan.fraction is not None:
        usual &= shapes.number(plan.fraction, digits).fill_null(0) == 0
    usual &= (pl.col("zone_hour") <= 15) & (pl.col("zone_minute") <= 59)
    if plan.half:
        hour = hour % 12 + (12 if plan.half == "pm" else 0)
    zone = pl.lit(plan.zone)
    if plan.zone_hour is not None:
        away = [pl.col(name).cast(pl.String).str.zfill(2) for name in ("zone_hour", "zone_minute")]
        none = (pl.col("zone_hour") == 0) & (pl.col("zone_minute") == 0)
        sign = pl.when(none).then(pl.lit("+")).otherwise(pl.lit(plan.zone))
        zone = pl.concat_str(sign, away[0], pl.lit(":"), away[1])
    clock = pl.lit(clocks()).gather(hour * 3600 + minute * 60 + second)
    return rows.filter(usual).with_columns(clock=clock, zone=zone).drop(places)


@cache
def clocks() -> pl.Series:
    """Return the spelling of each second of a day."""
    moments = pl.int_range(86400, eager=True) * 1_000_000_000
    return moments.cast(pl.Time).dt.to_string("%H:%M:%S")
