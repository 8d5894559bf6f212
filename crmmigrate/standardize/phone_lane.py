"""Texts that hold one phone number and nothing else: the twin of the scalar's plain reading.

What is said here is what the scalar reading says; texts with a second possible reading, and what
the library refuses to parse, are left to it. Tests compare both on numbers of all regions.
"""

import polars as pl

from crmmigrate.standardize.phone_reading import read_abroad, read_dialled
from crmmigrate.standardize.phone_tables import plan_tables

__all__ = ["read_plain_numbers"]

_PLAIN = r"^\+?[0-9 ().\u00a0/\-\u2010-\u2015]{3,30}$"
_DOUBTFUL = r"^\+[^0-9]*0|^[^0-9+(]|^[^0-9+]*[).]|[0-9].*/[ \u00a0]*[(]?0|^0[^1-9]*$"
_TRUNK_ZERO = r"^((?:\+|00|011)[ ]*[(]?[0-9]{1,3}[)]?[ ./-]*)[(] *0+ *[)]([ ./-]*[0-9])"
_ANY_TRUNK_ZERO = r"[(] *0+ *[)]"
_DIALLED = r"^[(]?(?:0011|011|00)[)]?[ \u00a0./-]*[1-9(]"
_PREFIX = r"^(?:0011|011|00)"
_MAY_BE_TWO = r"/| [-\u2010-\u2015] |[-][0-9]{1,2}$"
_TWO_NUMBERS = 12
"""From so many digits on, a text with blanks may hold two numbers."""

_INVALID = ("_at", "nsn", "verdict", "message", "status", "codes", "confidence")
_REASONS = {"too_short": "too short", "too_long": "too long"}


def read_plain_numbers(rows: pl.DataFrame, *, one: bool = False) -> pl.DataFrame:
    """Read the texts that hold one number.

    Args:
        rows: `_at`, `text` and `_region` (null for unknown).
        one: Whether no text can hold two numbers, so that long ones are no numbers.

    Returns:
        `_at`, `nsn`, `verdict`, `status`, `codes`, `message`, `confidence` and `other` (the number
        it would be with a plus sign), only of the texts that were read; `nsn` is null where the
        number has no region.
    """
    text = pl.col("text")
    plain = rows.filter(text.str.contains(_PLAIN) & ~text.str.contains(_DOUBTFUL))
    zero = text.str.contains(_ANY_TRUNK_ZERO)
    usual = _spelled(plain.filter(~zero))
    bracketed = plain.filter(zero & text.str.contains(_TRUNK_ZERO))
    dropped = _spelled(bracketed.with_columns(text.str.replace(_TRUNK_ZERO, "$1$2")))
    kept = read_dialled(_spelled(bracketed))
    read = read_dialled(pl.concat([usual, dropped]))
    read = read.with_columns(*plan_tables().told(read["verdict"], "valid", "reason", "code"))
    known = pl.concat([usual, dropped]).join(read, on="_at")
    is_zero = pl.col("_at").is_in(bracketed["_at"].implode())
    same = _same_zero(known.filter(is_zero & pl.col("valid")), kept)
    known = known.filter(~is_zero)
    region = pl.col("_region").is_not_null()
    parts = [
        _valid(known.filter("valid")),
        _invalid(known.filter(~pl.col("valid") & region), one=one),
        _homeless(usual.filter(~region & ~pl.col("plus"))),
        same,
    ]
    return pl.concat(parts, how="diagonal")


