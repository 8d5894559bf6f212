"""Which source columns a mapping reads, and which nobody has decided about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from crmmigrate.config.expressions import expression_columns
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.model.canonical import RESERVED_COLUMNS
from crmmigrate.model.catalog import Dataset
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.mapping import (
    Expression,
    FieldMapping,
    FromColumn,
    Join,
    ObjectMapping,
    References,
    Split,
)

__all__ = [
    "Coverage",
    "check_columns",
    "columns_of",
    "coverage",
    "coverage_findings",
    "missing_columns",
]


@dataclass(frozen=True)
class Coverage:
    """What becomes of the columns of one dataset.

    Attributes:
        dataset: `source.dataset`.
        mapped: Column → fields it fills, as `object.field`; also keys and conditions.
        ignored: Column → why.
        unmapped: Columns nobody has decided about.
    """

    dataset: str
    mapped: dict[str, tuple[str, ...]]
    ignored: dict[str, str]
    unmapped: tuple[str, ...]


def columns_of(mapping: ObjectMapping) -> dict[str, list[str]]:
    """Return the columns a mapping reads, with the dotted keys that read each.

    Derived columns count as read only through the source columns they are made of.
    """
    used: dict[str, list[str]] = {}

    def note(key: str, columns: Iterable[str]) -> None:
        for column in columns:
            if column not in mapping.derive:
                used.setdefault(column, []).append(key)

    for field in mapping.fields:
        note(f"fields.{field.target}", _field_columns(field))
    for name, sql in mapping.derive.items():
        note(f"derive.{name}", expression_columns(sql))
    for rule in mapping.exclude:
        note(f"exclude.{rule.rule}", expression_columns(rule.when))
    if mapping.region.column is not None:
        note("region", [mapping.region.column])
    return used


def _field_columns(field: FieldMapping) -> tuple[str, ...]:
    """Return all columns a field reads, also in conditions of its lookups."""
    lookups = field.origin.lookups if isinstance(field.origin, References) else ()
    conditions = [one.when for one in lookups if one.when is not None]
    return (*_value_columns(field), *(c for sql in conditions for c in expression_columns(sql)))


def _value_columns(field: FieldMapping) -> tuple[str, ...]:
    """Return the columns whose content lands in the field."""
    origin = field.origin
    if isinstance(origin, FromColumn | Split):
        return (origin.column,)
    if isinstance(origin, Expression):
        return expression_columns(origin.sql)
    if isinstance(origin, Join):
        return origin.columns
    if isinstance(origin, References):
        return tuple(c for one in origin.lookups for c in one.columns)
    return ()


def missing_columns(mapping: ObjectMapping, columns: Sequence[str]) -> list[tuple[str, str]]:
    """Return (where, message) for every column that is read but is not there."""
    named = {column: keys[0] for column, keys in columns_of(mapping).items()}
    return _absent(mapping, named, columns)


def _absent(
    mapping: ObjectMapping, named: Mapping[str, str], columns: Sequence[str]
) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    known = [c for c in columns if c not in RESERVED_COLUMNS]
    for column, key in named.items():
        if column not in columns:
            place = f"{mapping.source}.{mapping.dataset}"
            message = f"{key}: unknown column '{column}' of {place}{did_you_mean(column, known)}"
            found.append((mapping.where(key), message))
    return found


def check_columns(mapping: ObjectMapping, dataset: Dataset) -> list[tuple[str, str]]:
    """Return (where, message) for every mistake that shows once the columns are known."""
    names = [column.name for column in dataset.columns]
    found = missing_columns(mapping, names)
    found += _absent(mapping, {column: f"ignore.{column}" for column in mapping.ignore}, names)
    used = {c: field.target for field in mapping.fields for c in _value_columns(field)}
    for column in mapping.ignore:
        if column in used:
            key = f"ignore.{column}"
            message = f"{key}: is ignored, but fields.{used[column]} is filled from it"
            found.append((mapping.where(key), message))
    for name in mapping.derive:
        if name in names:
            key = f"derive.{name}"
            found.append((mapping.where(key), f"{key}: the source has a column of that name"))
    return found


def coverage(
    mappings: Sequence[ObjectMapping], dataset: Dataset, settled: Iterable[str] = ()
) -> Coverage:
    """Return what becomes of each column of a dataset.

    Args:
        mappings: All mappings of this dataset, to whatever object.
        dataset: Its description.
        settled: Columns that need no mapping, such as the key and the time of change.
    """
    mapped: dict[str, list[str]] = {name: ["key"] for name in (*dataset.key, *settled)}
    ignored: dict[str, str] = {}
    for mapping in mappings:
        for column, keys in columns_of(mapping).items():
            shown = [f"{mapping.object}.{key.removeprefix('fields.')}" for key in keys]
            mapped.setdefault(column, []).extend(shown)
        ignored |= dict(mapping.ignore)
    names = [column.name for column in dataset.columns if column.name not in RESERVED_COLUMNS]
    place = f"{mappings[0].source}.{mappings[0].dataset}" if mappings else dataset.name
    return Coverage(
        dataset=place,
        mapped={name: tuple(dict.fromkeys(mapped[name])) for name in names if name in mapped},
        ignored={
            name: why for name, why in ignored.items() if name in names and name not in mapped
        },
        unmapped=tuple(name for name in names if name not in mapped and name not in ignored),
    )


def coverage_findings(found: Coverage) -> pl.DataFrame:
    """Return one MAP101 finding for each column nobody has decided about."""
    message = "the column is neither mapped nor ignored with a why"
    rows = [
        {
            "_key": found.dataset.replace(".", ":", 1),
            "code": "MAP101",
            "field": column,
            "message": message,
            "action": "flagged",
            "severity": "warning",
        }
        for column in found.unmapped
    ]
    return pl.DataFrame(rows, schema=FINDING_FRAME)
