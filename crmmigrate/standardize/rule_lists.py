"""Columns of lists of rules, fetched from the few lists that there can be."""

from itertools import compress, product

import polars as pl

__all__ = ["listed"]


def listed(**fired: pl.Expr) -> pl.Expr:
    """Return the rules of each row, in the order given.

    Args:
        fired: Rule → where it fired, without nulls.
    """
    lists = [[*compress(fired, ticks)] for ticks in product((False, True), repeat=len(fired))]
    number = pl.lit(0, dtype=pl.UInt32)
    for where in fired.values():
        number = number * 2 + where.cast(pl.UInt32)
    return pl.lit(pl.Series(lists, dtype=pl.List(pl.String))).gather(number)
