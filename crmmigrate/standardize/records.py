"""Standardize whole records: every field of a canonical frame."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.model.canonical import Field, ObjectType
from crmmigrate.model.changelog import RegionOrigin
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.restraint import KEEP_ALL, Restraint
from crmmigrate.model.semantic import INPUT_PARTS, SemanticType, part_column
from crmmigrate.standardize.fields import FieldInput, FieldReading, RunKernel, read_field
from crmmigrate.standardize.further import SPILLING, place_further

__all__ = ["RecordsReading", "standardize_records"]

_UNTOUCHED = frozenset({SemanticType.EXTERNAL_ID, SemanticType.REFERENCE, SemanticType.BINARY})
_NO_OPTIONS: Mapping[str, object] = {}
_INFERRED = "date_order"


@dataclass(frozen=True, slots=True)
class RecordsReading:
    """Standardized records and what became of their cells.

    Attributes:
        rows: The records, in order.
        changes: The change log (CHANGE_FRAME).
        statuses: Field → status → number of its cells.
        doubtful: Field → a few distinct values that were not understood.
    """

    rows: pl.DataFrame
    changes: pl.DataFrame
    statuses: Mapping[str, Mapping[str, int]]
    doubtful: Mapping[str, pl.Series] = field(default_factory=dict)


def standardize_records(
    frame: pl.DataFrame,
    object_type: ObjectType,
    book: RegionBook,
    contexts: Mapping[str, Mapping[str, object]] | None = None,
    restraint: Restraint = KEEP_ALL,
    run: RunKernel | None = None,
) -> RecordsReading:
    """Standardize every field of the frame; row by row, closed under concatenation.

    Args:
        frame: A canonical frame: `_key`, `_region`, perhaps `_region_raw`, and one column per
            canonical column.
        object_type: The object whose records these are.
        book: Rules of all regions.
        contexts: Field → what is known about its whole column, e.g. the order of dates.
        restraint: Which changes are not wanted.
        run: Runs kernels; by default in this process.
    """
    origins, changes = _origins(frame), list[pl.DataFrame]()
    statuses, doubtful = dict[str, Mapping[str, int]](), dict[str, pl.Series]()
    further: dict[str, pl.DataFrame] = {}
    for one in object_type.fields.values():
        if one.type in _UNTOUCHED or not _filled(frame, one):
            frame = _with_parts(frame, one)
            continue
        given = _input(one, (contexts or {}).get(one.name, _NO_OPTIONS))
        reading = read_field(frame, given, book, restraint, run)
        frame = frame.with_columns(reading.columns())
        by_column = _INFERRED in given.options
        changes.append(
            reading.changes(frame["_key"], _of_column(origins) if by_column else origins)
        )
        statuses[one.name] = reading.statuses()
        doubtful[one.name] = reading.not_understood()
        if one.type in SPILLING:
            further[one.name] = _further(reading)
    frame, moved = _with_further(frame, object_type, further, book)
    return RecordsReading(frame, pl.concat([*changes, moved]), statuses, doubtful)


def _with_further(
    frame: pl.DataFrame,
    object_type: ObjectType,
    further: Mapping[str, pl.DataFrame],
    book: RegionBook,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the records with further values in fields of their own, and the log of it."""
    placed = place_further(frame, object_type, further)
    frame = placed.rows
    for name, rows in placed.filled.items():
        frame = _read_again(frame, rows, FieldInput(name, object_type.fields[name].type), book)
    return frame, placed.changes


def _input(one: Field, known: Mapping[str, object]) -> FieldInput:
    options = {**({"choices": one.choices} if one.choices else {}), **known}
    return FieldInput(one.name, one.type, options=options)


def _columns(one: Field) -> tuple[str, ...]:
    return (one.name, *(part_column(one.name, part) for part in one.parts))


def _filled(frame: pl.DataFrame, one: Field) -> bool:
    """Tell whether there is anything in the field's columns at all."""
    given = (part_column(one.name, part) for part in INPUT_PARTS.get(one.type, ()))
    found = (frame[c] for c in {*_columns(one), *given} if c in frame.columns)
    return any(cells.null_count() < cells.len() for cells in found)


def _with_parts(frame: pl.DataFrame, one: Field) -> pl.DataFrame:
    """Add the part columns that are missing, if the field is there at all."""
    columns = _columns(one)
    if not any(column in frame.columns for column in columns):
        return frame
    missing = [column for column in columns if column not in frame.columns]
    return frame.with_columns(pl.lit(None, pl.String).alias(column) for column in missing)


def _origins(frame: pl.DataFrame) -> pl.Series:
    """Return where the region of each row came from."""
    if "_region" not in frame.columns:
        return pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    own = pl.col("_region_raw").is_not_null() if "_region_raw" in frame.columns else pl.lit(False)
    origin = pl.when(own).then(pl.lit(RegionOrigin.RECORD)).otherwise(pl.lit(RegionOrigin.FILE))
    return frame.select(pl.when(pl.col("_region").is_not_null()).then(origin)).to_series()


def _of_column(origins: pl.Series) -> pl.Series:
    return pl.repeat(RegionOrigin.COLUMN, origins.len(), dtype=pl.String, eager=True)


def _further(reading: FieldReading) -> pl.DataFrame:
    """Return the further values of cells that were split, not other readings of doubtful ones."""
    more = reading.outcome.select(
        pl.when((pl.col("status") == "split") & (pl.col("alternatives").list.len() > 0)).then(
            "alternatives"
        )
    ).to_series()
    if more.null_count() == more.len():
        return pl.DataFrame(schema={"_at": pl.UInt32, "more": pl.List(pl.String)})
    split = more.is_not_null().gather(reading.given.at)
    at = split.arg_true()
    return pl.DataFrame({"_at": at, "more": more.gather(reading.given.at.gather(at))})


def _read_again(
    frame: pl.DataFrame, rows: pl.Series, given: FieldInput, book: RegionBook
) -> pl.DataFrame:
    """Standardize the values that came from another field, so that their parts are right."""
    read = read_field(frame[rows], given, book).columns()
    return frame.with_columns(frame[one.name].clone().scatter(rows, one) for one in read)
