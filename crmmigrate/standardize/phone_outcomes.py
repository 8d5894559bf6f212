"""Outcomes of phone cells that a loop has read, as columns of the kernel contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.outcomes import outcome_schema
from crmmigrate.standardize.phone_arrays import Ints, plan_array
from crmmigrate.standardize.phone_cores import AROUND, find_cores
from crmmigrate.standardize.phone_desk import new_desk
from crmmigrate.standardize.phone_readings import (
    FLOATED,
    MOST_DIGITS,
    NOTED,
    OTHER_VERDICT,
    OUTCOME,
    VERDICT,
    read_one,
    read_several,
)
from crmmigrate.standardize.phone_sheets import (
    Sheet,
    write_asides,
    write_extensions,
    write_numbers,
)
from crmmigrate.standardize.phone_spelling import (
    AMBIGUOUS,
    FOREIGN,
    HOMELESS,
    LOST,
    READ,
    SAME,
    WRONG,
    ZERO,
)
from crmmigrate.standardize.phone_splits import HALF, NONE, REST, SPLIT, TWICE
from crmmigrate.standardize.phone_surroundings import read_surroundings
from crmmigrate.standardize.phone_tables import plan_tables
from crmmigrate.values.phone_cells import PhoneWords

__all__ = ["Outcomes", "read_column"]

Table = tuple[pl.Series, Ints | None]
"""Cells, and each row's place among them; None if each row has its own."""

_PARTS = PARTS[SemanticType.PHONE]
_TOLD: Mapping[int, tuple[str, Sequence[str], float]] = {
    SAME: ("unchanged", (), 1.0),
    READ: ("normalised", ("STD101",), 1.0),
    AMBIGUOUS: ("ambiguous", ("STD110",), 0.5),
    ZERO: ("normalised", ("STD106",), 1.0),
    FOREIGN: ("repaired", ("STD107",), 0.9),
    LOST: ("invalid", ("STD113",), 0.5),
    WRONG: ("invalid", ("STD109",), 1.0),
    HOMELESS: ("left_alone", ("STD108",), 0.0),
    SPLIT: ("split", ("STD102",), 1.0),
    TWICE: ("normalised", ("STD101",), 1.0),
    HALF: ("repaired", ("STD101", "STD114"), 0.7),
    REST: ("repaired", ("STD101", "STD114"), 0.7),
    NONE: ("invalid", ("STD109",), 1.0),
}
_REASONS = {"too_short": 1, "too_long": 2}
_MESSAGES = (
    None,
    "too short",
    "too long",
    "no such number is given out",
    "without a region a national number has no country",
    "cannot be read as a phone number",
)
_NO_SUCH, _NO_REGION, _UNREADABLE = 3, 4, 5
_COMPOSED = (AMBIGUOUS, LOST, HALF, REST)
"""Their messages name another number, or the piece that was not read."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of a column, as places in tables, so that every cell is fetched once.

    Attributes:
        tables: Outcome column → its cells, and each row's place among them.
        done: Which rows these mean something for.
    """

    tables: Mapping[str, Table]
    done: NDArray[np.bool_]

    def filled(self, left: pl.DataFrame) -> pl.DataFrame:
        """Return the outcome columns; `left` has those of the rows not done, in their order."""
        rows = np.flatnonzero(~self.done)
        places: dict[tuple[int, int], pl.Series] = {}
        columns = [self._fetched(name, rows, left[name], places) for name in outcome_schema(_PARTS)]
        return pl.DataFrame(columns)

    def _fetched(
        self,
        name: str,
        rows: NDArray[np.intp],
        left: pl.Series,
        places: dict[tuple[int, int], pl.Series],
    ) -> pl.Series:
        table, where = self.tables[name]
        if where is None:
            return table.scatter(rows, left).alias(name)
        key = (id(where), len(table))  # tables of the same places and length share them
        if key not in places:
            own = where.astype(np.uint32)
            own[rows] = np.arange(len(table), len(table) + len(rows))
            places[key] = pl.Series(own)
        every = pl.concat([table, left.alias(table.name)], rechunk=True)
        return every.gather(places[key]).alias(name)


