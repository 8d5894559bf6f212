"""Standardize one field of a frame: distinct values, kernel, join back, and what is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from crmmigrate.model.changelog import CHANGE_FRAME, STATUSES
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.restraint import KEEP_ALL, Restraint
from crmmigrate.model.semantic import INPUT_PARTS, SemanticType, part_column
from crmmigrate.standardize.distinct import Distinct, find_distinct
from crmmigrate.standardize.kinds import KINDS
from crmmigrate.standardize.match_keys import MATCH_KEY, match_keys
from crmmigrate.standardize.noted import hold_back, note_outcomes

__all__ = [
    "FieldInput",
    "FieldReading",
    "RunKernel",
    "read_field",
    "run_here",
    "standardize_field",
    "standardize_values",
]

RunKernel = Callable[[SemanticType, pl.DataFrame, RegionBook, Mapping[str, object]], pl.DataFrame]
"""Runs the kernel of a type on distinct values: here, in other processes, or from memory."""


_SAMPLE = 200
_NUMBERS = {status: number for number, status in enumerate(STATUSES)}


@dataclass(frozen=True, slots=True)
class FieldInput:
    """One field of a frame.

    Attributes:
        name: Column of the whole value; parts stand in `<name>_<part>`.
        type: Semantic type.
        region_column: Column with the region of each row.
        options: Options of the kernel, e.g. the choices of a choice.
    """

    name: str
    type: SemanticType
    region_column: str = "_region"
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class FieldReading:
    """What the kernel says about a field, once for each distinct value.

    Attributes:
        field: Which field of which type it is.
        given: The distinct values, and which one each row has.
        outcome: The contract's columns, one row a distinct value.
        noted: What is told of the values that were changed or are in doubt (schema NOTED).
        place: Distinct value → row of `noted`; null where there is nothing to tell.
    """

    field: FieldInput
    given: Distinct
    outcome: pl.DataFrame
    noted: pl.DataFrame
    place: pl.Series

    def column(self, name: str) -> pl.Series:
        """Return one column of the outcome for every row; match keys are worked out when asked for."""
        keyed = name == MATCH_KEY
        cells = match_keys(self.field.type, self.outcome) if keyed else self.outcome[name]
        return cells.gather(self.given.at)

    def columns(self) -> list[pl.Series]:
        """Return value and parts under their names in the frame."""
        parts = KINDS[self.field.type].parts
        value = self.column("value").alias(self.field.name)
        return [value, *(self.column(p).alias(part_column(self.field.name, p)) for p in parts)]

    def statuses(self) -> dict[str, int]:
        """Count the rows by status; blank cells of which nothing is told are left out."""
        filled = self.outcome["value"].is_not_null() | self.place.is_not_null()
        number = pl.col("status").replace_strict(_NUMBERS, default=None, return_dtype=pl.UInt8)
        numbers = self.outcome.select(pl.when(filled).then(number)).to_series()
        counts = numbers.gather(self.given.at).drop_nulls().value_counts()
        return {STATUSES[place]: count for place, count in counts.iter_rows()}

    def not_understood(self) -> pl.Series:
        """Return a few distinct texts that are not of the field's kind."""
        wrong = self.outcome["status"].is_in(["invalid", "left_alone"])
        return self.given.rows.filter(wrong)["text"].drop_nulls().head(_SAMPLE)

    def changes(self, keys: pl.Series, origins: pl.Series, name: str = "") -> pl.DataFrame:
        """Return the change log of the field (CHANGE_FRAME).

        Args:
            keys: Key of each row.
            origins: Where the region of each row came from.
            name: What the field is called in the log; by default its own name.
        """
        row = self.place.gather(self.given.at)
        told = row.is_not_null().arg_true()
        if not told.len():
            return CHANGE_FRAME.to_frame()
        noted = self.noted[row.gather(told)]
        found = noted.with_columns(
            keys.gather(told).alias("_key"),
            pl.lit(name or self.field.name).alias("field"),
            origins.gather(told).alias("region_from"),
        )
        return found.select(CHANGE_FRAME.names())


def read_field(
    frame: pl.DataFrame,
    field: FieldInput,
    book: RegionBook,
    restraint: Restraint = KEEP_ALL,
    run: RunKernel | None = None,
) -> FieldReading:
    """Standardize a field; each distinct combination of value, parts and region once.

    The value column may be missing when the source has only parts of it.
    """
    given = find_distinct(_given(frame, field))
    outcome = (run or run_here)(field.type, given.rows, book, field.options)
    if restraint:
        outcome = hold_back(given.rows, outcome, restraint)
    noted, place = note_outcomes(given.rows, outcome)
    return FieldReading(field, given, outcome, noted, place)


def run_here(
    kind: SemanticType, distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Run the kernel of a type in this process."""
    return KINDS[kind].standardize(distinct, book, options)


def standardize_field(frame: pl.DataFrame, field: FieldInput, book: RegionBook) -> pl.DataFrame:
    """Write the field's value and parts in canonical spelling."""
    return frame.with_columns(read_field(frame, field, book).columns())


def standardize_values(frame: pl.DataFrame, field: FieldInput, book: RegionBook) -> pl.DataFrame:
    """Return what the kernel says about each row: the contract's columns."""
    reading = read_field(frame, field, book)
    return reading.outcome[reading.given.at]


def _given(frame: pl.DataFrame, field: FieldInput) -> pl.DataFrame:
    text = pl.col(field.name) if field.name in frame.columns else pl.lit(None)
    region = pl.col(field.region_column) if field.region_column in frame.columns else pl.lit(None)
    parts = [
        pl.col(part_column(field.name, part)).cast(pl.String).alias(part)
        for part in INPUT_PARTS.get(field.type, ())
        if part_column(field.name, part) in frame.columns
    ]
    kind = pl.Binary if field.type is SemanticType.BINARY else pl.String
    columns = [text.cast(kind).alias("text"), *parts, region.cast(pl.String).alias("_region")]
    return frame.select(columns)
