"""Text columns, and the repair of text that every other kernel runs behind."""

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from crmmigrate.compiled import LEAST_ROWS
from crmmigrate.compiled.columns import ViewedColumn, viewed_column
from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.distinct import find_distinct
from crmmigrate.standardize.lanes import fast_frame, replaced
from crmmigrate.standardize.repairs import (
    CONTROLS,
    REPAIRS,
    SUSPECT,
    Suspects,
    may_hold_controls,
    repairs_of,
)
from crmmigrate.values.placeholders import is_placeholder, placeholder_words

__all__ = ["repaired_first", "repaired_where_unread", "standardize_texts"]

Kernel = Callable[[pl.DataFrame, RegionBook, Mapping[str, object]], pl.DataFrame]


def repaired_first(
    kernel: Kernel,
    distinct: pl.DataFrame,
    book: RegionBook,
    options: Mapping[str, object],
    *,
    lines: bool = False,
) -> pl.DataFrame:
    """Run a kernel on repaired text and tell about the repairs beside what the kernel tells.

    Args:
        kernel: The kernel of a semantic type.
        distinct: `text`, parts and `_region`.
        book: Rules of all regions.
        options: Handed to the kernel.
        lines: Line breaks mean something to the kernel and stay.
    """
    repaired, repairs = _repaired(distinct, book, lines=lines)
    return _told(distinct, kernel(repaired, book, options), repairs)


def _repaired(
    distinct: pl.DataFrame, book: RegionBook, *, lines: bool = False
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the repaired columns, with null for blanks, and the repairs of each row."""
    columns = [name for name in distinct.columns if name != "_region"]
    repaired = _without_empty(distinct, columns)
    every = [REPAIRS.to_frame()]
    for name in columns:
        done = repairs_of(repaired[name], distinct["_region"], book, lines=lines)
        if done.height:
            texts = pl.select(done["value"].replace("", None)).to_series()
            repaired = repaired.with_columns(repaired[name].scatter(done["_at"], texts))
            every.append(done)
    return repaired, _of_rows(every)


def _without_empty(distinct: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return the columns with null for empty texts."""
    return distinct.with_columns(
        pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)
        for name in columns
        if (distinct[name] == "").any()
    )


