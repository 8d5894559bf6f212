"""Similarities of string pairs."""

from collections.abc import Callable

import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from crmmigrate.dedupe.evidence import spread

__all__ = ["edits", "jaro_winkler", "measured", "slipped", "token_sort"]

Scorer = Callable[[str, str], float]
_AT_ONCE = 200_000
"""Pairs of strings that are held as such at a time."""


def measured(pairs: pl.DataFrame, left: str, right: str, **scorers: Scorer) -> pl.DataFrame:
    """Add one Float32 column for each scorer; null where a side is null.

    Measuring is quicker than finding out which pairs of strings repeat.

    Args:
        pairs: Frame with two String columns.
        left: Name of the one.
        right: Name of the other.
        scorers: Column name → scorer of two strings.
    """
    known = pairs[left].is_not_null() & pairs[right].is_not_null()
    both = pairs.select(left, right).filter(known)
    found: dict[str, list[float]] = {name: [] for name in scorers}
    for part in both.iter_slices(_AT_ONCE):
        one, other = part[left].to_list(), part[right].to_list()
        for name, scorer in scorers.items():
            found[name] += map(scorer, one, other)
    columns = [pl.Series(name, values, dtype=pl.Float32) for name, values in found.items()]
    return pairs.hstack(spread(pl.DataFrame(columns), known))


def slipped(pairs: pl.DataFrame, left: str, right: str) -> pl.DataFrame:
    """Add `slip`: the texts are at most one edit apart. Only texts that can be are measured."""
    one, other = pl.col(left), pl.col(right)
    here, there = one.str.len_chars(), other.str.len_chars()
    short, long = pl.min_horizontal(here, there), pl.max_horizontal(here, there)
    # One edit leaves the beginning or the end alone.
    most = pl.when(short > 2).then((short - 2) // 2).otherwise(0)
    alike = (one.str.head(most) == other.str.head(most)) | (
        one.str.tail(most) == other.str.tail(most)
    )
    possible = pairs.select(((long - short <= 1) & alike).fill_null(value=False))
    mask = possible.to_series()
    few = measured(pairs.select(left, right).filter(mask), left, right, slips=edits)
    found = spread(few.select((pl.col("slips") <= 1).alias("slip")), mask)["slip"]
    return pairs.with_columns(found.fill_null(value=False))


jaro_winkler: Scorer = JaroWinkler.similarity
"""Similarity from 0 to 1 that favours a common beginning."""
edits: Scorer = OSA.distance
"""Number of letters inserted, deleted, replaced or swapped."""
token_sort: Scorer = fuzz.token_sort_ratio
"""Similarity from 0 to 100 of the words in alphabetical order."""
