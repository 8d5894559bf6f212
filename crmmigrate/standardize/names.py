"""Columns of people's names: the vectorised twin of `values.names`."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import polars as pl
import pyarrow as pa

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import INPUT_PARTS, PARTS, SemanticType
from crmmigrate.standardize.lanes import in_order
from crmmigrate.standardize.name_filling import Filled
from crmmigrate.standardize.name_lane import Read, read_shapes
from crmmigrate.standardize.outcomes import outcome_frame, outcome_schema
from crmmigrate.values.name_evidence import (
    family_names,
    family_pattern,
    given_names,
    likely_given_names,
)
from crmmigrate.values.name_words import NameWords, name_words
from crmmigrate.values.names import NameReading, read_name, read_parts
from crmmigrate.values.outcome import BLANK, Outcome

__all__ = ["read_whole", "standardize_names"]

_PARTS = PARTS[SemanticType.PERSON_NAME]
_CORE = ("given", "middle", "family")
_BETWEEN = " \x1d "
"""Stands between the parts of a name that are read as one text of words."""


def standardize_names(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read names of people into parts and a display form.

    Parts that the source holds are kept as they are told; a whole text is read only when there
    are no parts.

    Args:
        distinct: `text`, parts and `_region`.
        book: Rules of regions: order of names, titles, suffixes and particles.
        options: None are known.
    """
    del options
    known = {
        region: name_words(region, book.get(region).name) for region in distinct["_region"].unique()
    }
    habits = list(dict.fromkeys(known.values()))
    number = {region: habits.index(words) for region, words in known.items()}
    given = [part for part in INPUT_PARTS[SemanticType.PERSON_NAME] if part in distinct.columns]
    rows = distinct.with_row_index("_at").with_columns(
        habit=pl.col("_region").replace_strict(number, return_dtype=pl.UInt32)
    )
    fast = [_drop_turned(read_shapes(_lone(rows, given), habits, _read_by_place, _PARTS))]
    if given:
        fast.append(read_shapes(_in_parts(rows, given), habits, _reader(tuple(given)), _PARTS))
    done = pl.concat([filled.rows["_at"] for filled in fast])
    slow = rows.filter(pl.repeat(value=True, n=rows.height, eager=True).scatter(done, False))
    read = outcome_frame(
        [_outcome(row, given, habits) for row in slow.iter_rows(named=True)], _PARTS
    )
    return _together([*fast, _one_by_one(slow["_at"], read)])


_TOLD = ("status", "codes", "confidence")


def _one_by_one(at: pl.Series, read: pl.DataFrame) -> Filled:
    plan = pl.int_range(read.height, dtype=pl.UInt32, eager=True).alias("plan")
    return Filled(read.drop(_TOLD).with_columns(at.alias("_at"), plan), read.select(_TOLD))


def _together(every: Sequence[Filled]) -> pl.DataFrame:
    """Put all names in order and tell what is said about each."""
    pieces, before = [], 0
    for filled in every:
        moved = filled.rows.with_columns(pl.col("plan") + before)
        pieces.append((moved["_at"], moved.select("plan", "value", *_PARTS, *_OTHERS)))
        before += filled.told.height
    whole = in_order(pieces)
    table, plan = pl.concat([filled.told for filled in every], rechunk=True), whole["plan"]
    told = table.select("status", "confidence")[plan]
    told = told.with_columns(_lists(table["codes"], plan).alias("codes"))
    return pl.concat([whole, told], how="horizontal").select(outcome_schema(_PARTS).names())


def _lists(lists: pl.Series, at: pl.Series) -> pl.Series:
    """Return some of the lists, most of them short or empty; `gather` copies them one by one."""
    ends = lists.list.len().cum_sum().cast(pl.Int64)
    where = pl.DataFrame({"end": ends.gather(at), "len": lists.list.len().gather(at)})
    behind = where.select(pl.col("len").cast(pl.Int64).cum_sum()).to_series()
    begin = pl.col("end") - pl.col("len")
    some = where.filter(pl.col("len") > 0).select(pl.int_ranges(begin, "end").explode())
    items = lists.explode(empty_as_null=False).gather(some.to_series())
    offsets = pl.concat([pl.Series([0], dtype=pl.Int64), behind.alias("")], rechunk=True)
    whole = pa.LargeListArray.from_arrays(offsets.to_arrow(), items.to_arrow())
    return pl.Series("codes", pl.from_arrow(whole), dtype=pl.List(pl.String))


_OTHERS = ("message", "alternatives")


