"""What one cell cannot tell but its whole column can: is the day or the month written first?"""

import polars as pl

from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.dates import DateEvidence, infer_date_order

__all__ = ["column_evidence"]

_DATED = frozenset({SemanticType.DATE, SemanticType.DATETIME})


def column_evidence(
    rows: pl.LazyFrame, object_type: ObjectType, book: RegionBook
) -> dict[str, DateEvidence]:
    """Return field → what its column says about the order of day and month.

    The order of a date column is taken from its values only where all rows are of one region (or
    of none): in a column that several countries filled, each row keeps the order of its region.

    Args:
        rows: Mapped rows of one dataset, with `_region`.
        object_type: Their object.
        book: Rules of all regions.
    """
    columns = rows.collect_schema().names()
    dated = [f.name for f in object_type.fields.values() if f.type in _DATED and f.name in columns]
    if not dated or "_region" not in columns:
        return {}
    regions = rows.select(pl.col("_region").unique()).collect().to_series().to_list()
    if len(regions) != 1:
        return {}
    rules = book.get(regions[0])
    found: dict[str, DateEvidence] = {}
    for name in dated:
        values = rows.select(pl.col(name).drop_nulls().unique()).collect().to_series()
        found[name] = infer_date_order(values, rules)
    return found
