"""Shapes of phone cells: what stands around one number, and cells that hold none.

Each shape is told by a pattern over the whole column. `cut_cells` takes labels, notes, extensions,
apostrophes and floats off, as the scalar reading does; `told_cells` tells of cells that need no
numbering plan: placeholders, masked and rounded digits, texts without any digit.
"""

from collections.abc import Mapping

import polars as pl

from crmmigrate.standardize.phone_words import cut_words
from crmmigrate.values.phone_cells import PhoneWords
from crmmigrate.values.placeholders import is_placeholder

__all__ = ["cut_cells", "told_cells"]

_MASKED = r"\d[\s.()-]*(?:[xX]{3,}|[*•●]{2,}|#{3,})|(?:[xX]{4,}|[*•●]{2,})[\s.()-]*\d"
_ROUNDED = r"^\+?[0-9](?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})$"
_ZEROS = r"^[^\pL0-9]*(?:0[^\pL0-9]*){3,}$"
_NO_DIGIT = r"^\D*$"
_MAIL = r"^[^\s@]+@[^\s@]+\.\pL+$"
_FEW = r"^(?:\D*\d){1,2}\D*\pL\D*$|^\D*\pL\D*(?:\d\D*){1,2}$"
_FLOAT = r"^(\+?[0-9]{4,15})[.,]0$"
_PLAIN = r"^\+?[0-9 ().\u00a0/\-\u2010-\u2015]{3,30}$"
_LONGEST = 250
_CUT = ("cut_extension", "cut_note", "cut_float", "cut_label")
_OTHER = {"mail": "an e-mail address", "few": "cannot be read as a phone number"}
_AROUND = " '\"`´’"
_MESSAGES = {
    "STD105": "a spreadsheet rounded digits away",
    "STD109": "holds no digits",
    "STD111": "a placeholder, not a number",
    "STD112": "digits are masked",
}
_DIGITS = {
    chr(start + digit): str(digit)
    for start in (
        0x660,
        0x6F0,
        0x966,
        0x9E6,
        0xA66,
        0xAE6,
        0xB66,
        0xE50,
        0xED0,
        0x1040,
        0x17E0,
        0xFF10,
    )
    for digit in range(10)
}
"""Digits of other scripts: Arabic, Persian, Devanagari, Bengali, Thai, fullwidth …"""
_SIGNS = {"＋": "+", "（": "(", "）": ")", "－": "-", "．": ".", "　": " ", "／": "/"}


def cut_cells(rows: pl.DataFrame, words: Mapping[str | None, PhoneWords]) -> pl.DataFrame:
    """Cut what stands around one number.

    Args:
        rows: `_at`, `text`, `_region` and `_row`.
        words: Words of each region.

    Returns:
        `_at`, `text` (the number alone), `_region`, `cut_extension`, `cut_note`, `cut_float` and
        `cut_label` (only a label was cut),
        of the cells with a known shape.
    """
    text = pl.col("text")
    bare = text.str.contains(_PLAIN) & ~text.str.contains(_FLOAT)
    other = rows.filter(~bare).with_columns(
        text.str.replace_many({**_DIGITS, **_SIGNS}).str.strip_chars(_AROUND)
    )
    whole = text.str.extract(_FLOAT, 1)
    floats = other.filter(whole.is_not_null()).with_columns(whole.alias("text"))
    uncut = [
        part.with_columns(
            cut_extension=pl.lit(None, dtype=pl.String),
            cut_note=pl.lit(None, dtype=pl.String),
            cut_float=pl.lit(value=float_),
            cut_label=pl.lit(value=False),
        )
        for part, float_ in ((rows.filter(bare), False), (floats, True))
    ]
    rest = other.filter(whole.is_null())
    cut = cut_words(rest, words)
    columns = ("_at", "text", "_region", "_row", *_CUT)
    return pl.concat([part.select(columns) for part in (*uncut, cut)])


def told_cells(rows: pl.DataFrame) -> pl.DataFrame:
    """Tell of cells that hold no number to read.

    Args:
        rows: `_at` and `text`.

    Returns:
        `_at`, `status`, `codes`, `message` and `confidence`.
    """
    text = pl.col("text").str.strip_chars(_AROUND)
    kind = (
        pl.when(text.str.contains(_NO_DIGIT))
        .then(pl.lit("none"))
        .when(text.str.contains(_ZEROS))
        .then(pl.lit("STD111"))
        .when(text.str.len_chars() > _LONGEST)
        .then(pl.lit("long"))
        .when(text.str.contains(_ROUNDED))
        .then(pl.lit("STD105"))
        .when(text.str.contains(_MASKED))
        .then(pl.lit("STD112"))
        .when(text.str.contains(_MAIL))
        .then(pl.lit("mail"))
        .when(text.str.contains(_FEW))
        .then(pl.lit("few"))
    )
    told = rows.select("_at", text=text, kind=kind).drop_nulls("kind")
    fraction, exponent = (text.str.extract(_ROUNDED, at) for at in (1, 2))
    complete = fraction.fill_null("").str.len_chars() == exponent.cast(pl.UInt32, strict=False)
    return _explained(told.filter((pl.col("kind") != "STD105") | ~complete))


def _explained(told: pl.DataFrame) -> pl.DataFrame:
    """Tell placeholders from other texts without digits, and give each its code and message."""
    text, kind = pl.col("text"), pl.col("kind")
    words = told.filter(kind == "none")["text"].unique()
    nothing = pl.Series([w for w in words if is_placeholder(w, tests=True)], dtype=pl.String)
    long = text.str.len_chars() > _LONGEST
    code = (
        pl.when((kind == "none") & text.is_in(nothing.implode()))
        .then(pl.lit("STD111"))
        .when(kind.str.starts_with("STD"))
        .then("kind")
        .otherwise(pl.lit("STD109"))
    )
    message = pl.when((pl.col("code") == "STD109") & long).then(
        pl.lit("too long for a phone number")
    )
    usual = pl.coalesce(
        kind.replace_strict(_OTHER, default=None), pl.col("code").replace_strict(_MESSAGES)
    )
    return told.with_columns(code=code).select(
        "_at",
        message=message.otherwise(usual),
        status=pl.lit("invalid"),
        codes=pl.concat_list("code"),
        confidence=pl.lit(1.0),
    )
