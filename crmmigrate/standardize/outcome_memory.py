"""Outcomes of values that came before: kernels are asked once for what repeats from block to block."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from crmmigrate.compiled import LEAST_ROWS
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.distinct import hash_rows
from crmmigrate.standardize.fields import RunKernel
from crmmigrate.standardize.lanes import in_order

if TYPE_CHECKING:
    from crmmigrate.compiled.shapes import HashNumbers

__all__ = ["OutcomeMemory"]

_WORTH_KEEPING = frozenset({SemanticType.POSTAL_ADDRESS})
"""Types whose kernels take many times as long as looking a value up."""

_MOST = 1_000_000
"""Outcomes of one type that are kept, some 250 bytes each; then all are forgotten."""


class OutcomeMemory:
    """Runs kernels, on values of a type only that did not come before.

    Values are told apart by a hash of 64 bits: two of a million share one with a chance of 1 in 10**7.
    """

    def __init__(self, run: RunKernel) -> None:
        self._run = run
        self._kept: dict[SemanticType, _Kept] = {}

    def run_kernel(
        self,
        kind: SemanticType,
        distinct: pl.DataFrame,
        book: RegionBook,
        options: Mapping[str, object],
    ) -> pl.DataFrame:
        """Return what the kernel of a type says of each value; `book` is the same in every call."""
        if kind not in _WORTH_KEEPING or options or distinct.height < LEAST_ROWS:
            return self._run(kind, distinct, book, options)
        kept = self._kept.get(kind)
        if kept is None or kept.columns != distinct.columns or kept.rows > _MOST:
            kept = self._kept[kind] = _Kept.of(distinct.columns)
        numbers = kept.numbers.number(hash_rows(distinct).to_numpy())
        new = np.flatnonzero(numbers >= kept.rows)
        if kept.numbers.known != kept.rows + len(new):  # two of these values share a hash
            del self._kept[kind]
            return self._run(kind, distinct, book, options)
        fresh = distinct if len(new) == distinct.height else distinct[new]
        outcome = self._run(kind, fresh, book, options)
        known = kept.pieces(numbers)
        kept.keep(outcome)
        return in_order([(_rows(new), outcome), *known]) if known else outcome


@dataclass(slots=True)
class _Kept:
    """Outcomes of one type.

    Attributes:
        columns: What a value was given in.
        numbers: Hash of a value → row in the outcomes behind each other.
        outcomes: Of each call, as tables of arrow: columns of polars take twice the memory.
        rows: How many there are of all calls.
    """

    columns: list[str]
    numbers: "HashNumbers"
    outcomes: list[pa.Table] = field(default_factory=list)
    rows: int = 0

    @classmethod
    def of(cls, columns: list[str]) -> "_Kept":
        """Return an empty one."""
        from crmmigrate.compiled.shapes import HashNumbers

        return cls(columns, HashNumbers())

    def keep(self, outcome: pl.DataFrame) -> None:
        self.outcomes.append(outcome.to_arrow(compat_level=pl.CompatLevel.oldest()))
        self.rows += outcome.height

    def pieces(self, numbers: NDArray[np.int64]) -> list[tuple[pl.Series, pl.DataFrame]]:
        """Return the places of values that came before, and their outcomes, by the calls of before."""
        found, begin = list[tuple[pl.Series, pl.DataFrame]](), 0
        for outcome in self.outcomes:
            end = begin + outcome.num_rows
            at = np.flatnonzero((numbers >= begin) & (numbers < end))
            if len(at):
                there = pl.DataFrame(outcome.take(numbers[at] - begin))
                found.append((_rows(at), there))
            begin = end
        return found


def _rows(places: NDArray[np.int64]) -> pl.Series:
    return pl.Series(places.astype(np.uint32))