def read_column(rows: pl.DataFrame, words: Mapping[str | None, PhoneWords]) -> Outcomes:
    """Read the cells that hold one number, or two that are clearly parted.

    Args:
        rows: `text`, `_region`, `extension` and `note`.
        words: Words of each region.

    Returns:
        What came of them, only of those that loops can read.
    """
    column = text_column(rows["text"])
    kinds, numbers, regions = _numbered(rows["_region"], words)
    cores = find_cores(column, numbers, regions)
    around = read_surroundings(rows["text"], column, cores, numbers, kinds)
    facts = np.zeros((rows.height, 8), np.int64)
    digits = np.zeros((rows.height, MOST_DIGITS), np.uint8)
    plan, desk = plan_array(), new_desk()
    read_one(plan, desk, column.data, cores.spans, around.around, facts, digits)
    read_several(plan, desk, column.data, cores.spans, around.between, facts, digits)
    noted = np.where(facts[:, OUTCOME] >= NOTED, cores.spans[:, AROUND], 0)
    said = _Said(rows, facts, *_asides(facts, digits, column.data), around.notes, noted)
    return _placed(said, _numbers(rows, facts, digits), _extensions(facts, digits))


@dataclass(frozen=True, slots=True)
class _Said:
    """What was read: facts of each row, texts beside (row 0 is null) and which one belongs to a row."""

    rows: pl.DataFrame
    facts: Ints
    asides: pl.Series
    aside_of: Ints
    notes: pl.Series
    note_of: Ints


def _numbered(
    regions: pl.Series, words: Mapping[str | None, PhoneWords]
) -> tuple[list[PhoneWords], Ints, Ints]:
    """Return the distinct words, the number of each row's words, and its region's row in the plans."""
    kinds = {known: number for number, known in enumerate(dict.fromkeys(words.values()))}
    codes = [code for code in words if code is not None]
    known = pl.Series([*codes, None], dtype=pl.String)
    number = [kinds[words[code]] if code in words else 0 for code in known]
    row = plan_tables().row_of(known).fill_null(-1).cast(pl.Int64).to_list()
    at = regions.cast(pl.Enum(codes)).to_physical().fill_null(len(codes)).to_numpy()
    return list(kinds), np.array(number, np.int64)[at], np.array(row, np.int64)[at]


def _given_extensions(column: pl.Series) -> tuple[Bytes, Offsets]:
    """Return a column as bytes, without offsets if it is empty."""
    if column.null_count() == len(column):
        return np.zeros(0, np.uint8), np.zeros(0, np.int64)
    given = text_column(column)
    return given.data.copy(), given.offsets.copy()


def _placed(said: _Said, numbers: dict[str, pl.Series], extensions: Table) -> Outcomes:
    """Put tables of what may be said beside each row's places in them."""
    rows = said.rows
    outcomes, verdicts = (said.facts[:, at].astype(np.uint32) for at in (OUTCOME, VERDICT))
    lists = np.where(said.facts[:, OTHER_VERDICT] > 0, said.aside_of, 0)
    tables: dict[str, Table] = {
        **{name: (column, None) for name, column in numbers.items()},
        **{name: (column, outcomes) for name, column in _outcome_tables().items()},
        **{name: (column, verdicts) for name, column in _verdict_tables().items()},
        "message": _messages(said),
        "alternatives": (_lists(said.asides), lists),
        "extension": extensions,
        "note": (said.notes, said.note_of),
    }
    for name in ("extension", "note"):
        given = rows[name]
        if given.null_count() < rows.height:
            column, places = tables[name]
            cut = column if places is None else column.gather(places)
            tables[name] = (cut.zip_with(cut.is_not_null(), given), None)
    return Outcomes(tables, outcomes > 0)


def _numbers(rows: pl.DataFrame, facts: Ints, digits: Bytes) -> dict[str, pl.Series]:
    """Return the columns that differ from row to row."""
    verdicts = facts[:, VERDICT]
    sheets = write_numbers(plan_array(), facts, digits, _given_extensions(rows["extension"]))
    names = ("e164", "national", "international")
    columns = {name: sheet.texts(verdicts == 0) for name, sheet in zip(names, sheets, strict=True)}
    valid = pl.Series(plan_tables().verdicts["valid"].to_numpy()[verdicts])
    return columns | {"value": columns["e164"].zip_with(valid, rows["text"])}


def _asides(facts: Ints, digits: Bytes, data: Bytes) -> tuple[pl.Series, Ints]:
    return _beside(len(facts), *write_asides(plan_array(), facts, digits, data))


