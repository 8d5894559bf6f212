"""The codes that a date read by columns may have, as lists that are made once a column."""

from collections.abc import Sequence

import polars as pl

__all__ = ["AMBIGUOUS", "CODES", "REFUSED", "SAME", "code_lists"]

CODES = ("", "STD402", "STD403", "STD406", "STD407", "STD417", "STD405", "STD412")
"""What a reading tells beside STD401; each has at most one of them."""

SAME = len(CODES) * 4
"""Number of the empty list, for texts that stay as they are."""

AMBIGUOUS = SAME + 1
REFUSED = SAME + 2
"""Number of the list of the first reason why a text is no date; those of others follow."""


def code_lists(refusals: Sequence[tuple[str, str]]) -> pl.Series:
    """Return the lists of codes by number: what was done, the habit, the time that is dropped.

    Args:
        refusals: Code and reason of texts that are no dates.
    """
    lists: list[list[str]] = []
    for code in CODES:
        for habit in (False, True):
            for dropped in (False, True):
                first = [code] if code else [] if habit else ["STD401"]
                lists.append([*first, *["STD402"] * habit, *["STD411"] * dropped])
    others = [[code] for code, _ in refusals]
    return pl.Series([*lists, [], ["STD404"], *others], dtype=pl.List(pl.String))
