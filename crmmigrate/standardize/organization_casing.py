"""Casing of the words of organizations' names: the twin of `values.organization_casing`."""

from collections.abc import Sequence
from functools import cache

import polars as pl

from crmmigrate.values.organization_casing import (
    VOWELS,
    case_organization_word,
    listed_words,
)

__all__ = ["LETTERWISE", "spell_words"]

_LETTERS = "A-Za-zÀ-ÖØ-ÞàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþĀ-įĴ-ňŌ-ŽźżžȘ-ț".replace("Ā-į", "Ā-ĭĮį")
_SIMPLE = rf"^(?:[{_LETTERS}\p{{Cyrillic}}]{{4,}}(?:-[{_LETTERS}\p{{Cyrillic}}]+)*)$"
_CAREFUL = r"(?:^|-)(?i:mac|mc|ij)|^(?i:[ivx]+)$"
"""Words that begin as names with two capitals do, and numerals."""
LETTERWISE = frozenset({"TR", "AZ"})
"""Regions whose i has another capital."""


def spell_words(words: pl.Series, regions: Sequence[str | None], home: pl.Series) -> pl.DataFrame:
    """Return how words are written: `inner` (inside a name) and `outer` (at its ends).

    Args:
        words: Words of names that are all in capitals or all in lower case.
        regions: Their letters are followed.
        home: Place of each word's region in `regions`, UInt32.
    """
    word = pl.col("word")
    letterwise = pl.Series([region in LETTERWISE for region in regions], dtype=pl.Boolean)
    frame = words.alias("word").to_frame().with_columns(letterwise=letterwise.gather(home))
    lower = word.str.to_lowercase()
    simple = (
        word.str.contains(_SIMPLE)
        & word.str.contains(_vowels())
        & ~word.str.contains(_CAREFUL)
        & ~lower.is_in(_listed())
        & ~(pl.col("letterwise") & word.str.contains("[iIıİ]"))
    )
    frame = frame.with_columns(bare=lower == word.str.to_uppercase(), simple=simple)
    spelt = pl.when("bare").then("word").otherwise(word.str.to_titlecase())
    careful = (~(frame["simple"] | frame["bare"])).arg_true()
    usual = frame.select(spelt).to_series()
    pairs = [
        _both_ways(text, regions[place])
        for text, place in zip(words.gather(careful), home.gather(careful), strict=True)
    ]
    inner, outer = ([pair[side] for pair in pairs] for side in (0, 1))
    return pl.DataFrame(
        {
            "inner": usual.clone().scatter(careful, pl.Series(inner, dtype=pl.String)),
            "outer": usual.clone().scatter(careful, pl.Series(outer, dtype=pl.String)),
        }
    )


def _both_ways(word: str, region: str | None) -> tuple[str, str]:
    """Return how a word is written inside a name and at its ends.

    A word in capitals that keeps a capital inside a name is written the same at its ends.
    """
    inner = case_organization_word(word, region, inner=True)
    first = next((sign for sign in inner if sign.lower() != sign.upper()), "")
    if word.isupper() and first.isupper():
        return inner, inner
    return inner, case_organization_word(word, region, inner=False)


@cache
def _vowels() -> str:
    return f"(?i)[{''.join(sorted(VOWELS))}]"


@cache
def _listed() -> pl.Series:
    return pl.Series(sorted(listed_words()), dtype=pl.String).implode()
