"""Phone cells that hold no number: placeholders, masked and rounded digits, texts without digits.

Each shape is told by a pattern over the whole column.
"""

import polars as pl

from crmmigrate.values.placeholders import is_placeholder

__all__ = ["FLOAT", "MASKED", "as_ascii", "told_cells"]

MASKED = r"\d[\s.()-]*(?:[xX]{3,}|[*•●]{2,}|#{3,})|(?:[xX]{4,}|[*•●]{2,})[\s.()-]*\d"
_ROUNDED = r"^\+?[0-9](?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})$"
_ZEROS = r"^[^\pL0-9]*(?:0[^\pL0-9]*){3,}$"
_NO_DIGIT = r"^\D*$"
_MAIL = r"^[^\s@]+@[^\s@]+\.\pL+$"
_FEW = r"^(?:\D*\d){1,2}\D*\pL\D*$|^\D*\pL\D*(?:\d\D*){1,2}$"
FLOAT = r"^(\+?[0-9]{4,15})[.,]0$"
_LONGEST = 250
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

_ASCII = str.maketrans({**_DIGITS, **_SIGNS})


def as_ascii(text: str) -> str:
    """Write the digits of other scripts, and fullwidth signs, as ASCII."""
    return text.translate(_ASCII)


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
        .when(text.str.contains(MASKED))
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
