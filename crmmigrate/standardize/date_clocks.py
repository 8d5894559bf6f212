"""Where the digits of a time of day stand, as numbers for the loops that read dates."""

from collections.abc import Sequence

import polars as pl

from crmmigrate.values.times import Slot, TimePlan

__all__ = ["CLOCK_FIELDS", "LONGEST", "cut_clocks", "plan_clock"]

LONGEST = 80
"""Signs of a shape from whose end a time of day is cut."""

_CLOCK = r"^(.*0(?:T|.* ))(00?:00(?::00)?(?: ?[AaPp][Mm]|Z)?)$"

CLOCK_FIELDS = ("hour_at", "hour_length", "minute_at", "second_at", "half", "zone", "sign",
                "zone_hour", "zone_minute", "fraction_at", "fraction_length")  # fmt: skip
"""What is known of a clock.

Places are counted in digits from the first digit of the text; -1 where nothing is written. `half` is
0, 1 (am) or 2 (pm). `zone` is 0 where none is told, 1 where a word names it (`zone_hour` is its
distance from UTC), 2 where its digits stand at `zone_hour` and `zone_minute`; `sign` is 1 or -1.
"""

_HALVES = ("", "am", "pm")
_NOWHERE = (-1, 0)


def plan_clock(plan: TimePlan, lengths: Sequence[int]) -> tuple[int, ...] | None:
    """Return the fields of a clock; None where it is to be read in another way.

    Args:
        plan: Where the time of day stands.
        lengths: Lengths of the runs of digits of the text.
    """
    if plan.hour is None:
        return None
    hour, minute, second, fraction = (
        _place(slot, lengths) for slot in (plan.hour, plan.minute, plan.second, plan.fraction)
    )
    usual = (hour[1] in {1, 2}, minute[1] in {0, 2}, second[1] in {0, 2})
    zone = _zone(plan, lengths)
    if not all(usual) or zone is None:
        return None
    return (*hour, minute[0], second[0], _HALVES.index(plan.half), *zone, *fraction)


def _zone(plan: TimePlan, lengths: Sequence[int]) -> tuple[int, int, int, int] | None:
    if plan.zone_hour is not None:
        hour, minute = _place(plan.zone_hour, lengths), _place(plan.zone_minute, lengths)
        usual = hour[1] == 2 and minute[1] in {0, 2} and plan.zone in {"+", "-"}
        return (2, -1 if plan.zone == "-" else 1, hour[0], minute[0]) if usual else None
    if not plan.zone:
        return 0, 1, 0, 0
    named = len(plan.zone) == len("+00:00") and plan.zone.endswith(":00")
    return (1, -1 if plan.zone[0] == "-" else 1, int(plan.zone[1:3]), 0) if named else None


def _place(slot: Slot | None, lengths: Sequence[int]) -> tuple[int, int]:
    if slot is None:
        return _NOWHERE
    length = min(slot.length, lengths[slot.run] - slot.start)
    return sum(lengths[: slot.run]) + slot.start, length


def cut_clocks(shapes: pl.Series) -> tuple[list[str], list[str | None]]:
    """Cut a plain time of day off the end of each shape, with the signs that part it from the day.

    Args:
        shapes: Texts with every digit as 0.
    """
    frame = shapes.alias("shape").to_frame()
    groups = pl.col("shape").str.extract_groups(_CLOCK).struct
    frame = frame.select("shape", rest=groups.field("1"), clock=groups.field("2"))
    rest = pl.col("rest").str.replace("0T$", "0")
    rest = rest.str.strip_chars(" ").str.strip_chars(",;").str.strip_chars(" ")
    frame = frame.with_columns(rest=rest)
    fits = pl.col("rest").is_not_null() & (pl.col("shape").str.len_chars() <= LONGEST)
    fits &= ~pl.col("rest").str.contains("[:٫]|0[hH]|^[,; ]|^0*$")
    found = frame.select(
        pl.when(fits).then("rest").otherwise("shape").alias("rest"),
        pl.when(fits).then("clock").alias("clock"),
    )
    return found["rest"].to_list(), found["clock"].to_list()
