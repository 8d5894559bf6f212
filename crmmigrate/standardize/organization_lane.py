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
from crmmigrate.standardize.organization_shapes import FLAGS, Shapes, shapes_of
from crmmigrate.standardize.organization_templates import Slice, read_shape
from crmmigrate.standardize.organization_writing import BESIDE, RULES, SHARED, write_names
from crmmigrate.values.legal_forms import FormBook, form_book
from crmmigrate.values.organization_parse import NameParse
from crmmigrate.values.organizations import (
    BESIDE_CONFIDENCE,
    BESIDE_NAME,
    CASED_CONFIDENCE,
    SHARED_CONFIDENCE,
    SHARED_FORM,
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
    return _rows(column, zones, shapes, readings, books)


def _rows(
    column: TextColumn,
    zones: NDArray[np.int64],
    shapes: Shapes,
    readings: Sequence[Slice | None],
    books: Sequence[FormBook],
) -> pl.DataFrame:
    """Write names as the readings of their shapes say."""
    written = write_names(column, zones, shapes, readings, books)
    forms = _forms([*(one.parse if one else _NOTHING for one in readings), _NOTHING])
    places = pl.Series(np.where(shapes.shape < 0, len(readings), shapes.shape).astype(np.uint32))
    shared = np.array([*(one is not None and one.parse.shared for one in readings), False])
    shift = np.where(shared[shapes.shape], np.uint32(SHARED), np.uint32(0))
    shift[(shapes.flags & FLAGS["mail"]) != 0] = BESIDE
    rule = (written.rule + pl.Series(shift)).clip(0, len(RULES) - 1)
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
_SURE = {
    "STD254": CASED_CONFIDENCE,
    "STD257": BESIDE_CONFIDENCE,
    "STD262": SHARED_CONFIDENCE,
}
_CONFIDENCE = pl.Series(
    [min((_SURE.get(code, 1.0) for code in codes), default=1.0) for codes in RULES]
)
_SAID = {"STD257": BESIDE_NAME, "STD262": SHARED_FORM}
_MESSAGES = pl.Series([_SAID.get(codes[-1]) if codes else None for codes in RULES], dtype=pl.String)


def _forms(parses: Sequence[NameParse]) -> pl.DataFrame:
    """Return the forms of readings as columns."""
    forms = {
        "legal_form": [parse.legal_form or None for parse in parses],
        "legal_form_code": [parse.code or None for parse in parses],
    }
    return pl.DataFrame(forms, schema=dict.fromkeys(forms, pl.String))
