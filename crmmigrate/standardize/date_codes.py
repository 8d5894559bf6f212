"""The codes that a date read by columns may have, as lists that are made once."""

from functools import cache

import polars as pl

__all__ = ["CODES", "SAME", "code_lists", "code_number"]

CODES = ("", "STD402", "STD403", "STD406", "STD407", "STD417")
"""What a reading tells beside STD401; each has at most one of them."""

SAME = len(CODES) * 4
"""Number of the empty list, for texts that stay as they are."""


def code_number(same: pl.Expr) -> pl.Expr:
    """Return the number of the list for rows with `code`, `habit` and `dropped`."""
    number = pl.lit(0, dtype=pl.UInt32)
    for at, code in enumerate(CODES[1:], start=1):
        number = pl.when(pl.col("code") == code).then(at * 4).otherwise(number)
    told = number + pl.col("habit").cast(pl.UInt32) * 2 + pl.col("dropped").cast(pl.UInt32)
    return pl.when(same).then(SAME).otherwise(told)


@cache
def code_lists() -> pl.Series:
    """Return the lists of codes by number: what was done, the habit, the time that is dropped."""
    lists: list[list[str]] = []
    for code in CODES:
        for habit in (False, True):
            for dropped in (False, True):
                first = [code] if code else [] if habit else ["STD401"]
                lists.append([*first, *["STD402"] * habit, *["STD411"] * dropped])
    return pl.Series([*lists, []], dtype=pl.List(pl.String))
