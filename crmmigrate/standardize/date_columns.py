"""Read a column of dates by its shapes: the compiled twin of `values.dates`."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import text_column, text_series
from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.date_codes import code_lists
from crmmigrate.standardize.date_digits import take_digits
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
from crmmigrate.standardize.lanes import replaced
from crmmigrate.values.outcome import tidy

__all__ = ["Read", "read_columns"]

Read = Callable[[pl.DataFrame], pl.DataFrame]
"""`text` and `_region` → the outcome columns, by the scalar."""

_STATUS, _CODES, _MESSAGE, _TASK = range(4)
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
    digits = take_digits(texts, regions)
    first = pl.Series(digits.firsts)
    layouts = plan_layouts(texts.gather(first), regions.gather(first), book, habits)
    rows = read_rows(text_column(texts), digits, layouts, moments=moments)
    task = rows.cells[:, _TASK]
    frame = _frame(texts, rows, layouts)
    left = pl.Series(np.flatnonzero(task == LEFT).astype(np.uint32))
    return replaced(frame, left, read(distinct[left])) if len(left) else frame


def _frame(texts: pl.Series, rows: Rows, layouts: Layouts) -> pl.DataFrame:
    """Return the outcome columns, with what the loop told as numbers written out."""
    cells = rows.cells
    messages, lists = _messages(layouts.messages), pl.Series([[]], dtype=pl.List(pl.String))
    told, others = cells[:, _MESSAGE].astype(np.uint32), np.zeros(len(cells), np.uint32)
    for rows_, its_messages, its_lists in _tasks(texts, rows, layouts):
        if its_messages is not None:
            told[rows_] = np.arange(len(messages), len(messages) + len(rows_))
            messages = pl.concat([messages, its_messages])
        if its_lists is not None:
            others[rows_] = np.arange(len(lists), len(lists) + len(rows_))
            lists = pl.concat([lists, its_lists])
    return pl.DataFrame(
        {
            "value": text_series("value", rows.written[: rows.ends[-1]], rows.ends),
            "status": _picked(pl.Series(STATUSES), cells[:, _STATUS]),
            "codes": _picked(code_lists(layouts.refusals), cells[:, _CODES]),
            "message": _picked(messages, told),
            "confidence": rows.confidence,
            "alternatives": _picked(lists, others),
        }
    )


def _picked(table: pl.Series, places: NDArray[np.integer]) -> pl.Series:
    """Return the cells of a table at some places."""
    return table.rechunk().gather(pl.Series(places.astype(np.uint32)))


_Task = tuple[NDArray[np.intp], pl.Series | None, pl.Series | None]


def _tasks(texts: pl.Series, rows: Rows, layouts: Layouts) -> list[_Task]:
    """Return rows, messages and lists of alternatives of what few rows have."""
    cells, found, task = rows.cells, rows.found, rows.cells[:, _TASK]
    refused, doubted, otherwise = (
        np.flatnonzero(task == number) for number in (REFUSED_ROW, DOUBTED, OTHERWISE)
    )
    both_days = np.sort(found[doubted][:, [_DAY, _OTHER]], axis=1)
    low, high = _days(both_days[:, 0]), _days(both_days[:, 1])
    evidence = pl.Series([f"; {text}" if text else "" for text in layouts.messages])
    proof = _picked(evidence, cells[doubted, _MESSAGE])
    both = pl.DataFrame({"low": low, "high": high, "proof": proof}).select(
        message=pl.format("may be {} or {}{}", "low", "high", "proof"),
        days=pl.concat_list("low", "high"),
    )
    reasons = pl.Series([f"' {why}" for _, why in layouts.refusals], dtype=pl.String)
    short = _shortened(texts.gather(pl.Series(refused)))
    why = pl.DataFrame({"short": short, "why": _picked(reasons, rows.refusals)}).select(
        message=pl.format("'{}{}", "short", "why")
    )
    other = pl.DataFrame({"day": _days(found[otherwise, _THAI])}).select(pl.concat_list("day"))
    return [
        (refused, why["message"], None),
        (doubted, both["message"], both["days"]),
        (otherwise, None, other["day"]),
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
