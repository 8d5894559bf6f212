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
_SEPARATORS = [*"+ ()./-\u00a0", *map(chr, range(0x2010, 0x2016))]
_DIALLED = r"^[(]?(?:0011|011|00)[)]?[ \u00a0./-]*[1-9(]"
_PREFIX = r"^(?:0011|011|00)"
_MAY_BE_TWO = r"/| [-\u2010-\u2015] |[-][0-9]{1,2}$"
_TWO_NUMBERS = 12
"""From so many digits on, a text with blanks may hold two numbers."""

_TOLD = ("_at", "nsn", "verdict", "status", "codes", "message", "confidence", "other")
_REASONS = {"too_short": "too short", "too_long": "too long"}
_NO_TEXT = pl.lit(None, dtype=pl.String)


def read_plain_numbers(rows: pl.DataFrame, *, one: bool = False) -> pl.DataFrame:
    """Read the texts that hold one number.

    Args:
        rows: `_at`, `text` and `_row` (of the region in the tables, null for unknown).
        one: Whether no text can hold two numbers, so that long ones are no numbers.

    Returns:
        `_at`, `nsn`, `verdict`, `status`, `codes`, `message`, `confidence` and `other` (the number
        it would be with a plus sign), only of the texts that were read, in any order; `nsn` is null
        where the number has no region.
    """
    text = pl.col("text")
    rows = rows.select("_at", "text", "_row")
    plain = text.str.contains(_PLAIN) & ~text.str.contains(_DOUBTFUL)
    marks = rows.select(plain=plain, zero=text.str.contains(_ANY_TRUNK_ZERO))
    usual = _spelled(rows.filter(marks["plain"] & ~marks["zero"]))
    bracketed = rows.filter(marks["plain"] & marks["zero"])
    bracketed = bracketed.filter(text.str.contains(_TRUNK_ZERO))
    usual = _with_verdict(usual)
    region = pl.col("_row").is_not_null()
    parts = [
        _valid(usual.filter("valid")),
        _invalid(usual.filter(~pl.col("valid") & region & (pl.col("verdict") > 0)), one=one),
    ]
    homeless = usual.filter(~region & ~pl.col("plus"))
    if homeless.height:
        parts.append(_homeless(homeless))
    if bracketed.height:
        parts.append(_same_zero(bracketed))
    return pl.concat([_complete(part) for part in parts])


def _complete(part: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in _TOLD if name not in part.columns]
    kinds = {"verdict": pl.UInt32}
    nothing = [pl.lit(None, kinds.get(name, pl.String)).alias(name) for name in missing]
    return part.with_columns(nothing).select(_TOLD)


def _spelled(rows: pl.DataFrame) -> pl.DataFrame:
    digits = rows["text"].str.replace_many(_SEPARATORS, [""] * len(_SEPARATORS))
    return rows.with_columns(
        plus=pl.col("text").str.starts_with("+"),
        digits=digits,
        coded=plan_tables().are_coded(digits, rows["_row"]),
    )


def _with_verdict(rows: pl.DataFrame) -> pl.DataFrame:
    read = read_dialled(rows)
    return read.with_columns(*plan_tables().told(read["verdict"], "valid"))


def _same_zero(bracketed: pl.DataFrame) -> pl.DataFrame:
    """Take `+cc (0) n` without its zero, unless it is a valid number with it, too."""
    without = bracketed.with_columns(pl.col("text").str.replace(_TRUNK_ZERO, "$1$2"))
    dropped = _with_verdict(_spelled(without))
    kept = _with_verdict(_spelled(bracketed)).filter("valid").select("_at", kept="nsn")
    both = dropped.filter("valid").join(kept, on="_at", how="left")
    two = (pl.col("kept") != pl.col("nsn")).fill_null(value=False)
    return both.filter(~two).with_columns(**_told("STD106", "normalised"))


