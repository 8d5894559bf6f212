"""Columns of people's names: the vectorised twin of `values.names`."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import polars as pl

from crmmigrate.compiled import LEAST_ROWS
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import INPUT_PARTS, PARTS, SemanticType
from crmmigrate.standardize.distinct import number_texts
from crmmigrate.standardize.outcomes import outcome_frame, outcome_schema
from crmmigrate.values.name_words import NameWords, name_words
from crmmigrate.values.names import NameReading, read_name, read_parts
from crmmigrate.values.outcome import BLANK, Outcome

__all__ = ["is_tidy", "read_by_place", "standardize_names"]

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
    regions, at = number_texts(distinct["_region"])
    known = [name_words(region, book.get(region).name) for region in regions]
    habits = list(dict.fromkeys(known))
    number = pl.Series([habits.index(words) for words in known], dtype=pl.UInt32)
    given = [part for part in INPUT_PARTS[SemanticType.PERSON_NAME] if part in distinct.columns]
    rows = distinct.with_columns(habit=number.gather(at))
    if rows.height < LEAST_ROWS:
        return _one_by_one(rows, given, habits)
    return _read_fast(rows, given, habits)


def _one_by_one(
    rows: pl.DataFrame, given: Sequence[str], habits: Sequence[NameWords]
) -> pl.DataFrame:
    return outcome_frame(
        [_outcome(row, given, habits) for row in rows.iter_rows(named=True)], _PARTS
    )


def _read_fast(
    rows: pl.DataFrame, given: Sequence[str], habits: Sequence[NameWords]
) -> pl.DataFrame:
    """Read names by their shape; those that cannot be read so are read one by one."""
    from crmmigrate.standardize.name_lane import read_shapes

    planned = [read_shapes(_lone(rows, given), habits, read_by_place, _PARTS)]
    left = rows.filter(pl.Series(~planned[0].done))
    if given and left.height:
        parts = _in_parts(left, given)
        planned.append(read_shapes(parts, habits, _reader(tuple(given)), _PARTS, whole=False))
        left = left.filter(pl.Series(~planned[1].done))
    outcome = _one_by_one(left, given, habits)
    for lane in planned[::-1]:
        outcome = lane.fill(outcome)
    return outcome.select(outcome_schema(_PARTS).names())


def _lone(rows: pl.DataFrame, given: Sequence[str]) -> pl.DataFrame:
    """Return the names that stand in one column, null where they do not."""
    if not given:
        return rows.select("text", "habit")
    alone = pl.all_horizontal(pl.col(part).is_null() for part in given)
    return rows.select(pl.when(alone).then("text"), "habit")


def _in_parts(rows: pl.DataFrame, given: Sequence[str]) -> pl.DataFrame:
    """Return the names whose parts stand in columns of their own, with a sign between the parts."""
    whole = pl.lit(value=True)
    for part in ("given", "family"):
        whole &= pl.col(part).is_not_null() if part in given else pl.lit(value=False)
    whole |= pl.col("text").is_null()
    for part in given:
        comma = pl.col(part).str.contains(",", literal=True)
        whole &= pl.col(part).is_null() | (is_tidy(part) & ~comma)
    whole &= pl.any_horizontal(pl.col(part).is_not_null() for part in given)
    joined = pl.concat_str([pl.col(part).fill_null("") for part in given], separator=_BETWEEN)
    return rows.select(pl.when(whole).then(joined).alias("text"), "habit")


def is_tidy(column: str) -> pl.Expr:
    """Tell whether blanks stand alone and between words, as repaired text has them."""
    return ~pl.col(column).str.contains(r"^ | $|  |[^\S ]|^$")


def read_by_place(text: str, words: NameWords, sure: float) -> Outcome:
    """Read a name of words that stand in for others, which are no evidence of an order."""
    return _told(text, read_name(text, words, evidence=sure))


@cache
def _reader(given: tuple[str, ...]) -> Callable[[str, NameWords, float], Outcome]:
    """Return the reading of a text in which the parts of a name stand one after the other."""

    def read(text: str, words: NameWords, _: float) -> Outcome:
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