def repaired_where_unread(
    kernel: Kernel, distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Run a kernel, and once more on repaired text where it could not surely read the text.

    For kinds that pass over blanks and invisible signs by themselves and know every word they
    accept: what they read for certain needs no repair, but control characters are told of.
    """
    columns = [name for name in distinct.columns if name != "_region"]
    filled = _without_empty(distinct, columns)
    outcome = kernel(filled, book, options)
    unsure = outcome["confidence"] < 1
    for name in columns:
        if may_hold_controls(distinct[name]):
            unsure |= distinct[name].str.contains(CONTROLS).fill_null(value=False)
    odd = _repairable(distinct, _suspect(filled, columns, unsure.arg_true()), book)
    if odd.is_empty():
        return outcome
    some = distinct[odd]
    repaired, repairs = _repaired(some, book)
    rows = repairs["_at"]
    if rows.is_empty():
        return outcome
    told = repairs.with_columns(_at=pl.int_range(len(rows), dtype=pl.UInt32, eager=True))
    done = _told(some[rows], kernel(repaired[rows], book, options), told)
    return replaced(outcome, odd.gather(rows), done)


def _suspect(filled: pl.DataFrame, columns: Sequence[str], rows: pl.Series) -> pl.Series:
    """Return those of some rows that a repair may change."""
    suspect = pl.any_horizontal(pl.col(name).str.contains(SUSPECT) for name in columns)
    some = pl.DataFrame([filled[name].gather(rows) for name in columns])
    return rows.filter(some.select(suspect.fill_null(value=False)).to_series())


def _repairable(distinct: pl.DataFrame, rows: pl.Series, book: RegionBook) -> pl.Series:
    """Return those of some rows that a repair changes: texts that differ in digits are looked at once.

    No repair asks for a digit, but where it is a part of an entity (`&#233;`) or another escape.
    """
    if rows.is_empty():
        return rows
    names = [name for name in distinct.columns if name != "_region"]
    alike = distinct[rows].with_columns(
        pl.when(pl.col(name).str.contains(r"[&_%=\\]"))
        .then(pl.col(name))
        .otherwise(pl.col(name).str.replace_all("[0-9]+", "0"))
        for name in names
    )
    shapes = find_distinct(alike)
    _, repairs = _repaired(shapes.rows, book)
    return rows.filter(shapes.at.is_in(repairs["_at"].implode()))


def _of_rows(every: list[pl.DataFrame]) -> pl.DataFrame:
    """Put the repairs of all columns of a row together."""
    if len(every) <= 2:
        return every[-1]
    return pl.concat(every).group_by("_at", maintain_order=True).agg(
        pl.col("value").first(),
        pl.col("codes").explode().unique(maintain_order=True),
        pl.col("doubt").min(),
    )  # fmt: skip


def _told(distinct: pl.DataFrame, outcome: pl.DataFrame, repairs: pl.DataFrame) -> pl.DataFrame:
    """Add the codes of repairs; a value that stayed invalid keeps its raw text."""
    if not repairs.height:
        return outcome
    rows = repairs["_at"]
    told = outcome[rows].with_columns(
        distinct["text"][rows].alias("_raw"),
        repairs["codes"].alias("_codes"),
        repairs["doubt"].alias("_doubt"),
    )
    raw, value = pl.col("_raw"), pl.col("value")
    kept = pl.col("status").is_in(["invalid", "left_alone"]) & raw.is_not_null()
    kept &= value.is_not_null() | (raw.str.strip_chars() != "")
    status = (
        pl.when(pl.col("status") != "unchanged")
        .then("status")
        .when(pl.col("_codes") == ["STD901"])
        .then(pl.lit("normalised"))
        .otherwise(pl.lit("repaired"))
    )
    told = told.with_columns(
        pl.when(kept).then(raw).otherwise("value").alias("value"),
        status.alias("status"),
        pl.concat_list("_codes", "codes").alias("codes"),
        pl.min_horizontal("confidence", "_doubt").alias("confidence"),
    )
    behind = pl.int_range(outcome.height, outcome.height + len(rows), dtype=pl.UInt32, eager=True)
    places = pl.int_range(outcome.height, dtype=pl.UInt32, eager=True).scatter(rows, behind)
    return outcome.with_columns(
        *(outcome[name].scatter(rows, told[name]) for name in ("value", "status", "confidence")),
        pl.concat([outcome["codes"], told["codes"]], rechunk=True).gather(places),
    )


def standardize_texts(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Repair free text; line breaks stay.

    Args:
        distinct: `text` and `_region`.
        book: Rules of all regions: alphabets, code pages and letter repairs.
        options: None are known.
    """
    del options
    text = distinct["text"]
    column = viewed_column(text)
    suspects = _suspects(column)
    repairs = repairs_of(text, distinct["_region"], book, lines=True, suspects=suspects)
    bare = _perhaps_nothing(text, column, suspects)
    bare = bare.filter(~bare.is_in(repairs["_at"].implode()))
    rest = pl.DataFrame({"_at": bare, "value": text.gather(bare)}).with_columns(
        codes=_NO_CODES, doubt=pl.lit(1.0)
    )
    told = _outcomes(pl.concat([repairs, rest]))
    rows = told["_at"]
    which = pl.zeros(text.len(), dtype=pl.UInt32, eager=True)
    which = which.scatter(rows, pl.int_range(1, len(rows) + 1, dtype=pl.UInt32, eager=True))
    value = text.scatter(rows, told["value"]) if len(rows) else text
    usual = fast_frame(pl.DataFrame({"value": value}))
    cells = [
        pl.concat([usual[name].head(1), told[name]], rechunk=True).gather(which)
        for name in ("status", "codes", "confidence")
    ]
    return usual.with_columns(cells) if usual.height else usual


def _outcomes(repairs: pl.DataFrame) -> pl.DataFrame:
    """Return `_at`, value, status, codes and confidence of repaired texts and of empty ones."""
    values = repairs["value"]
    idle = pl.zeros(repairs.height, dtype=pl.UInt8, eager=True)
    column = viewed_column(values)
    idle = idle.scatter(_perhaps_nothing(values, column, _suspects(column)), 1)
    empty, idle = values == "", (idle == 1) & (values != "")
    # A cell of nothing but markup or invisible signs is changed; one of blanks was empty before.
    blank = pl.col("codes").list.set_difference(["STD901"]).list.len() == 0
    nothing = empty & blank
    only = pl.col("codes").list.len() == 1
    status = (
        pl.when(nothing | (pl.col("codes").list.len() == 0) & ~idle)
        .then(pl.lit("unchanged"))
        .when(idle)
        .then(pl.lit("left_alone"))
        .when(only & (pl.col("codes").list.first() == "STD901"))
        .then(pl.lit("normalised"))
        .otherwise(pl.lit("repaired"))
    )
    codes = (
        pl.when(nothing)
        .then(_NO_CODES)
        .when(idle)
        .then(pl.concat_list("codes", pl.lit("STD910")))
        .otherwise("codes")
    )
    return repairs.select(
        "_at",
        value=pl.when(~empty).then("value"),
        status=status,
        codes=codes,
        confidence=pl.when(nothing | idle).then(1.0).otherwise("doubt"),
    )


def _suspects(column: ViewedColumn) -> Suspects | None:
    """Return what a large column's bytes tell; nothing of a small one."""
    if len(column) < LEAST_ROWS:
        return None
    from crmmigrate.standardize.suspect_loops import find_suspects

    return find_suspects(column)


def _perhaps_nothing(text: pl.Series, column: ViewedColumn, suspects: Suspects | None) -> pl.Series:
    """Return the rows that may hold a placeholder or nothing at all."""
    if suspects:
        from crmmigrate.standardize.blank_loops import find_blanks

        some, short = find_blanks(column, suspects[1])
        short = short.filter(text.gather(short).str.to_lowercase().is_in(_NOTHING))
        some = pl.concat([some, short]).sort()
    else:
        some = (text.str.len_chars() <= _LONGEST).arg_true()
    sure = [not cell or is_placeholder(cell) for cell in text.gather(some)]
    return some.filter(pl.Series(sure, dtype=pl.Boolean))


_NOTHING = sorted(placeholder_words())
_NO_CODES = pl.lit([], dtype=pl.List(pl.String))
_LONGEST = 40
"""Characters that the longest text may have which is looked at as a placeholder."""
