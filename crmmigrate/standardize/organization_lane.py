"""Most names of organizations, without a scalar reading of each.

Each shape of names is read once by the scalar reading, with made-up words; what it made of them is
then done to all names of the shape by compiled loops. So both lanes agree. Names whose shape says
that there is more to tell (an address of mail, a name that somebody trades under) are left to the
scalar reading.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import TextColumn, text_column
from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.organization_shapes import Shapes, shapes_of
from crmmigrate.standardize.organization_templates import Slice, Weave, read_shape
from crmmigrate.standardize.organization_writing import RULES, SHARED, write_names
from crmmigrate.values.casing import is_one_case
from crmmigrate.values.legal_forms import FormBook, form_book
from crmmigrate.values.organization_parse import NameParse
from crmmigrate.values.organizations import (
    CASED_CONFIDENCE,
    SHARED_CONFIDENCE,
    SHARED_FORM,
    cased_parse,
)

__all__ = ["RULES", "read_plain_organizations"]

_STATUS = pl.Series(["unchanged", "normalised"])


def read_plain_organizations(
    texts: pl.Series, regions: pl.Series, book: RegionBook
) -> pl.DataFrame:
    """Read the plain names of a column.

    Args:
        texts: Names; null for those that are not to be read.
        regions: The region of each, or null.
        book: Rules of regions; their legal forms come before the official list.

    Returns:
        A row for each text: `value`, `base_name`, `legal_form`, `legal_form_code`, `status`, `rule`
        (place in RULES), `message`, `confidence`, and `done`, without which the others mean nothing.
    """
    known = pl.Series(regions.unique(maintain_order=True).to_list(), dtype=pl.String)
    codes = pl.int_range(len(known), dtype=pl.Int64, eager=True)
    numbered = regions.replace_strict(known, codes, return_dtype=pl.Int64) if len(known) else codes
    zones = numbered.to_numpy().astype(np.int64)
    books = [form_book(region, book.get(region).legal_forms) for region in known]
    column = text_column(texts)
    shapes = shapes_of(column, zones, books)
    readings = [
        read_shape(pieces, books[zone])
        for zone, pieces in zip(shapes.zones.tolist(), shapes.pieces, strict=True)
    ]
    rows = _rows(column, zones, shapes, readings, books)
    return _with_woven(rows, texts, shapes, readings, books)


def _rows(
    column: TextColumn,
    zones: NDArray[np.int64],
    shapes: Shapes,
    readings: Sequence[Slice | Weave | None],
    books: Sequence[FormBook],
) -> pl.DataFrame:
    """Read names whose form stands before or behind them."""
    slices = [reading if isinstance(reading, Slice) else None for reading in readings]
    written = write_names(column, zones, shapes, slices, books)
    forms = _forms([*(one.parse if one else _NOTHING for one in slices), _NOTHING])
    places = pl.Series(np.where(shapes.shape < 0, len(slices), shapes.shape).astype(np.uint32))
    shared = np.array([*(one is not None and one.parse.shared for one in slices), False])
    shift = pl.Series(np.where(shared[shapes.shape], np.uint32(SHARED), np.uint32(0)))
    rule = (written.rule + shift).clip(0, len(RULES) - 1)
    return pl.DataFrame(
        {
            "value": written.value,
            "base_name": written.base,
            "legal_form": forms["legal_form"].gather(places),
            "legal_form_code": forms["legal_form_code"].gather(places),
            "status": _STATUS.gather(written.changed.cast(pl.UInt32)),
            "rule": rule,
            "message": _MESSAGES.gather(rule),
            "confidence": _CONFIDENCE.gather(rule),
            "done": written.done,
        }
    )


_NOTHING = NameParse("")
_SHARED = [number >= SHARED for number in range(len(RULES))]
_CONFIDENCE = pl.Series(
    [
        min(CASED_CONFIDENCE if "STD254" in codes else 1.0, SHARED_CONFIDENCE if shared else 1.0)
        for codes, shared in zip(RULES, _SHARED, strict=True)
    ]
)
_MESSAGES = pl.Series([SHARED_FORM if shared else None for shared in _SHARED], dtype=pl.String)


def _forms(parses: Sequence[NameParse]) -> pl.DataFrame:
    """Return the forms of readings as columns."""
    forms = {
        "legal_form": [parse.legal_form or None for parse in parses],
        "legal_form_code": [parse.code or None for parse in parses],
    }
    return pl.DataFrame(forms, schema=dict.fromkeys(forms, pl.String))


def _with_woven(
    rows: pl.DataFrame,
    texts: pl.Series,
    shapes: Shapes,
    readings: Sequence[Slice | Weave | None],
    books: Sequence[FormBook],
) -> pl.DataFrame:
    """Read names with a form in the middle, one by one as their shape says."""
    woven = np.array([isinstance(reading, Weave) for reading in readings] or [False])
    at = np.flatnonzero(woven[shapes.shape] & (shapes.shape >= 0))
    messages, confidences = _MESSAGES.to_list(), _CONFIDENCE.to_list()
    done, found = list[int](), list[tuple[object, ...]]()
    for row, number, text in zip(at.tolist(), shapes.shape[at].tolist(), texts[at], strict=True):
        reading, cell = readings[number], text.strip(" ,;")
        parse = reading.apply(cell) if isinstance(reading, Weave) else None
        if parse is None:
            continue
        loud = is_one_case(cell) or is_one_case(parse.value)
        told = cased_parse(parse, books[shapes.zones[number]]) if loud else parse
        forms = (told.legal_form or None, told.code or None)
        status = "unchanged" if told.value == text else "normalised"
        rule = _rule(told, text, cell, cased=told.base != parse.base)
        said = (rule, messages[rule], confidences[rule])
        found.append((told.value, told.base, *forms, status, *said, True))
        done.append(row)
    if not done:
        return rows
    table = pl.DataFrame(found, schema=rows.schema, orient="row")
    places = pl.Series(done, dtype=pl.UInt32)
    return rows.with_columns(rows[name].scatter(places, table[name]) for name in rows.columns)


def _rule(parse: NameParse, text: str, cell: str, *, cased: bool) -> int:
    """Return the place in RULES of a name."""
    shared = SHARED if parse.shared else 0
    if cased:
        return shared + (4 if parse.legal_form else 3)
    if parse.value != cell:
        return shared + 1
    return shared + (2 if cell != text else 0)