def _extensions(facts: Ints, digits: Bytes) -> Table:
    return _beside(len(facts), *write_extensions(facts, digits))


def _beside(height: int, sheet: Sheet, rows: Ints) -> tuple[pl.Series, Ints]:
    """Return texts that few rows have behind a null, and the place of each row's text."""
    places = np.zeros(height, np.int64)
    places[rows] = np.arange(1, len(rows) + 1)
    nothing = pl.Series("texts", [None], dtype=pl.String)
    return pl.concat([nothing, sheet.texts()], rechunk=True), places


def _lists(texts: pl.Series) -> pl.Series:
    """Return a list of each text, an empty one for null."""
    nothing = pl.lit([], dtype=pl.List(pl.String))
    text = pl.col("texts")
    lists = pl.when(text.is_null()).then(nothing).otherwise(pl.concat_list(text))
    return texts.to_frame("texts").select(lists).to_series()


@cache
def _outcome_tables() -> dict[str, pl.Series]:
    """Return status, codes and confidence of each outcome."""
    told = [_told(outcome) for outcome in range(2 * NOTED)]
    status, codes, confidence = zip(*told, strict=True)
    return {
        "status": pl.Series(status, dtype=pl.String),
        "codes": pl.Series([list(row) for row in codes], dtype=pl.List(pl.String)),
        "confidence": pl.Series(confidence, dtype=pl.Float64),
    }


def _told(outcome: int) -> tuple[str | None, Sequence[str], float]:
    kind = outcome % FLOATED
    status, codes, confidence = _TOLD.get(kind, (None, (), 0.0))
    if outcome < FLOATED or status is None:
        return status, codes, confidence
    rest = [code for code in codes if code != "STD101"]
    if outcome < NOTED:
        changed = status if kind == AMBIGUOUS else "repaired"
        return changed, ["STD104", *rest], confidence
    return "repaired" if kind == SAME else status, [*rest, "STD103"], confidence


@cache
def _verdict_tables() -> dict[str, pl.Series]:
    """Return what is said of each verdict; the first stands for no number."""
    verdicts = plan_tables().verdicts
    number = pl.int_range(pl.len()) > 0
    told = verdicts.select(
        type=pl.when(number).then("type"),
        region=pl.when(number).then("region"),
        valid="is_valid",
        possible="is_possible",
    )
    return {name: told[name] for name in told.columns}


@cache
def _reasons() -> NDArray[np.int64]:
    reasons = plan_tables().verdicts["reason"]
    return np.array([_REASONS.get(reason, _NO_SUCH) for reason in reasons], np.int64)


def _messages(said: _Said) -> Table:
    """Return the messages, and each row's place among them."""
    kinds = said.facts[:, OUTCOME] % FLOATED
    place = np.where(said.note_of > 0, said.note_of + len(_MESSAGES), 0)
    wrong = kinds == WRONG
    place[wrong] = _reasons()[said.facts[wrong, VERDICT]]
    place[kinds == HOMELESS] = _NO_REGION
    place[kinds == NONE] = _UNREADABLE
    note = pl.concat_str(pl.lit("note: "), "note")
    notes = said.notes.to_frame("note").select(note).to_series()
    composed = np.flatnonzero(np.isin(kinds, _COMPOSED))
    place[composed] = np.arange(len(composed)) + len(_MESSAGES) + len(notes)
    frame = pl.DataFrame(
        {
            "kind": kinds[composed],
            "aside": said.asides.gather(said.aside_of[composed]),
            "note": notes.gather(said.note_of[composed]),
            "region": said.rows["_region"].gather(composed),
        }
    )
    fixed = pl.Series(_MESSAGES, dtype=pl.String)
    return pl.concat([fixed, notes, frame.select(_composed()).to_series()], rechunk=True), place


def _composed() -> pl.Expr:
    """Write the messages that name another number, or the piece that was not read."""
    kind, aside = pl.col("kind"), pl.col("aside")
    note = pl.concat_str(pl.lit("; "), "note").fill_null("")
    lost = pl.concat_str(
        pl.lit("no number of "), "region", pl.lit("; with a plus sign it is "), aside
    )
    return (
        pl.when(kind == AMBIGUOUS)
        .then(pl.concat_str(pl.lit("may also be "), aside, note))
        .when(kind == LOST)
        .then(lost)
        .otherwise(pl.concat_str(pl.lit("left unread: "), aside))
    )
