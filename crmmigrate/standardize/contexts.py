"""What one cell cannot tell but its whole column can: is the day or the month written first?"""

import polars as pl

from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.date_regions import RegionalEvidence, infer_by_region

__all__ = ["column_evidence"]

_DATED = frozenset({SemanticType.DATE, SemanticType.DATETIME})


def column_evidence(
    rows: pl.LazyFrame, object_type: ObjectType, book: RegionBook
) -> dict[str, RegionalEvidence]:
    """Return field → what its column says about the order of day and month.

    Rows of one region may be written in another order than that region's, so each region is judged
    by its own values.

    Args:
        rows: Mapped rows of one dataset, with `_region`.
        object_type: Their object.
        book: Rules of all regions.
    """
    columns = rows.collect_schema().names()
    dated = [f.name for f in object_type.fields.values() if f.type in _DATED and f.name in columns]
    if "_region" not in columns:
        return {}
    found: dict[str, RegionalEvidence] = {}
    for name in dated:
        given = pl.col(name).cast(pl.String).alias("text"), pl.col("_region").alias("region")
        values = rows.select(given).drop_nulls("text").unique(maintain_order=True).collect()
        found[name] = infer_by_region(values, book)
    return found
