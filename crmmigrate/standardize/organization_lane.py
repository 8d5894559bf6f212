"""Most names of organizations, without a scalar reading of each.

Each shape of names is read once by the scalar reading, with made-up words; what it made of them is
then done to all names of the shape by compiled loops. So both lanes agree. Names whose shape says
that there is more to tell (an address of mail, a name that somebody trades under) are left to the
scalar reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import TextColumn, text_column
from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.distinct import number_texts
from crmmigrate.standardize.organization_shapes import FLAGS, Shapes, shapes_of
from crmmigrate.standardize.organization_templates import Slice, read_shape
from crmmigrate.standardize.organization_writing import BESIDE, RULES, SHARED, write_names
from crmmigrate.standardize.outcomes import outcome_schema
from crmmigrate.values.legal_forms import FormBook, form_book
from crmmigrate.values.organization_parse import NameParse
from crmmigrate.values.organizations import (
    BESIDE_CONFIDENCE,
    BESIDE_NAME,
    CASED_CONFIDENCE,
    SHARED_CONFIDENCE,
    SHARED_FORM,
)

__all__ = ["RULES", "PlainNames", "read_plain_organizations"]


@dataclass(frozen=True, slots=True)
class PlainNames:
    """What was read of each name; what many share is told by its place in a table.

    Attributes:
        value: The whole name.
        base_name: The name without its form.
        form: Row of its form in `forms`, UInt32.
        forms: `legal_form` and `legal_form_code`.
        rule: Row of what is told of it in `rules`, which is its place in RULES, UInt32.
        rules: `status`, `codes`, `message`, `confidence` and `alternatives`.
        done: Which rows these mean something for.
    """

    value: pl.Series
    base_name: pl.Series
    form: pl.Series
    forms: pl.DataFrame
    rule: pl.Series
    rules: pl.DataFrame
    done: pl.Series

    def completed(self, others: pl.DataFrame) -> pl.DataFrame:
        """Return all rows as a kernel does.

        Args:
            others: The rows that are not done, in their order.
        """
        rows = (~self.done).arg_true()
        names = [
            cells.scatter(rows, others[name]).alias(name)
            for name, cells in (("value", self.value), ("base_name", self.base_name))
        ]
        told = [
            cells
            for places, table in ((self.form, self.forms), (self.rule, self.rules))
            for cells in _gathered(places, table, rows, others)
        ]
        return pl.DataFrame([*names, *told]).select(others.columns)


def _gathered(
    places: pl.Series, table: pl.DataFrame, rows: pl.Series, others: pl.DataFrame
) -> list[pl.Series]:
    """Return rows of a table, and other rows in the place of some."""
    count = table.height
    behind = pl.int_range(count, count + len(rows), dtype=pl.UInt32, eager=True)
    places = places.clone().scatter(rows, behind)
    return [
        pl.concat([table[name], others[name]], rechunk=True).gather(places)
        for name in table.columns
    ]


def read_plain_organizations(texts: pl.Series, regions: pl.Series, book: RegionBook) -> PlainNames:
    """Read the plain names of a column.

    Args:
        texts: Names; null for those that are not to be read.
        regions: The region of each, or null.
        book: Rules of regions; their legal forms come before the official list.
    """
    known, numbered = number_texts(regions)
    zones = numbered.to_numpy().astype(np.int64)
    books = [form_book(region, book.get(region).legal_forms) for region in known]
    column = text_column(texts)
    shapes = shapes_of(column, zones, books)
    readings = [
        read_shape(pieces, books[zone])
        for zone, pieces in zip(shapes.zones.tolist(), shapes.pieces, strict=True)
    ]
    return _rows(column, zones, shapes, readings, books)


def _rows(
    column: TextColumn,
    zones: NDArray[np.int64],
    shapes: Shapes,
    readings: Sequence[Slice | None],
    books: Sequence[FormBook],
) -> PlainNames:
    """Write names as the readings of their shapes say."""
    written = write_names(column, zones, shapes, readings, books)
    forms = _forms([*(one.parse if one else _NOTHING for one in readings), _NOTHING])
    places = pl.Series(np.where(shapes.shape < 0, len(readings), shapes.shape).astype(np.uint32))
    shared = np.array([*(one is not None and one.parse.shared for one in readings), False])
    shift = np.where(shared[shapes.shape], np.uint32(SHARED), np.uint32(0))
    shift[(shapes.flags & FLAGS["mail"]) != 0] = BESIDE
    rule = (written.rule + pl.Series(shift)).clip(0, len(RULES) - 1)
    return PlainNames(
        written.value, written.base, places, forms, rule, _told_by_rules(), written.done
    )


@cache
def _told_by_rules() -> pl.DataFrame:
    """Return what is told of a name by each of RULES."""
    told = {
        # The first rule of each kind is for names that stay as they are.
        "status": ["normalised" if at % SHARED else "unchanged" for at in range(len(RULES))],
        "codes": [list(codes) for codes in RULES],
        "message": [_SAID.get(codes[-1]) if codes else None for codes in RULES],
        "confidence": [min((_SURE.get(c, 1.0) for c in codes), default=1.0) for codes in RULES],
        "alternatives": [list[str]() for _ in RULES],
    }
    schema = outcome_schema()
    return pl.DataFrame(told, schema={name: schema[name] for name in told})


_NOTHING = NameParse("")
_SURE = {
    "STD254": CASED_CONFIDENCE,
    "STD257": BESIDE_CONFIDENCE,
    "STD262": SHARED_CONFIDENCE,
}
_SAID = {"STD257": BESIDE_NAME, "STD262": SHARED_FORM}


def _forms(parses: Sequence[NameParse]) -> pl.DataFrame:
    """Return the forms of readings as columns."""
    forms = {
        "legal_form": [parse.legal_form or None for parse in parses],
        "legal_form_code": [parse.code or None for parse in parses],
    }
    return pl.DataFrame(forms, schema=dict.fromkeys(forms, pl.String))
