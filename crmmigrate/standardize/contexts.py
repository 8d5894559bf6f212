"""What one cell cannot tell but its whole column can: the order of dates, the decimal sign."""

import polars as pl

from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.date_regions import RegionalEvidence, infer_by_region
from crmmigrate.standardize.distinct import find_distinct
from crmmigrate.standardize.number_evidence import NumberEvidence, infer_decimal_signs

__all__ = ["EVIDENT", "Evidence", "column_evidence", "infer_evidence"]

Evidence = RegionalEvidence | NumberEvidence
_NUMBERS = frozenset({SemanticType.MONEY, SemanticType.NUMBER})
EVIDENT = frozenset({SemanticType.DATE, SemanticType.DATETIME}) | _NUMBERS
"""Types whose columns prove what a cell cannot."""


def infer_evidence(kind: SemanticType, values: pl.DataFrame, book: RegionBook) -> Evidence:
    """Weigh one column of a type in `EVIDENT`.

    Args:
        kind: Type of the column.
        values: Distinct `text` and `region` of it.
        book: Rules of all regions.
    """
    if kind in _NUMBERS:
        return infer_decimal_signs(values)
    return infer_by_region(values, book)


def column_evidence(
    rows: pl.LazyFrame, object_type: ObjectType, book: RegionBook
) -> dict[str, Evidence]:
    """Return field → what its column says about the order of day and month, or the decimal sign.

    Rows of one region may be written in another order than that region's, so each region is judged
    by its own values.

    Args:
        rows: Mapped rows of one dataset, with `_region`.
        object_type: Their object.
        book: Rules of all regions.
    """
    columns = rows.collect_schema().names()
    fields = object_type.fields.values()
    evident = {f.name: f.type for f in fields if f.type in EVIDENT and f.name in columns}
    if "_region" not in columns:
        return {}
    found: dict[str, Evidence] = {}
    for name, kind in evident.items():
        given = pl.col(name).cast(pl.String).alias("text"), pl.col("_region").alias("region")
        values = find_distinct(rows.select(given).drop_nulls("text").collect()).rows
        found[name] = infer_evidence(kind, values, book)
    return found