def _drop_turned(filled: Filled) -> Filled:
    """Drop names whose words may say that they stand in another order; each is read by itself."""
    first, second = (
        pl.col(part).str.replace_all("İ", "i", literal=True).str.to_lowercase()
        for part in ("given", "family")
    )
    both = (
        pl.col("middle").is_null() & pl.col("given").is_not_null() & pl.col("family").is_not_null()
    )
    done = filled.rows
    pairs = done.with_row_index("_row").filter(both).select("_row", g=first, f=second)
    pairs = pairs.with_columns(pl.col("g", "f").str.extract("^([^-]*)").str.strip_chars(" ,."))
    pairs = pairs.filter(~pl.col("g").is_in(_words(given_names)))
    family, ending = pl.col("f").is_in(_words(family_names)), family_pattern()
    pairs = pairs.filter(~family).filter(
        pl.col("f").is_in(_words(likely_given_names))
        | pl.col("g").str.contains(ending)
        | (pl.col("g").is_in(_words(family_names)) & pl.col("f").is_in(_words(given_names)))
    )
    turned = pairs["_row"]
    kept = pl.repeat(value=True, n=done.height, eager=True).scatter(turned, values=False)
    return Filled(done.filter(kept), filled.told)


def _words(kind: Callable[[], frozenset[str]]) -> pl.Series:
    """Return the words of a list as a series."""
    return _series(kind).implode()


@cache
def _series(kind: Callable[[], frozenset[str]]) -> pl.Series:
    return pl.Series(sorted(kind()), dtype=pl.String)


def _lone(rows: pl.DataFrame, given: Sequence[str]) -> pl.DataFrame:
    """Return the names that stand in one column."""
    lone = rows.filter(*(pl.col(part).is_null() for part in given)).drop_nulls("text")
    return lone.filter(_is_tidy("text")).select("_at", "text", "habit")


def _in_parts(rows: pl.DataFrame, given: Sequence[str]) -> pl.DataFrame:
    """Return the names whose parts stand in columns of their own, with a sign between the parts."""
    whole = pl.lit(value=True)
    for part in ("given", "family"):
        whole &= pl.col(part).is_not_null() if part in given else pl.lit(value=False)
    whole |= pl.col("text").is_null()
    tidy = [
        pl.col(part).is_null() | (_is_tidy(part) & ~pl.col(part).str.contains(",", literal=True))
        for part in given
    ]
    some = pl.any_horizontal(pl.col(part).is_not_null() for part in given)
    joined = pl.concat_str([pl.col(part).fill_null("") for part in given], separator=_BETWEEN)
    return rows.filter(whole, some, *tidy).select("_at", joined.alias("text"), "habit")


def _is_tidy(column: str) -> pl.Expr:
    """Tell whether blanks stand alone and between words, as repaired text has them."""
    return ~pl.col(column).str.contains(r"^ | $|  |[^\S ]|^$")


def read_whole(text: str, words: NameWords) -> Outcome:
    """Read a whole name into the outcome of a kernel's row."""
    return _told(text, read_name(text, words))


def _read_by_place(text: str, words: NameWords) -> Outcome:
    """Read a name of words that stand in for others, which are no evidence of an order."""
    return _told(text, read_name(text, words, by_place=True))


@cache
def _reader(given: tuple[str, ...]) -> Read:
    """Return the reading of a text in which the parts of a name stand one after the other."""

    def read(text: str, words: NameWords) -> Outcome:
        parts = zip(given, text.split(_BETWEEN), strict=True)
        return _told(None, read_parts({part: value for part, value in parts if value}, words))

    return read


def _outcome(row: Mapping[str, Any], given: Sequence[str], habits: Sequence[NameWords]) -> Outcome:
    parts = {part: value for part in given if (value := row[part]) and value.strip()}
    return _read(row["text"], parts, habits[row["habit"]])


def _read(text: str | None, parts: dict[str, str], words: NameWords) -> Outcome:
    if text is not None and text.strip():
        if not any(part in parts for part in ("given", "family")):
            return _told(text, read_name(text, words))
        if not all(part in parts for part in ("given", "family")):
            return _completed(text, parts, words)
    if not parts:
        return BLANK
    return _told(text, read_parts(parts, words))


def _completed(text: str, parts: dict[str, str], words: NameWords) -> Outcome:
    """Take a missing given or family name from the whole text, if the text agrees on the other."""
    read = read_name(text, words)
    told = {part: getattr(read.name, part) for part in _PARTS if getattr(read.name, part)}
    agree = all(told.get(p, "").casefold() == parts[p].casefold() for p in _CORE if p in parts)
    return _told(text, read_parts({**told, **parts} if agree else parts, words))


def _told(text: str | None, reading: NameReading) -> Outcome:
    parts = {part: getattr(reading.name, part) or None for part in _PARTS}
    return Outcome(
        text if reading.status == "invalid" and text else reading.value,
        reading.status,
        reading.codes,
        reading.message,
        parts,
        reading.confidence,
        reading.alternatives,
    )
