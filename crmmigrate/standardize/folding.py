"""The lookup form of texts, vectorised: the twin of `values.folding.fold`."""

import unicodedata
from functools import cache

import polars as pl

from crmmigrate.values.folding import ACCENTS, LETTERS

__all__ = ["fold_texts"]

_NO_WORD = r"[^\pL\pN\pM]+"


def fold_texts(texts: pl.Series) -> pl.Series:
    """Return what `fold` returns for each text; null stays null."""
    beyond = texts.str.contains(r"[^\x00-\x7f]").fill_null(value=False)
    rows = beyond.arg_true()
    lower = texts.str.to_lowercase()
    if rows.len():
        lower = lower.scatter(rows, _plain_letters(texts[rows]))
    joined = lower.str.replace_all("&", " and ", literal=True)
    joined = joined.str.replace_all(_NO_WORD, " ").str.strip_chars(" ")
    return joined.alias("key")


def _plain_letters(texts: pl.Series) -> pl.Series:
    folded, cased = _case_folding()
    plain = texts.str.to_lowercase().str.replace_many(folded, cased).str.normalize("NFKD")
    plain = plain.str.replace_all(_accents(), "").str.normalize("NFKC")
    return plain.str.replace_many([*LETTERS], [*LETTERS.values()])


@cache
def _case_folding() -> tuple[list[str], list[str]]:
    """Return the small letters that case folding changes: ß, ς, ŉ, ligatures, Cherokee."""
    every = map(chr, range(0x80, 0x1F000))
    odd = [c for c in every if c.lower() == c and c.casefold() != c]
    return odd, [c.casefold() for c in odd]


@cache
def _accents() -> str:
    """Return a class of the accents that folding drops."""
    marks = [c for c in map(chr, range(0x300, 0x1F000)) if unicodedata.combining(c) in ACCENTS]
    return "[" + "".join(f"\\x{{{ord(c):x}}}" for c in marks) + "]"
