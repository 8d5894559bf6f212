"""Guess what a column means from its values, as a proposal only."""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from crmmigrate.model.semantic import SemanticType

__all__ = ["guess_type"]

_SHAPES: Mapping[SemanticType, str] = MappingProxyType(
    {
        SemanticType.EMAIL: r"(?i)^\s*(mailto:)?[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+\s*$",
        SemanticType.URL: r"(?i)^\s*(https?://|www\.)\S+$",
        SemanticType.BOOLEAN: r"(?i)^\s*(true|false|yes|no|y|n|t|f|da|nu|ja|nei|nein|oui|non|si|sim|0|1)\s*$",
        SemanticType.DATETIME: r"^\s*\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}.*$",
        SemanticType.DATE: r"^\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))\s*$",
        SemanticType.PHONE: r"^\s*(\+|00|0|\()[\d\s().\-/]{6,}(\s*(x|ext|int)\.?\s*\d+)?\s*$",
        SemanticType.MONEY: r"^\s*([$€£¥฿₹]|[A-Z]{3}\s)\s*-?[\d.,' ]+\s*$|^\s*-?[\d.,' ]+\s*([$€£¥฿₹]|[A-Za-z]{2,3})\s*$",
        SemanticType.NUMBER: r"^\s*-?\d[\d ]*([.,]\d+)*\s*$",
    }
)
"""Shapes of values, the most telling first."""

_ENOUGH = 0.8
_WORDS: Mapping[str, SemanticType] = MappingProxyType(
    {
        "mail": SemanticType.EMAIL,
        "phone": SemanticType.PHONE,
        "telefon": SemanticType.PHONE,
        "mobile": SemanticType.PHONE,
        "fax": SemanticType.PHONE,
        "country": SemanticType.COUNTRY,
        "company": SemanticType.ORGANIZATION,
        "address": SemanticType.POSTAL_ADDRESS,
        "date": SemanticType.DATE,
        "website": SemanticType.URL,
        "language": SemanticType.LANGUAGE,
    }
)


def guess_type(name: str, values: pl.DataFrame) -> tuple[SemanticType | None, float]:
    """Return what the column seems to mean, and the share of rows that agree.

    Args:
        name: Of the column; it decides where the values do not.
        values: Distinct values with their counts (`value`, `count`).
    """
    total = _rows(values)
    if not total:
        return None, 0.0
    for kind, shape in _SHAPES.items():
        agree = _rows(values.filter(pl.col("value").str.contains(shape)))
        if agree / total >= _ENOUGH and not _only_digits(kind, values):
            return kind, agree / total
    folded = name.casefold()
    for word, kind in _WORDS.items():
        if word in folded:
            return kind, 0.5
    return None, 0.0


def _rows(values: pl.DataFrame) -> int:
    return int(values.get_column("count").sum())


def _only_digits(kind: SemanticType, values: pl.DataFrame) -> bool:
    """Tell whether plain digits are read as more than a number: 0 and 1 alone are no yes and no."""
    if kind is not SemanticType.BOOLEAN:
        return False
    text = values.get_column("value")
    return bool(text.str.contains(r"^\s*\d\s*$").all()) and text.n_unique() < 2
