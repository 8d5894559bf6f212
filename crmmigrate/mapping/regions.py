"""The region of each row, from a column or a constant."""

import polars as pl

from crmmigrate.model.columns import blank_to_null, text_of
from crmmigrate.model.mapping import ObjectMapping
from crmmigrate.model.remarks import Remark
from crmmigrate.values.countries import country_code

__all__ = ["region_columns"]


def region_columns(
    frame: pl.DataFrame, mapping: ObjectMapping
) -> tuple[tuple[pl.Series, pl.Series], Remark | None]:
    """Return `_region` (alpha-2 or null) and `_region_raw`, and a remark on what is unknown.

    A blank cell takes the configured default; a cell that names no country takes none, since
    the default would be a guess.
    """
    choice = mapping.region
    default = pl.repeat(choice.constant, frame.height, dtype=pl.String, eager=True)
    if choice.column is None:
        raw = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
        return (default.alias("_region"), raw.alias("_region_raw")), None
    text = text_of(choice.column, frame.schema[choice.column]).str.strip_chars()
    raw = frame.select(blank_to_null(text).alias("_region_raw")).to_series()
    names = raw.drop_nulls().unique().to_list()
    codes = [country_code(name) for name in names]
    known = raw.replace_strict(names, codes, default=None, return_dtype=pl.String)
    region = known.to_frame("c").select(
        pl.when(pl.lit(raw).is_null()).then(pl.lit(default)).otherwise(pl.col("c")).alias("_region")
    )
    unknown = raw.is_not_null() & known.is_null()
    message = "the column that tells the region names no country"
    remark = Remark("MAP204", choice.column, unknown, message, raw)
    return (region.to_series(), raw), remark
