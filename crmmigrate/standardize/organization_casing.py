"""Casing of the words of organizations' names: the twin of `values.organization_casing`."""

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


def spell_words(words: pl.Series, region: str | None) -> pl.DataFrame:
    """Return how words are written: `inner` (inside a name) and `outer` (at its ends).

    Args:
        words: Different words of names that are all in capitals or all in lower case.
        region: Its letters are followed.
    """
    word = pl.col("word")
    lower = word.str.to_lowercase()
    simple = (
        word.str.contains(_SIMPLE)
        & word.str.contains(_vowels())
        & ~word.str.contains(_CAREFUL)
        & ~lower.is_in(_listed())
        & (pl.lit(region not in LETTERWISE) | ~word.str.contains("[iIıİ]"))
    )
    frame = words.alias("word").to_frame()
    frame = frame.with_columns(bare=lower == word.str.to_uppercase(), simple=simple)
    spelt = pl.when("bare").then("word").otherwise(word.str.to_titlecase())
    careful = (~(frame["simple"] | frame["bare"])).arg_true()
    usual = frame.select(spelt).to_series()
    inner, outer = (
        [case_organization_word(text, region, inner=inside) for text in words[careful]]
        for inside in (True, False)
    )
    return pl.DataFrame(
        {
            "inner": usual.clone().scatter(careful, pl.Series(inner, dtype=pl.String)),
            "outer": usual.clone().scatter(careful, pl.Series(outer, dtype=pl.String)),
        }
    )


@cache
def _vowels() -> str:
    return f"(?i)[{''.join(sorted(VOWELS))}]"


@cache
def _listed() -> pl.Series:
    return pl.Series(sorted(listed_words()), dtype=pl.String).implode()
