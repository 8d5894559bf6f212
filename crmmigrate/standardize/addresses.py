"""Standardize postal addresses of any country."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import INPUT_PARTS, PARTS, SemanticType
from crmmigrate.standardize.address_lane import read_plain_addresses
from crmmigrate.standardize.lanes import in_order
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.values.addresses import read_address

__all__ = ["standardize_addresses"]

_PARTS = PARTS[SemanticType.POSTAL_ADDRESS]
_INPUTS = ("text", *INPUT_PARTS[SemanticType.POSTAL_ADDRESS])


def standardize_addresses(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read addresses from one text, from columns with parts, or from both.

    Args:
        distinct: `text`, any column of INPUT_PARTS, and `_region`.
        book: Rules of all regions.
        options: None are known.
    """
    del options
    columns = [name for name in _INPUTS if name in distinct.columns]
    region = pl.col("_region") if "_region" in distinct.columns else pl.lit(None, dtype=pl.String)
    rows = distinct.select(*columns, region.alias("_region")).with_row_index("_at")
    done = list(read_plain_addresses(_only_text(rows), book))
    fast = pl.concat([at for at, _ in done]) if done else pl.Series(dtype=pl.UInt32)
    slow = rows.filter(~pl.col("_at").is_in(fast.implode()))
    outcomes = [
        read_address(row, where, book.get)
        for row, where in zip(
            slow.select(columns).iter_rows(named=True), slow["_region"], strict=True
        )
    ]
    return in_order([*done, (slow["_at"], outcome_frame(outcomes, _PARTS))])


def _only_text(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows that have a region, and no other column filled than the text."""
    others = [name for name in _INPUTS if name in rows.columns and name != "text"]
    if "text" not in rows.columns:
        return rows.clear().with_columns(text=pl.lit(None, dtype=pl.String))
    filled = [pl.col(name).is_not_null() for name in others]
    bare = ~pl.any_horizontal(filled) if filled else pl.lit(value=True)
    kept = pl.col("text").is_not_null() & pl.col("_region").is_not_null() & bare
    return rows.filter(kept).select("_at", "text", "_region")
