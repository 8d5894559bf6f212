"""Which regions read names alike, and which words they do not read alike."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.values.name_words import NameWords

__all__ = ["number_ways", "regional_words"]

_LISTS = ("titles", "doubtful", "suffixes", "doubtful_suffixes", "particles")


def number_ways(habits: Sequence[NameWords]) -> NDArray[np.int64]:
    """Number the ways of reading: regions of one way differ in their lists of words only."""
    known: dict[tuple[object, ...], int] = {}
    return np.array([known.setdefault(_way(habit), len(known)) for habit in habits], np.int64)


def _way(habit: NameWords) -> tuple[object, ...]:
    return tuple(getattr(habit, name) for name in habit.__slots__ if name not in _LISTS)


def regional_words(
    words: pl.Series, literal: pl.Series, habits: Sequence[NameWords]
) -> NDArray[np.bool_]:
    """Tell which words may be read otherwise in one region than in another.

    Args:
        words: Distinct words.
        literal: Which of them stand for themselves; all others are in no list.
        habits: What is known about names in each region.
    """
    at = literal.arg_true()
    lower = words.gather(at).str.replace_all("İ", "i", literal=True).str.to_lowercase()
    bare = lower.str.replace_all(".", "", literal=True).str.strip_chars(" ,")
    # Words of several pieces are looked up in pieces, too: `Prof.Dr.`
    pieces = lower.str.contains(r"[^\p{L}\p{M}.,].*\p{L}|[.,].*\p{L}")
    told = np.zeros(words.len(), np.bool_)
    told[at.to_numpy()] = pieces | bare.is_in(_differing(habits))
    return told


def _differing(habits: Sequence[NameWords]) -> list[str]:
    """Return the words of the lists, and the pieces of phrases, that not all regions have."""
    words: set[str] = set()
    for name in _LISTS:
        lists = [getattr(habit, name) for habit in habits]
        for phrase in frozenset().union(*lists) - lists[0].intersection(*lists):
            words |= {phrase.replace(" ", ""), *phrase.split()}
    return sorted(words)
