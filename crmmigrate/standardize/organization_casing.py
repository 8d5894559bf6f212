"""Casing of organizations' names by their different words: the twin of `values.organization_casing`."""

from functools import cache

import polars as pl

from crmmigrate.values.organization_casing import (
    VOWELS,
    case_organization,
    case_organization_word,
    listed_words,
)

__all__ = ["case_organizations"]

_LETTERS = "A-Za-zÀ-ÖØ-ÞàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþĀ-įĴ-ňŌ-Žźżž".replace("Ā-į", "Ā-ĭĮį")
_SIMPLE = rf"^(?:[{_LETTERS}\p{{Cyrillic}}]{{4,}}(?:-[{_LETTERS}\p{{Cyrillic}}]+)*)$"
_CAREFUL = r"(?:^|-)(?i:mac|mc|ij)|^(?i:[ivx]+)$"
"""Words that begin as names with two capitals do, and numerals."""
_LETTERWISE = frozenset({"TR", "AZ"})
"""Regions whose i has another capital."""


def case_organizations(names: pl.Series, region: str | None) -> pl.Series:
    """Write names in one case as names are written.

    Args:
        names: Names without legal form, each all in capitals or all in lower case.
        region: Its letters are followed.
    """
    words = names.str.split(" ")
    flat = words.explode(empty_as_null=False)
    known = _table(flat.unique(), region)
    special = known.filter(pl.col("inner") != pl.col("word").str.to_titlecase())["word"]
    places = pl.select(pl.int_range(names.len(), dtype=pl.UInt32)).to_series()
    row = places.repeat_by(words.list.len()).explode(empty_as_null=False)
    mixed = row.filter(flat.is_in(special.implode())).unique()
    inner = names.str.to_titlecase().scatter(mixed, _spelled(names[mixed], known))
    edged = known.filter(pl.col("inner") != pl.col("outer"))["word"].implode()
    ends = words.list.first().is_in(edged) | words.list.last().is_in(edged)
    alone = (words.list.len() == 1) & (names.str.len_chars() <= _BRAND)
    careful = (ends | alone).arg_true()
    if not careful.len():
        return inner
    one_by_one = [case_organization(name, region) for name in names[careful]]
    return inner.scatter(careful, pl.Series(one_by_one, dtype=pl.String))


def _spelled(names: pl.Series, known: pl.DataFrame) -> pl.Series:
    """Write names word by word."""
    spelling = dict(zip(known["word"], known["inner"], strict=True))
    written = [" ".join(map(spelling.__getitem__, name.split(" "))) for name in names]
    return pl.Series(written, dtype=pl.String)


_BRAND = 4
"""Single words up to this length may be brands."""


def _table(words: pl.Series, region: str | None) -> pl.DataFrame:
    """Return each word as it is written inside a name and at its ends."""
    word = pl.col("word")
    lower = word.str.to_lowercase()
    frame = (
        words.alias("word")
        .to_frame()
        .with_columns(
            bare=lower == word.str.to_uppercase(),
            simple=word.str.contains(_SIMPLE)
            & word.str.contains(_vowels())
            & ~word.str.contains(_CAREFUL)
            & ~lower.is_in(_listed())
            & (pl.lit(region not in _LETTERWISE) | ~word.str.contains("[iIıİ]")),
            inner=word.str.to_titlecase(),
        )
    )
    frame = frame.with_columns(
        inner=pl.when("bare").then(word).otherwise("inner"),
        simple=pl.col("simple") | pl.col("bare"),
    )
    frame = frame.select("word", "simple", "inner", outer="inner")
    simple, rest = frame.filter("simple"), frame.filter(~pl.col("simple"))["word"]
    careful = pl.DataFrame(
        {
            "word": rest,
            "inner": [case_organization_word(text, region, inner=True) for text in rest],
            "outer": [case_organization_word(text, region, inner=False) for text in rest],
        },
        schema=dict.fromkeys(("word", "inner", "outer"), pl.String),
    )
    return pl.concat([simple.drop("simple"), careful])


@cache
def _vowels() -> str:
    return f"(?i)[{''.join(sorted(VOWELS))}]"


@cache
def _listed() -> pl.Series:
    return pl.Series(sorted(listed_words()), dtype=pl.String).implode()
