"""Texts of names cut into words; signs beside words become words of their own.

Most names are words and blanks only and stay as they are: one loop over the bytes finds the others.
"""

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import text_column
from crmmigrate.standardize.name_classes import MARK
from crmmigrate.standardize.name_loops import (
    ASK,
    BYTE_KINDS,
    FAR,
    ODD,
    SIGNS,
    THAI,
    UNTIDY,
    scan_names,
)
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.name_tokens import known_words
from crmmigrate.values.placeholders import placeholder_words

__all__ = ["SIGNS_CUT", "cut_texts", "phrase_lengths", "unlike_words"]

SIGNS_CUT = r'[;"()“”„«»‘{}\[\]*]'
_OPENS = r'(^| )(["(“„«‘{\[*])'
_CLOSES = r'([;")”»}\]*])( |$)'
_OPENED_PIECES = r"""(?i)["(“„«‘{\[*](?:\p{L}+[-'’ʼ`.]|ma?c)"""
"""Words in pieces behind an opening sign; their first piece is not recased, the others are."""
_SPACED_FORM = r"(?i:(?:^|\P{L})s\.?[^\p{L}\p{N}]* (?:a\.|r\.? ?l))"
"""Legal forms that are written in several words."""


def cut_texts(texts: pl.DataFrame, *, tidy: bool) -> pl.DataFrame:
    """Cut texts at the signs that words are read without.

    Args:
        texts: `text`, without null, and others.
        tidy: Leave out texts with blanks that repaired text has not.

    Returns:
        The texts with `cut`, without those that are more than their words. Words stand between
        single blanks; a mark stands beside a blank that was set to cut.
    """
    if texts.is_empty():
        return texts.with_columns(cut="text")
    column = text_column(texts["text"])
    told = scan_names(column.data, column.offsets, phrase_lengths(), BYTE_KINDS)
    refused = told & (ODD | UNTIDY if tidy else ODD) != 0
    special = (told & (SIGNS | THAI | FAR | ASK) != 0) & ~refused
    plain = texts.filter(pl.Series(~(refused | special))).with_columns(cut="text")
    others = texts.filter(pl.Series(special)).with_columns(cut="text")
    return pl.concat([plain, _cut(others.with_columns(_told=pl.Series(told[special])))])


@cache
def phrase_lengths() -> NDArray[np.bool_]:
    """Return how long the phrases are that are read as a whole, and with which bytes they begin."""
    phrases = [word for word in placeholder_words(tests=True) if " " in word]
    table = np.zeros((max(map(len, phrases)) + 2, 256), np.bool_)
    for phrase in phrases:
        first = phrase[0]
        # ſ and the Kelvin sign are an s and a k to patterns that pass over case.
        for letter in (first.lower(), first.upper(), *{"s": "ſ", "k": "\u212a"}.get(first, "")):
            table[len(phrase), letter.encode()[0]] = True
    return table


def _cut(texts: pl.DataFrame) -> pl.DataFrame:
    """Cut texts into words; signs beside words are words of their own, marked as such."""
    text = pl.col("text")
    asked, others = _flagged(texts, ASK)
    known = pl.concat([others, asked.filter(~text.str.contains(unlike_words()))])
    signed, others = _flagged(known, SIGNS)
    thai, others = _flagged(pl.concat([others, *_cut_signs(signed)]), THAI)
    attached = f"[^ก-๎.](?:{'|'.join(map(_escaped, _attached()))})"
    thai = thai.filter(~text.str.contains(attached)).with_columns(_cut_thai())
    far, near = _flagged(pl.concat([others, thai]), FAR)
    honorifics = "|".join(load_knowledge("name_words")["honorifics"])
    far = far.filter(~text.str.contains(rf"\p{{M}}.*(?:{honorifics})"))
    return pl.concat([near, far.with_columns(_cut_letters())]).drop("_told")


def _flagged(texts: pl.DataFrame, flag: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part texts by whether the scan told something of them."""
    told = texts["_told"] & flag != 0
    return texts.filter(told), texts.filter(~told)


def _cut_signs(texts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    cut = pl.col("cut")
    texts = texts.with_columns(cut.str.replace_all(", ", f" {MARK}, ", literal=True))
    signed = texts["text"].str.contains(SIGNS_CUT + "|,[^ ]")
    others = texts.filter(signed).filter(~pl.col("text").str.contains(_OPENED_PIECES))
    return texts.filter(~signed), others.with_columns(
        cut.str.replace_all(_OPENS, f"${{1}}${{2}}{MARK} ")
        .str.replace_all(_CLOSES, f" {MARK}${{1}}${{2}}")
        .str.replace_all(r"([^\x1e]),([^ ])", f"$1 {MARK},{MARK} $2")
    )


@cache
def unlike_words() -> str:
    """Return a pattern of the texts that are more than their words are, one by one."""
    phrases = "|".join(_escaped(w) for w in sorted(placeholder_words(tests=True)) if " " in w)
    return "|".join(
        (
            r"[\x00-\x1c\x1e\x1f\x{345}]",
            _SPACED_FORM,
            r"(?:^| )['‘].*\p{L}['’]\p{L}",
            f"(?i:^(?:{phrases})$)",
        )
    )


def _attached() -> list[str]:
    return sorted(load_knowledge("name_words")["attached"], key=len, reverse=True)


def _cut_thai() -> pl.Expr:
    """Cut a Thai title off the name it is written together with."""
    titles, cut = "|".join(map(_escaped, _attached())), pl.col("cut")
    glued = cut.str.replace(rf"^({titles})([^\s.])", f"$1{MARK} $2")
    return pl.when(cut.str.contains(f"^(?:{titles}) ")).then("cut").otherwise(glued).alias("cut")


def _cut_letters() -> pl.Expr:
    """Cut a lone Chinese or Korean word into its letters, unless it is more than a name."""
    knowledge = load_knowledge("name_words")
    compounds, honorifics = ("|".join(knowledge[s]) for s in ("compound_family", "honorifics"))
    cut, other = pl.col("cut"), r"[^一-鿿가-힣ぁ-ゖァ-ヺー々〆]*"
    lone = cut.str.extract(rf"^{other}([一-鿿]{{2,5}}|[가-힣]{{2,5}}){other}$", 1)
    known = lone.str.contains(f"^(?:{compounds})|(?:{honorifics})$")
    known |= lone.is_in(sorted(known_words()))
    letters = cut.str.replace_all("([一-鿿가-힣])", f"$1{MARK} ").str.strip_chars_end(" ")
    return pl.when(~known).then(letters).otherwise("cut").alias("cut")


def _escaped(word: str) -> str:
    return word.replace(".", r"\.")
