"""Two phone numbers in one cell, where the cut cannot be doubted."""

import re
from functools import cache

import polars as pl

from crmmigrate.standardize.phone_reading import are_too_long, read_dialled
from crmmigrate.standardize.phone_tables import plan_tables
from crmmigrate.values.knowledge import load_knowledge

__all__ = ["cut_at_blanks", "cut_at_signs", "join_halves", "join_neither", "join_pairs"]

_FEWEST = 5
"""A second piece with fewer digits replaces the last digits of the first, or is an extension."""
_TWO_NUMBERS = 12
"""From so many digits on, a text with blanks may hold two numbers."""
_SURE = 7
"""Fewer digits may be part of a number together with some of the other side."""
_LONG = 20
"""So many digits are no number, whatever prefix for abroad is before them."""
_PLAIN = r"^\+?[0-9 ().-]+$"
_MAY_BE_TWO = r" - |-[0-9]{1,2}$"


def cut_at_signs(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cut cells in two at a sign or word between numbers, or before the second one's plus.

    Args:
        rows: `_at`, `text`, `_region` and `_row`.

    Returns:
        The same columns with two rows a cell, numbered `2 * _at` and `2 * _at + 1`; and the cells
        that were cut, with `dialled` (whether the second piece may be an extension of the first)
        and `whole` (whether the library would read the digits of both pieces as one number, null
        where letters may stand for digits).
    """
    text = pl.col("text")
    rows = rows.filter(text.str.contains(r"[/;,|\n]|\s[^0-9\s]+\s|[0-9]\s+\+"))
    cut = rows["text"].str.extract_groups(_pattern()).struct.unnest()
    blank = pl.when(cut["5"].is_not_null()).then(pl.lit(" "))
    found = rows.with_columns(
        _first=cut["1"],
        _sign=pl.coalesce(cut["2"], blank),
        _word=cut["3"],
        _second=pl.coalesce(cut["4"], cut["5"]),
    )
    sign, second = pl.col("_sign"), pl.col("_second")
    found = found.filter(
        pl.col("_first").is_not_null()
        & (pl.col("_word").is_null() | pl.col("_first").str.contains(r"[0-9][\s)]*$"))
        & ((sign != " ").fill_null(value=True) | pl.col("_first").str.contains(r"[0-9]$"))
        & (second.str.replace_all("[^0-9]+", "").str.len_bytes() >= _FEWEST)
    )
    found = _read_whole(found)
    found = found.with_columns(
        dialled=((sign == ";") & second.str.contains("^[0-9]{5,15}#?$"))
        | ((sign == ",") & second.str.contains("^[0-9]{5,9}#?$")),
        whole=pl.when(sign.is_not_null()).then(
            (sign == "/") & ~second.str.contains("+", literal=True)
        ),
    )
    sides = _sides(found, pl.col("_first"), second)
    return sides, found.select("_at", "text", "_row", "_second", "dialled", "whole", "too_long")


def _read_whole(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave out cells whose digits and letters are one number; tell which are `too_long` for one."""
    tables, text = plan_tables(), pl.col("text")
    vanity = text.str.contains("(?i)(?:[a-z].*){3}")
    letters = pl.when(vanity).then(text.str.to_lowercase().str.replace_many(_KEYS)).otherwise(text)
    digits = rows.select(letters.str.replace_all("[^0-9]+", "")).to_series()
    coded = tables.are_coded(digits, rows["_row"])
    plus = text.str.contains(r"^[^0-9]*\+")
    read = read_dialled(rows.with_columns(digits=digits, coded=coded, plus=plus))
    read = read.filter(~tables.told(read["verdict"], "valid")["valid"])
    return read.with_columns(
        too_long=are_too_long(read) & (read["digits"].str.len_bytes() >= _LONG)
    )


_KEYS = dict(zip("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999", strict=True))


@cache
def _pattern() -> str:
    words = "|".join(map(re.escape, load_knowledge("phone_words")["between"]))
    piece = r"[+(0-9][^/;,|\n]{5,}"
    between = rf"(?:([/;,|\n])|\s({words})\s)\s*([+(0-9][^/;,|\n]{{4,}})"
    return rf"(?i)^({piece}?)\s*(?:{between}|\s(\+[^/;,|\n]{{4,}}))$"


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
        rows.select((at + side).alias("_at"), "_region", "_row", *more, text=text.str.strip_chars())
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


def join_neither(read: pl.DataFrame, cells: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Find the cells of which neither side is a valid number, nor the beginning of one.

    Args:
        read: As for `join_halves`.
        cells: From `cut_at_signs`.

    Returns:
        What is said about those that are no number as a whole either, or an extension behind the
        first; and `_at`, `text` and `_row` of those whose digits the library would read as one
        number.
    """
    both = _both_wrong(read).join(cells.filter(pl.col("_row").is_not_null()), on="_at")
    short = plan_tables().of(both["_row"], "shortest")
    both = both.filter(pl.col("parted") < short * 2)
    dialled = both.filter("dialled").select("_at", behind="_second")
    first = read.filter(pl.col("_at") % 2 == 0).with_columns(pl.col("_at") // 2)
    extended = first.join(dialled, on="_at").with_columns(
        cut_extension=pl.col("behind").str.strip_chars("#")
    )
    refused = (
        pl.when(pl.col("whole").fill_null(value=True))
        .then("too_long")
        .otherwise(~pl.col("dialled"))
    )
    none = both.filter(refused).select(
        "_at",
        nsn=pl.lit(None, pl.String),
        verdict=pl.lit(None, pl.UInt32),
        message=pl.lit("cannot be read as a phone number"),
        status=pl.lit("invalid"),
        codes=pl.lit(["STD109"], dtype=pl.List(pl.String)),
        confidence=pl.lit(1.0),
        alternatives=pl.lit([], dtype=pl.List(pl.String)),
    )
    one = both.filter(pl.col("whole") & ~pl.col("too_long")).select("_at", "text", "_row")
    return pl.concat([none, extended.select(*none.columns, "cut_extension")], how="diagonal"), one


def _both_wrong(read: pl.DataFrame) -> pl.DataFrame:
    """Find the cells whose two sides are no valid numbers.

    Returns:
        `_at`, and `parted`: the most digits of a side that may be parted at its signs.
    """
    side = pl.col("side")
    digits = side.str.replace_all("[^0-9]+", "").str.len_bytes()
    alone = (
        ~pl.col("valid")
        & pl.col("cut_extension").is_null()
        & side.str.contains(_PLAIN)
        & ~side.str.contains(_MAY_BE_TWO)
        & (digits >= _SURE)
        & ((digits < _TWO_NUMBERS) | ~side.str.contains(" "))
    )
    parted = pl.when(side.str.contains("[0-9][^0-9]+[0-9]")).then(digits).otherwise(0)
    wrong = read.filter(alone).select(pl.col("_at") // 2, parted=parted)
    return wrong.group_by("_at").agg(pl.len(), pl.max("parted")).filter(pl.col("len") == 2)
