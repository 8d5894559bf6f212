"""Read a column of numbers or amounts by the shape of their texts: signs once a shape, digits by copying."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import TextColumn, text_column, text_series
from crmmigrate.standardize.cell_digits import CellDigits, take_digits
from crmmigrate.standardize.figure_loops import Written, write_numbers, write_values
from crmmigrate.standardize.figure_plans import Kind, Read, plan_figures
from crmmigrate.standardize.outcomes import outcome_schema

__all__ = ["read_figures"]

_TEXT_LIST = pl.List(pl.String)


def read_figures(
    distinct: pl.DataFrame,
    read: Read,
    others: Callable[[pl.DataFrame], pl.DataFrame],
    parts: Sequence[str] = (),
    beside: NDArray[np.bool_] | None = None,
) -> pl.DataFrame:
    """Read a column.

    Args:
        distinct: `text` and `_region`; at most one number is copied from each.
        read: The scalar reader of a text alone.
        others: The scalar reader of rows whose single digits may matter.
        parts: Parts of the outcome; `amount` is the number, others are the same for a shape.
        beside: Rows that other columns say something about, which `others` reads.

    Returns:
        The outcome columns.
    """
    texts = distinct["text"].rechunk()
    column = text_column(texts)
    digits = take_digits(column, distinct["_region"], noughts=True)
    kinds, found = _plan(texts, distinct["_region"], digits, read)
    kind = np.array(found, np.int64)[digits.numbers]
    numbers, odd = write_numbers(digits, np.arange(len(kind)), kind, [own.form for own in kinds])
    kind[odd] = -1
    if beside is not None:
        kind[beside] = -1
    written = _written(column, numbers, kinds, kind)
    tables = _tables(kinds)
    places = {name: kind.astype(np.uint32) for name in tables}
    _tell_own(tables, places, texts, digits, kinds, kind)
    left = np.flatnonzero(kind < 0)
    for name in {*written, *tables} - {*outcome_schema(parts)}:
        (written if name in written else tables).pop(name)
    return _filled(written, tables, places, left, others(distinct[pl.Series(left)]), parts)


def _plan(
    texts: pl.Series, regions: pl.Series, digits: CellDigits, read: Read
) -> tuple[list[Kind], list[int]]:
    first = pl.Series(digits.firsts)
    begins, ends = digits.begins[digits.firsts], digits.begins[digits.firsts + 1]
    noughts = (digits.digits[begins] == 0) & (ends > begins)
    examples = texts.gather(first).to_list(), regions.gather(first).to_list()
    return plan_figures(*examples, noughts.tolist(), read)


def _written(
    column: TextColumn, numbers: Written, kinds: Sequence[Kind], kind: NDArray[np.int64]
) -> dict[str, pl.Series]:
    """Return the value of each row, and its number alone."""
    behind = _joined([f" {own.currency}" if own.currency else "" for own in kinds])
    kept = np.array([own.form is None or own.kept for own in kinds], np.bool_)
    value = write_values(column, numbers, kind, behind, kept)
    none = np.array([own.form is None for own in kinds] + [True], np.bool_)[kind]
    return {
        "value": text_series("value", value.data[: value.ends[-1]], value.ends),
        "amount": text_series("amount", numbers.data[: numbers.ends[-1]], numbers.ends, none),
    }


def _joined(texts: Sequence[str]) -> Written:
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)]).astype(np.int64)
    return Written(np.frombuffer(b"".join(encoded) + b"\0", np.uint8).copy(), ends)


def _tables(kinds: Sequence[Kind]) -> dict[str, pl.Series]:
    """Return what all texts of a kind share, by the number of the kind."""
    return {
        "currency": pl.Series([kind.currency for kind in kinds], dtype=pl.String),
        "status": pl.Series([kind.status for kind in kinds], dtype=pl.String),
        "codes": pl.Series([list(kind.codes) for kind in kinds], dtype=_TEXT_LIST),
        "message": pl.Series([kind.message for kind in kinds], dtype=pl.String),
        "confidence": pl.Series([kind.confidence for kind in kinds], dtype=pl.Float64),
        "alternatives": pl.Series([list(kind.alternatives) for kind in kinds], dtype=_TEXT_LIST),
    }


Tables = dict[str, pl.Series]
Places = dict[str, NDArray[np.uint32]]


def _tell_own(
    tables: Tables, places: Places, texts: pl.Series, digits: CellDigits, kinds: Sequence[Kind],
    kind: NDArray[np.int64],
) -> None:  # fmt: skip
    """Add the messages that quote the text, and the other readings of rows that have one."""
    quoted = np.flatnonzero(np.array([kind.quoted for kind in kinds] + [False])[kind])
    begun = texts.gather(pl.Series(quoted)).str.slice(0, 40)
    reasons = tables["message"].gather(pl.Series(kind[quoted]))
    told = pl.DataFrame({"text": begun, "why": reasons}).select(pl.format("'{}{}", "text", "why"))
    _append(tables, places, "message", quoted, told.to_series())
    has = np.array([kind.other is not None for kind in kinds] + [False])
    rows = np.flatnonzero(has[kind])
    forms = [kind.other for kind in kinds]
    numbers, _ = write_numbers(digits, rows, kind[rows], forms)
    other = text_series("other", numbers.data[: numbers.ends[-1]], numbers.ends)
    lists = other.to_frame().select(pl.concat_list("other")).to_series()
    _append(tables, places, "alternatives", rows, lists)


def _append(
    tables: Tables, places: Places, name: str, rows: NDArray[np.intp], cells: pl.Series
) -> None:
    """Put cells of some rows behind those that many share."""
    if len(rows):
        table = tables[name]
        places[name][rows] = np.arange(len(table), len(table) + len(rows))
        tables[name] = pl.concat([table, cells.alias(table.name)], rechunk=True)


def _filled(
    written: Tables, tables: Tables, places: Places, left: NDArray[np.intp], others: pl.DataFrame,
    parts: Sequence[str],
) -> pl.DataFrame:  # fmt: skip
    """Fetch every cell, those of the rows that were left from `others`."""
    rows = pl.Series(left)
    for name in tables:
        _append(tables, places, name, left, others[name])
    found = {name: table.gather(pl.Series(places[name])) for name, table in tables.items()}
    for name, cells in written.items():
        found[name] = cells.scatter(rows, others[name]) if len(left) else cells
    return pl.DataFrame({name: found[name] for name in outcome_schema(parts)})
