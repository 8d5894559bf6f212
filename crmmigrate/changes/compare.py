"""Tell whether two values of a field mean the same: `12.50` and `12.5` do, `Å` and `å` do not.

Expressions only, over String columns (Binary for binary fields). Text is compared exactly,
except that a blank is no value; numbers by value, points in time by instant, booleans by meaning.
"""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.semantic import SemanticType, part_column

__all__ = ["column_kinds", "comparable", "differs"]

_ZONED = r"(?:[zZ]|[+-]\d\d:?\d\d)$"


def column_kinds(object_type: ObjectType) -> Mapping[str, SemanticType]:
    """Return the semantic type of every column of an object; parts have the type they are."""
    kinds: dict[str, SemanticType] = {}
    for field in object_type.fields.values():
        kinds[field.name] = field.type if not field.parts else SemanticType.TEXT
        for part in field.parts:
            kinds[part_column(field.name, part)] = _PART_KINDS.get(part, SemanticType.TEXT)
    return kinds


_PART_KINDS: Mapping[str, SemanticType] = {
    "valid": SemanticType.BOOLEAN,
    "amount": SemanticType.NUMBER,
}


def comparable(value: pl.Expr, kind: SemanticType) -> pl.Expr:
    """Return the form of a value in which equal meaning is equal text; blank becomes null."""
    if kind is SemanticType.BINARY:
        return pl.when(value.bin.size() > 0).then(value)
    filled = pl.when(value != "").then(value)
    if kind is SemanticType.NUMBER:
        return _number(filled)
    if kind is SemanticType.BOOLEAN:
        return filled.str.to_lowercase()
    if kind is SemanticType.DATETIME:
        return _instant(filled)
    return filled


def differs(left: pl.Expr, right: pl.Expr, kind: SemanticType) -> pl.Expr:
    """Return whether two values mean something different; two blanks do not."""
    return comparable(left, kind).ne_missing(comparable(right, kind))


def _number(value: pl.Expr) -> pl.Expr:
    plain = (
        value.str.strip_chars()
        .str.replace(r"^\+", "")
        .str.replace(r"^(-?\d*\.\d*?)0+$", "${1}")
        .str.replace(r"^(-?\d+)\.$", "${1}")
        .str.replace(r"^(-?)0+(\d)", "${1}${2}")
        .str.replace(r"^(-?)\.(\d)", "${1}0.${2}")
        .str.replace(r"^-0$", "0")
    )
    return (
        pl.when(value.str.contains(r"^\s*[+-]?(?:\d+\.?\d*|\.\d+)\s*$"))
        .then(plain)
        .otherwise(value)
    )


def _instant(value: pl.Expr) -> pl.Expr:
    text = value.str.replace(r"^(\d{4}-\d\d-\d\d) ", "${1}T").str.replace(r"[zZ]$", "+00:00")
    instant = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", strict=False, time_unit="us")
    naive = text.str.replace(r"(\.\d*?)0+$", "${1}").str.replace(r"\.$", "")
    zoned = value.str.contains(_ZONED)
    shown = instant.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
    return pl.when(zoned).then(pl.coalesce(shown, value)).otherwise(naive)