def _spelled(rows: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("text")
    return rows.with_columns(
        plus=text.str.starts_with("+"), digits=text.str.replace_all("[^0-9]+", "")
    )


def _same_zero(dropped: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Take `+cc (0) n` without its zero, unless it is a valid number with it, too."""
    kept = kept.with_columns(*plan_tables().told(kept["verdict"], "valid")).rename(
        {"nsn": "kept", "valid": "kept_valid"}
    )
    both = dropped.join(kept.select("_at", "kept", "kept_valid"), on="_at", how="left")
    two = pl.col("kept_valid").fill_null(value=False) & (pl.col("kept") != pl.col("nsn"))
    return both.filter(~two).select("_at", "nsn", "verdict", **_told("STD106", "normalised"))


def _valid(rows: pl.DataFrame) -> pl.DataFrame:
    """Tell of valid numbers, without those that may be another with a plus sign."""
    home = plan_tables().regions.select("_region", own="code").drop_nulls()
    rows = rows.join(home, on="_region", how="left", maintain_order="left")
    own, digits = pl.col("own"), pl.col("digits")
    doubtful = (
        ~pl.col("plus")
        & digits.str.starts_with(own)
        & (digits.str.len_bytes() >= own.str.len_bytes() + 5)
    ).fill_null(value=False)
    second = _with_plus(rows.filter(doubtful).select("_at", "digits")).select("_at", "other")
    both = rows.filter(doubtful).join(second, on="_at")
    two = both.filter(pl.col("other") != _e164())
    same = pl.col("text") == _e164()
    nothing = pl.lit([], dtype=pl.List(pl.String))
    clear = rows.join(two, on="_at", how="anti", maintain_order="left").select(
        "_at",
        "nsn",
        "verdict",
        status=pl.when(same).then(pl.lit("unchanged")).otherwise(pl.lit("normalised")),
        codes=pl.when(same).then(nothing).otherwise(pl.lit(["STD101"])),
        confidence=pl.lit(1.0),
    )
    message = pl.concat_str(pl.lit("may also be "), "other")
    told = _told("STD110", "ambiguous", 0.5)
    doubt = two.select("_at", "nsn", "verdict", "other", message=message, **told)
    return pl.concat([clear, doubt], how="diagonal")


def _e164() -> pl.Expr:
    return pl.concat_str(pl.lit("+"), "code", "nsn")


def _with_plus(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `_at`, `nsn`, `verdict` and `other` of the digits that are valid with a plus sign."""
    found = read_abroad(rows)
    found = found.with_columns(*plan_tables().told(found["verdict"], "valid", "code"))
    return found.filter("valid").select("_at", "nsn", "verdict", other=_e164())


def _told(code: str, status: str, confidence: float = 1.0) -> dict[str, pl.Expr]:
    """Return the columns of one rule that fired."""
    codes = pl.lit([code], dtype=pl.List(pl.String))
    return {"status": pl.lit(status), "codes": codes, "confidence": pl.lit(confidence)}


def _one_number() -> pl.Expr:
    """Whether a text that is no valid number is not two of them either."""
    text, digits = pl.col("text"), pl.col("digits")
    blank = text.str.contains(r"[ \u00a0]") & (digits.str.len_bytes() >= _TWO_NUMBERS)
    return ~text.str.contains(_MAY_BE_TWO) & ~blank


def _invalid(rows: pl.DataFrame, *, one: bool) -> pl.DataFrame:
    """Tell of numbers that are not given out, without texts that may hold two."""
    digits = pl.col("digits")
    rows = rows if one else rows.filter(_one_number())
    inland = rows.filter(~pl.col("plus"))
    dialled = inland.filter(pl.col("text").str.contains(_DIALLED))
    foreign = _with_plus(dialled.select("_at", digits.str.replace(_PREFIX, "")))
    foreign = foreign.drop("other").with_columns(**_told("STD107", "repaired", 0.9))
    without = inland.join(dialled, on="_at", how="anti")
    plus = _with_plus(without.select("_at", "digits")).select("_at", "other")
    message = pl.concat_str(
        pl.lit("no number of "), "_region", pl.lit("; with a plus sign it is "), "other"
    )
    lost = without.join(plus, on="_at").with_columns(
        message=message, **_told("STD113", "invalid", 0.5)
    )
    told = pl.concat([foreign.select("_at"), lost.select("_at")])
    why = pl.col("reason").replace_strict(_REASONS, default="no such number is given out")
    wrong = rows.join(told, on="_at", how="anti").with_columns(
        message=why, **_told("STD109", "invalid")
    )
    return pl.concat(
        [foreign, lost.select(*_INVALID, "other"), wrong.select(_INVALID)], how="diagonal"
    )


def _homeless(rows: pl.DataFrame) -> pl.DataFrame:
    """Tell of national numbers whose region is not known."""
    rows = rows.filter(pl.col("text").str.contains("[0-9]{3}") & _one_number())
    dialled = pl.col("text").str.contains(_DIALLED)
    rest = pl.col("digits").str.replace(_PREFIX, "")
    digits = pl.when(dialled).then(rest).otherwise("digits").alias("digits")
    other = _with_plus(rows.select("_at", digits)).select("_at", "other")
    return rows.join(other, on="_at", how="left").select(
        "_at",
        "other",
        message=pl.lit("without a region a national number has no country"),
        **_told("STD108", "left_alone", 0.0),
    )