def _valid(rows: pl.DataFrame) -> pl.DataFrame:
    """Tell of valid numbers, without those that may be another with a plus sign."""
    length = plan_tables().of(rows["_row"], "code_length")
    written = pl.col("digits").str.len_bytes()
    doubtful = (~pl.col("plus") & pl.col("coded") & (written >= length + 5)).fill_null(value=False)
    doubt = _with_plus(rows.filter(doubtful))
    own = plan_tables().told(doubt["verdict"], "code")["code"]
    two = (pl.col("other") != pl.concat_str(pl.lit("+"), own, "nsn")).fill_null(value=False)
    clear = pl.concat([rows.filter(~doubtful), doubt.filter(~two).select(rows.columns)])
    code = plan_tables().told(clear["verdict"], "code_length")["code_length"]
    same = (
        pl.col("plus")
        & (pl.col("text").str.len_bytes() == written + 1)
        & (pl.col("nsn").str.len_bytes() + code == written)
    )
    clear = clear.with_columns(
        status=pl.when(same).then(pl.lit("unchanged")).otherwise(pl.lit("normalised")),
        codes=_CODES.gather((~clear.select(same=same)["same"]).cast(pl.UInt32)),
        confidence=pl.lit(1.0),
    )
    message = pl.concat_str(pl.lit("may also be "), "other")
    doubt = doubt.filter(two).with_columns(message=message, **_told("STD110", "ambiguous", 0.5))
    return pl.concat([_complete(clear), _complete(doubt)])


_CODES = pl.Series([[], ["STD101"]], dtype=pl.List(pl.String))


def _with_plus(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `other`, the number that the digits are with a plus sign, null if it is not valid.

    Its `other_nsn` and `other_verdict` are beside; rows come back in any order.
    """
    own = {"nsn": "_own_nsn", "verdict": "_own_verdict"}
    found = read_abroad(rows.rename(own, strict=False))
    told = plan_tables().told(found["verdict"], "valid", "code")
    other = pl.concat_str(pl.lit("+"), told["code"], "nsn")
    found = found.with_columns(other=pl.when(told["valid"]).then(other))
    return found.rename({"nsn": "other_nsn", "verdict": "other_verdict"}).rename(
        {back: name for name, back in own.items()}, strict=False
    )


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
    rows = rows if one else rows.filter(_one_number())
    plus, dialled, other = pl.col("plus"), pl.col("_dialled"), pl.col("other").is_not_null()
    inland = _dialled(rows.filter(~plus))
    foreign = inland.filter(other & dialled).with_columns(
        nsn="other_nsn", verdict="other_verdict", other=_NO_TEXT, **_told("STD107", "repaired", 0.9)
    )
    lost = inland.filter(other & ~dialled)
    region = plan_tables().of(lost["_row"], "_region")
    message = pl.concat_str(
        pl.lit("no number of "), region, pl.lit("; with a plus sign it is "), "other"
    )
    lost = lost.with_columns(message=message, **_told("STD113", "invalid", 0.5))
    wrong = pl.concat([rows.filter(plus), inland.filter(~other).select(rows.columns)])
    reason = plan_tables().told(wrong["verdict"], "reason")["reason"]
    why = reason.replace_strict(_REASONS, default="no such number is given out")
    wrong = wrong.with_columns(message=why, **_told("STD109", "invalid"))
    return pl.concat([_complete(part) for part in (foreign, lost, wrong)])


def _dialled(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `_dialled` (whether a usual prefix for abroad is before) and the number behind it."""
    digits, dialled = pl.col("digits"), pl.col("_dialled")
    rows = rows.with_columns(_dialled=pl.col("text").str.contains(_DIALLED))
    behind = pl.when(dialled).then(digits.str.replace(_PREFIX, "")).otherwise(digits)
    return _with_plus(rows.with_columns(digits=behind))


def _homeless(rows: pl.DataFrame) -> pl.DataFrame:
    """Tell of national numbers whose region is not known."""
    rows = rows.filter(pl.col("text").str.contains("[0-9]{3}") & _one_number())
    return _dialled(rows).with_columns(
        nsn=pl.lit(None, pl.String),
        verdict=pl.lit(None, pl.UInt32),
        message=pl.lit("without a region a national number has no country"),
        **_told("STD108", "left_alone", 0.0),
    )
