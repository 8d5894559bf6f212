"""Phone cells of known shapes: what is read without asking the scalar reading."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.standardize.phone_lane import read_plain_numbers
from crmmigrate.standardize.phone_shapes import cut_cells, told_cells
from crmmigrate.standardize.phone_tables import plan_tables
from crmmigrate.values.phone_cells import PhoneWords

__all__ = ["read_cells"]

_COLUMNS: dict[str, pl.DataType] = {
    "_at": pl.UInt32(),
    "nsn": pl.String(),
    "verdict": pl.UInt32(),
    "status": pl.String(),
    "codes": pl.List(pl.String),
    "message": pl.String(),
    "confidence": pl.Float64(),
    "alternatives": pl.List(pl.String),
    "cut_extension": pl.String(),
    "cut_note": pl.String(),
}


def read_cells(rows: pl.DataFrame, words: Mapping[str | None, PhoneWords]) -> pl.DataFrame:
    """Read the cells whose shape is known.

    Args:
        rows: `_at`, `text`, `_region`, and `known` (the region, null if the library has none).
        words: Words of each region.

    Returns:
        `_at`, `nsn`, `verdict`, `status`, `codes`, `message`, `confidence`, `alternatives`,
        `cut_extension` and `cut_note`, only of the cells that were read.
    """
    told = told_cells(rows)
    rest = rows.join(told, on="_at", how="anti", maintain_order="left")
    cut = cut_cells(rest, words)
    found = read_plain_numbers(cut.select("_at", "text", _region="known"))
    found = found.join(cut.select("_at", "cut_extension", "cut_note", "cut_float"), on="_at").join(
        rows.select("_at", "text"), on="_at"
    )
    parts = [_rewritten(found), told.with_columns(alternatives=pl.lit([], pl.List(pl.String)))]
    return pl.concat([_shaped(part) for part in parts])


def _shaped(part: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None).alias(name) for name in _COLUMNS if name not in part.columns]
    return part.with_columns(missing).select(pl.col(n).cast(kind) for n, kind in _COLUMNS.items())


def _rewritten(found: pl.DataFrame) -> pl.DataFrame:
    """Tell beside the number what was cut off around it; only valid numbers may have been cut."""
    found = found.with_columns(*plan_tables().told(found["verdict"], "valid", "code"))
    whole = pl.col("cut_extension").is_null() & pl.col("cut_note").is_null() & ~pl.col("cut_float")
    found = found.filter(whole | pl.col("valid"))
    status, codes = pl.col("status"), pl.col("codes")
    rest = codes.list.set_difference(pl.lit(["STD101"], dtype=pl.List(pl.String)))
    noted = pl.col("cut_note").is_not_null()
    moved = (status == "unchanged") & (pl.concat_str(pl.lit("+"), "code", "nsn") != pl.col("text"))
    return found.with_columns(
        status=pl.when("cut_float")
        .then(pl.lit("repaired"))
        .when(noted & (status == "unchanged") & pl.col("cut_extension").is_null())
        .then(pl.lit("repaired"))
        .when(moved)
        .then(pl.lit("normalised"))
        .otherwise(status),
        codes=pl.when("cut_float")
        .then(pl.concat_list(pl.lit("STD104"), rest))
        .when(noted)
        .then(pl.concat_list(rest, pl.lit("STD103")))
        .when(moved)
        .then(pl.lit(["STD101"]))
        .otherwise(codes),
        message=pl.when(noted)
        .then(pl.concat_str(pl.lit("note: "), "cut_note"))
        .otherwise("message"),
        alternatives=pl.when(pl.col("other").is_not_null())
        .then(pl.concat_list("other"))
        .otherwise(pl.lit([], dtype=pl.List(pl.String))),
    )
