"""Standardize whole records: every field of a canonical frame."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.canonical import Field, ObjectType
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import SemanticType, part_column
from crmmigrate.standardize.fields import FieldInput, standardize_field
from crmmigrate.standardize.further import place_further

__all__ = ["standardize_records"]

_NO_OPTIONS: Mapping[str, object] = {}


def standardize_records(
    frame: pl.DataFrame,
    object_type: ObjectType,
    book: RegionBook,
    contexts: Mapping[str, Mapping[str, object]] | None = None,
) -> pl.DataFrame:
    """Standardize every field of the frame; a row kernel, closed under concatenation.

    Args:
        frame: A canonical frame: `_region`, `_findings` and one column per canonical column.
        object_type: The object whose records these are.
        book: Rules of all regions.
        contexts: Field → what is known about its whole column, e.g. the order of dates.
    """
    for field in object_type.fields.values():
        if not _present(frame, field):
            continue
        known = (contexts or {}).get(field.name, _NO_OPTIONS)
        options = {**({"choices": field.choices} if field.choices else {}), **known}
        further = field.type in {SemanticType.PHONE, SemanticType.EMAIL}
        given = FieldInput(field.name, field.type, options=options, keep_further=further)
        frame = standardize_field(frame, given, book)
    frame, filled = place_further(frame, object_type)
    for name in filled:
        frame = standardize_field(frame, FieldInput(name, object_type.fields[name].type), book)
    return frame


def _present(frame: pl.DataFrame, field: Field) -> bool:
    columns = (field.name, *(part_column(field.name, part) for part in field.parts))
    return any(column in frame.columns for column in columns)
