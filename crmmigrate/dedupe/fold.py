"""Fold text for matching: lower case, ASCII, words apart, and a rough sound of it."""

import polars as pl
from anyascii import anyascii

__all__ = ["fold", "sound", "squash"]

_DIGRAPHS = {
    "tsch": "k", "sch": "s", "sh": "s", "tz": "s", "ts": "s", "cz": "s", "ph": "f", "pf": "f",
    "th": "t", "dh": "d", "bh": "b", "gh": "g", "kh": "k", "ch": "k", "ck": "k", "cks": "x",
    "qu": "k", "ks": "x", "ae": "e", "oe": "o", "ue": "u", "ou": "u", "aa": "o",
    "dj": "g", "wr": "r", "kn": "n", "dt": "t",
}  # fmt: skip
_LETTERS = {"c": "k", "q": "k", "z": "s", "y": "i", "j": "i", "w": "v", "h": ""}


def fold(text: pl.Series) -> pl.Series:
    """Return words of lower-case ASCII letters and digits with one blank between; '' is null.

    Other scripts are transliterated letter by letter. Works on distinct values.
    """
    name = text.name
    distinct = pl.DataFrame({"text": text.unique().drop_nulls()})
    plain = pl.col("text").str.contains(r"^[\x00-\x7f]*$")
    foreign = distinct.filter(~plain)["text"]
    mapped = pl.DataFrame(
        {"text": foreign, "ascii": pl.Series([anyascii(v) for v in foreign], dtype=pl.String)}
    )
    folded = (
        distinct.join(mapped, on="text", how="left")
        .with_columns(pl.coalesce("ascii", "text").str.to_lowercase().alias("ascii"))
        .with_columns(pl.col("ascii").str.replace_all(r"['`’]", ""))
        .with_columns(pl.col("ascii").str.replace_all(r"[^a-z0-9]+", " ").str.strip_chars())
        .with_columns(pl.when(pl.col("ascii") != "").then("ascii").alias("folded"))
    )
    return (
        pl.DataFrame({"text": text})
        .join(folded.select("text", "folded"), on="text", how="left", maintain_order="left")[
            "folded"
        ]
        .alias(name)
    )


def sound(folded: pl.Series) -> pl.Series:
    """Return a rough, language-neutral sound of folded words.

    Spelling variants (ph/f, sch/sh, ck/k, z/s, y/i, w/v, ue/u) and double letters fall together
    and vowels after the first letter of a word are dropped. Works on distinct values.
    """
    distinct = pl.DataFrame({"text": folded.unique().drop_nulls()})
    heard = distinct.with_columns(_heard(pl.col("text")).alias("sound"))
    rows = pl.DataFrame({"text": folded})
    return rows.join(heard, on="text", how="left", maintain_order="left")["sound"]


def _heard(folded: pl.Expr) -> pl.Expr:
    return (
        folded.str.replace_many(_DIGRAPHS)
        .str.replace_many(_LETTERS)
        .str.replace_all(r"\b([a-z])", "${1}.")
        .str.replace_all(r"([a-z0-9])[aeiou]+", "${1}")
        .str.replace_all(r"\.[aeiou]+", ".")
        .str.replace_all(r"b+", "b").str.replace_all(r"d+", "d").str.replace_all(r"f+", "f")
        .str.replace_all(r"g+", "g").str.replace_all(r"k+", "k").str.replace_all(r"l+", "l")
        .str.replace_all(r"m+", "m").str.replace_all(r"n+", "n").str.replace_all(r"p+", "p")
        .str.replace_all(r"r+", "r").str.replace_all(r"s+", "s").str.replace_all(r"t+", "t")
        .str.replace_all(r"v+", "v").str.replace_all(r"\.", "")
    )  # fmt: skip


def squash(folded: pl.Expr) -> pl.Expr:
    """Return folded words without the blanks between them."""
    return folded.str.replace_all(" ", "")
