"""Read a column of dates by its shapes: the compiled twin of `values.dates`."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import text_column, text_series
from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.cell_digits import take_digits
from crmmigrate.standardize.date_codes import code_lists
from crmmigrate.standardize.date_layouts import Habit, Layouts, plan_layouts
from crmmigrate.standardize.date_loops import (
    DOUBTED,
    LEFT,
    OTHERWISE,
    REFUSED_ROW,
    STATUSES,
    THAI_MESSAGES,
    Rows,
    read_rows,
)
from crmmigrate.standardize.outcomes import outcome_schema
from crmmigrate.values.outcome import tidy

__all__ = ["Read", "read_columns"]

Read = Callable[[pl.DataFrame], pl.DataFrame]
"""`text` and `_region` → the outcome columns, by the scalar."""

_MESSAGE, _TASK = 2, 3
_DAY, _OTHER, _THAI = 0, 1, 3
_PLAIN = r"^[\x21-\x7e]+(?: [\x21-\x7e]+)*$"


def read_columns(
    distinct: pl.DataFrame,
    book: RegionBook,
    habits: Callable[[str | None], Habit],
    read: Read,
    *,
    moments: bool,
) -> pl.DataFrame:
    """Read a column; what is not plain is left to the scalar.

    Args:
        distinct: `text` and `_region`.
        book: Rules of all regions.
        habits: What is known of a region's dates.
        read: The scalar.
        moments: The time of day is kept, as in a datetime.

    Returns:
        The outcome columns.
    """
    texts, regions = distinct["text"].rechunk(), distinct["_region"]
    column = text_column(texts)
    digits = take_digits(column, regions)
    first = pl.Series(digits.firsts)
    layouts = plan_layouts(texts.gather(first), regions.gather(first), book, habits)
    rows = read_rows(column, digits, layouts, moments=moments)
    left = np.flatnonzero(rows.cells[_TASK] == LEFT)
    others = read(distinct[pl.Series(left.astype(np.uint32))]) if len(left) else None
    return _frame(texts, rows, layouts, left, others)


def _frame(
    texts: pl.Series,
    rows: Rows,
    layouts: Layouts,
    left: NDArray[np.intp],
    others: pl.DataFrame | None,
) -> pl.DataFrame:
    """Return the outcome columns, with what the loops told as numbers written out."""
    tables = {
        "status": pl.Series(STATUSES),
        "codes": code_lists(layouts.refusals),
        "message": _messages(layouts.messages),
        "alternatives": pl.Series([[]], dtype=pl.List(pl.String)),
    }
    none = np.zeros(len(texts), np.uint32)
    places = dict(zip(tables, (*rows.cells[:_TASK], none), strict=True))
    for at, cells in _tasks(texts, rows, layouts):
        _place(tables, places, at, cells)
    value = text_series("value", rows.written[: rows.ends[-1]], rows.ends)
    if others is not None:
        _place(tables, places, left, {name: others[name] for name in tables})
        value = value.scatter(pl.Series(left), others["value"])
        rows.confidence[left] = others["confidence"].to_numpy()
    picked = {name: table.gather(pl.Series(places[name])) for name, table in tables.items()}
    picked |= {"value": value, "confidence": pl.Series(rows.confidence)}
    return pl.DataFrame({name: picked[name] for name in outcome_schema()})


Cells = dict[str, pl.Series]


def _place(
    tables: Cells, places: dict[str, NDArray[np.uint32]], at: NDArray[np.intp], cells: Cells
) -> None:
    """Put cells of some rows behind those that many share."""
    for name, own in cells.items():
        places[name][at] = np.arange(len(tables[name]), len(tables[name]) + len(own))
        tables[name] = pl.concat([tables[name], own], rechunk=True)


def _tasks(texts: pl.Series, rows: Rows, layouts: Layouts) -> list[tuple[NDArray[np.intp], Cells]]:
    """Return rows and their messages and lists of alternatives, of what few rows have."""
    cells, found, task = rows.cells, rows.found, rows.cells[_TASK]
    refused, doubted, otherwise = (
        np.flatnonzero(task == number) for number in (REFUSED_ROW, DOUBTED, OTHERWISE)
    )
    both_days = np.sort(found[doubted][:, [_DAY, _OTHER]], axis=1)
    low, high = _days(both_days[:, 0]), _days(both_days[:, 1])
    evidence = pl.Series([f"; {text}" if text else "" for text in layouts.messages])
    proof = evidence.gather(pl.Series(cells[_MESSAGE, doubted]))
    both = pl.DataFrame({"low": low, "high": high, "proof": proof}).select(
        message=pl.format("may be {} or {}{}", "low", "high", "proof"),
        days=pl.concat_list("low", "high"),
    )
    reasons = pl.Series([f"' {why}" for _, why in layouts.refusals], dtype=pl.String)
    short = _shortened(texts.gather(pl.Series(refused)))
    why = pl.DataFrame({"short": short, "why": reasons.gather(pl.Series(rows.refusals))}).select(
        message=pl.format("'{}{}", "short", "why")
    )
    other = pl.DataFrame({"day": _days(found[otherwise, _THAI])}).select(pl.concat_list("day"))
    return [
        (refused, {"message": why["message"]}),
        (doubted, {"message": both["message"], "alternatives": both["days"]}),
        (otherwise, {"alternatives": other["day"]}),
    ]


def _days(numbers: NDArray[np.int32]) -> pl.Series:
    """Return the spelling of days as the loop has them."""
    parts = pl.DataFrame({"year": numbers >> 9, "month": (numbers >> 5) & 15, "day": numbers & 31})
    return parts.select(pl.date("year", "month", "day").dt.to_string("%Y-%m-%d")).to_series()


def _shortened(texts: pl.Series) -> pl.Series:
    """Return the beginnings of texts, tidied as the scalar does."""
    plain = texts.str.contains(_PLAIN)
    begun = [tidy(text)[:40] for text in texts.filter(~plain)]
    return texts.str.slice(0, 40).scatter((~plain).arg_true(), pl.Series(begun, dtype=pl.String))


def _messages(planned: Sequence[str | None]) -> pl.Series:
    """Return all messages that are not of a single row, by number."""
    return pl.concat([pl.Series(planned, dtype=pl.String), _usual_messages()])


@cache
def _usual_messages() -> pl.Series:
    """Return what is told of Thai years, and of a time that is dropped, by its second of the day."""
    thai = [
        f"year {year:02} is read as {said}"
        for year in range(THAI_MESSAGES // 2)
        for said in (f"B.E. 25{year:02}", str(year + (2000 if year <= 49 else 1900)))
    ]
    clocks = (
        (pl.int_range(86400, eager=True) * 1_000_000_000).cast(pl.Time).dt.to_string("%H:%M:%S")
    )
    lost = clocks.to_frame("clock").select(pl.format("time {} is dropped", "clock")).to_series()
    return pl.concat([pl.Series(thai), lost])
