"""Two phone numbers in one cell, where the cut cannot be doubted."""

import re
from functools import cache

import polars as pl

from crmmigrate.standardize.phone_reading import read_dialled
from crmmigrate.standardize.phone_tables import plan_tables
from crmmigrate.values.knowledge import load_knowledge

__all__ = ["cut_at_blanks", "cut_at_signs", "join_halves", "join_pairs"]

_FEWEST = 5
"""A second piece with fewer digits replaces the last digits of the first, or is an extension."""
_LONGEST_VALID = 15
"""Digits of the longest numbers there are, with their country code (ITU-T E.164)."""


def cut_at_signs(rows: pl.DataFrame) -> pl.DataFrame:
    """Cut cells in two at a sign or word that stands between numbers.

    Args:
        rows: `_at`, `text`, `_region` and `_row`.

    Returns:
        The same columns with two rows a cell, numbered `2 * _at` and `2 * _at + 1`.
    """
    found = rows.with_columns(pl.col("text").str.extract_groups(_pattern()).alias("_cut"))
    first, word, second = (pl.col("_cut").struct.field(str(at)) for at in (1, 2, 3))
    digits = pl.col("text").str.replace_all("[^0-9]+", "")
    plus = pl.col("text").str.contains(r"^[^0-9]*\+")
    vanity = word.str.contains("(?i)[a-z]{3}").fill_null(value=False)
    found = found.filter(
        first.is_not_null()
        & (second.str.replace_all("[^0-9]+", "").str.len_bytes() >= _FEWEST)
        & (~vanity | (digits.str.len_bytes() > _LONGEST_VALID + 3))
    ).with_columns(digits=digits, plus=plus)
    code = plan_tables().of(found["_row"], "code")
    coded = pl.col("digits").str.starts_with(code).fill_null(value=False)
    whole = read_dialled(found.with_columns(coded=coded))
    found = whole.filter(~plan_tables().told(whole["verdict"], "valid")["valid"])
    return _sides(found, first, second)


@cache
def _pattern() -> str:
    words = "|".join(map(re.escape, load_knowledge("phone_words")["between"]))
    piece = r"[+(0-9][^/;,|\n]{5,}"
    return rf"(?i)^({piece}?)\s*(?:[/;,|\n]|\s({words})\s)\s*([+(0-9][^/;,|\n]{{4,}})$"


def cut_at_blanks(rows: pl.DataFrame) -> pl.DataFrame:
    """Cut cells in two at every blank.

    Returns:
        As `cut_at_signs`, with `cut` (how many blanks are before) beside.
    """
    pieces = rows.with_columns(pl.col("text").str.split(" ").alias("_pieces"))
    count = pl.col("_pieces").list.len()
    cuts = (
        pieces.filter(count > 1)
        .with_columns(cut=pl.int_ranges(1, count))
        .explode("cut", empty_as_null=True, keep_nulls=True)
    )
    first = pl.col("_pieces").list.head("cut").list.join(" ")
    second = pl.col("_pieces").list.slice("cut").list.join(" ")
    cuts = cuts.with_row_index("_cut").with_columns(_cell="_at")
    return _sides(cuts.with_columns(pl.col("_cut").alias("_at")), first, second, "_cell")


def _sides(rows: pl.DataFrame, first: pl.Expr, second: pl.Expr, *more: str) -> pl.DataFrame:
    at = pl.col("_at").cast(pl.UInt32) * 2
    return pl.concat(
        rows.select(
            (at + side).alias("_at"), "_region", "_row", *more, text=text.str.strip_chars()
        )
        for side, text in enumerate((first, second))
    )


def join_pairs(read: pl.DataFrame) -> pl.DataFrame:
    """Put the two numbers of a cell together.

    Args:
        read: `_at`, `nsn`, `verdict`, `code`, `status` and `cut_extension` of valid numbers.

    Returns:
        What is said about the cells of which both sides are valid numbers.
    """
    extension = pl.concat_str(pl.lit(";ext="), "cut_extension").fill_null("")
    written = pl.concat_str(pl.lit("+"), "code", "nsn", extension)
    names = ("_at", "nsn", "verdict", "cut_extension")
    sides = read.select(*names, _pair=pl.col("_at") // 2, written=written)
    second = sides.filter(pl.col("_at") % 2 == 1).select("_pair", other="written")
    pairs = sides.filter(pl.col("_at") % 2 == 0).join(second, on="_pair")
    same = pl.col("other") == pl.col("written")
    nothing = pl.lit([], dtype=pl.List(pl.String))
    return pairs.select(
        "nsn",
        "verdict",
        "cut_extension",
        _at="_pair",
        status=pl.when(same).then(pl.lit("normalised")).otherwise(pl.lit("split")),
        codes=pl.when(same).then(pl.lit(["STD101"])).otherwise(pl.lit(["STD102"])),
        confidence=pl.lit(1.0),
        alternatives=pl.when(same).then(nothing).otherwise(pl.concat_list("other")),
    )


def join_halves(read: pl.DataFrame) -> pl.DataFrame:
    """Tell of cells of which only one side is a valid number.

    Args:
        read: As for `join_pairs`, with invalid numbers, `valid`, and `side` (the text).
    """
    read = read.with_columns(_pair=pl.col("_at") // 2)
    bare = pl.col("cut_extension").is_null()
    wrong = read.filter(~pl.col("valid") & bare).select("_pair", unread="side")
    return (
        read.filter("valid")
        .join(wrong, on="_pair")
        .select(
            "nsn",
            "verdict",
            "cut_extension",
            _at="_pair",
            message=pl.concat_str(pl.lit("left unread: "), "unread"),
            status=pl.lit("repaired"),
            codes=pl.lit(["STD101", "STD114"], dtype=pl.List(pl.String)),
            confidence=pl.lit(0.7),
            alternatives=pl.lit([], dtype=pl.List(pl.String)),
        )
    )
