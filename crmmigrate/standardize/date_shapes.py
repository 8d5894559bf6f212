"""The shapes of a column of dates, each planned once, and the digits of every row.

Works on the bytes of the column: a translation of the whole buffer gives the shapes of all rows at
once, and digits are fetched by their distance from where a row's text begins.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl
import pyarrow as pa

from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.values.date_plans import Choice, Plan, Structure, digit_runs, plan_date
from crmmigrate.values.placeholders import is_placeholder
from crmmigrate.values.times import Slot, TimePlan

__all__ = ["Digits", "Shapes", "plan_shape", "plan_shapes"]

_ZEROED = bytes.maketrans(b"123456789", b"000000000")
_DOUBTFUL = Plan(Structure("scalar"))
_NOTHING = Plan(Structure("refused", refusal=("STD408", "stands for no date")))
_SHORT = 8
_RUNS = 8
"""Runs of digits whose places are kept; a date with its time and zone has at most eight."""

_NO_RUNS = [(0, 0)] * _RUNS
_Item = TypeVar("_Item", bound=Hashable)


class Digits:
    """The texts of a column as bytes, and where each row begins."""

    def __init__(self, texts: pl.Series) -> None:
        """Lay the texts one behind the other."""
        self._array = texts.rechunk().to_arrow().cast(pa.large_string())
        size, shift = len(self._array), self._array.offset
        _, offsets, data = self._array.buffers()
        self._data = data if data is not None else pa.py_buffer(b"")
        every = pa.Array.from_buffers(pa.int64(), size + 1 + shift, [None, offsets])
        self.begins = pl.Series("begin", pl.from_arrow(every)).slice(shift, size)
        plain = pa.Array.from_buffers(pa.uint8(), self._data.size, [None, self._data])
        self.bytes = pl.Series("bytes", pl.from_arrow(plain))

    def shapes(self) -> pl.Series:
        """Return the shape of each text."""
        valid, offsets, _ = self._array.buffers()
        zeroed = pa.py_buffer(self._data.to_pybytes().translate(_ZEROED))
        shapes = pa.LargeStringArray.from_buffers(
            len(self._array), offsets, zeroed, valid, self._array.null_count, self._array.offset
        )
        return pl.Series("shape", pl.from_arrow(shapes))


@dataclass(slots=True)
class Shapes:
    """What is planned for each distinct shape of a column, by its number.

    Attributes:
        structures: Distinct structures.
        times: Distinct plans of the time of day; the first is for none.
        table: A row a shape: `structure`, `time`, `month` and where its runs of digits start,
            `run_0`, `run_1` … in bytes, and their lengths, `length_0` …
    """

    structures: list[Structure] = field(default_factory=list)
    times: list[TimePlan] = field(default_factory=list)
    table: pl.DataFrame = field(default_factory=pl.DataFrame)

    def number(self, slot: Slot, digits: Digits) -> pl.Expr:
        """Return the number in a slot, for rows with `begin` and `shape`.

        A slot at the start of its run may be longer than the run.
        """
        first = pl.col("begin") + pl.lit(self.table[f"run_{slot.run}"]).gather("shape") + slot.start
        data = pl.lit(digits.bytes)
        lengths = self.table[f"length_{slot.run}"]
        total = data.gather(first).cast(pl.Int32) - 48
        for place in range(1, slot.length):
            digit = data.gather(first + place, null_on_oob=True).cast(pl.Int32) - 48
            longer = total * 10 + digit
            has = pl.lit(lengths > slot.start + place).gather("shape")
            total = pl.when(has).then(longer).otherwise(total)
        return total


def plan_shapes(
    shapes: pl.Series, regions: pl.Series, book: RegionBook, choice: Choice
) -> tuple[pl.Series, Shapes]:
    """Plan every distinct shape and region once; return the number of each row's shape."""
    rows = pl.DataFrame({"text": shapes, "region": regions})
    distinct = rows.unique().with_row_index("shape")
    numbers = rows.join(
        distinct, on=["text", "region"], how="left", nulls_equal=True, maintain_order="left"
    )["shape"]
    return numbers, _planned(distinct, book, choice)


def _planned(distinct: pl.DataFrame, book: RegionBook, choice: Choice) -> Shapes:
    structures: dict[Structure, int] = {}
    times: dict[TimePlan, int] = {TimePlan(): 0}
    seen: dict[int, int] = {}
    rules = {code: book.get(code) for code in distinct["region"].unique()}
    rows = []
    for text, region in distinct.select("text", "region").iter_rows():
        runs = digit_runs(text)
        plan = plan_shape(text, rules[region], choice) if len(runs) <= _RUNS else _DOUBTFUL
        number = seen.get(id(plan.structure))
        if number is None:
            number = seen[id(plan.structure)] = _number(structures, plan.structure)
        runs = (runs + _NO_RUNS)[:_RUNS]
        lengths = [end - start for start, end in runs]
        rows.append(
            (number, _number(times, plan.time), plan.month, *(run[0] for run in runs), *lengths)
        )
    places = (f"{kind}_{at}" for kind in ("run", "length") for at in range(_RUNS))
    names = ("structure", "time", "month", *places)
    table = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Int32), orient="row")
    return Shapes(list(structures), list(times), table)


def _number(known: dict[_Item, int], item: _Item) -> int:
    return known.setdefault(item, len(known))


def plan_shape(shape: str, rules: RegionRules, choice: Choice) -> Plan:
    """Plan a shape; of placeholders with digits, such as `0`, the scalar looks at each text."""
    if ("0" not in shape or len(shape) < _SHORT) and is_placeholder(shape):
        return _DOUBTFUL if "0" in shape else _NOTHING
    plan = plan_date(shape, rules, choice)
    if plan.structure.kind == "dated" and _is_wide(plan.structure):
        return _DOUBTFUL
    return plan


def _is_wide(structure: Structure) -> bool:
    """Tell whether more digits stand for a year, month or day than such a number has."""
    candidates = [c for group in structure.groups for c in group.candidates]
    return any(
        c.year.length > 4 or c.day.length > 2 or (c.month is not None and c.month.length > 2)
        for c in candidates
    )
