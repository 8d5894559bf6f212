"""Keys of rows and records.

A row key is `source:dataset:id`, a record key `source:object:dataset/id`. The id is the text of
the key columns joined by `|`, or `#<row number>` where a key column is blank.
"""

from collections.abc import Sequence

import polars as pl

from crmmigrate.model.columns import any_text, blank_to_null

__all__ = ["has_key", "key_text", "object_of", "record_key", "row_key", "row_of_record"]


def key_text(columns: Sequence[str]) -> pl.Expr:
    """Return the id that some columns form; null where one of them is blank.

    Numbers are spelt without a fraction if they have none, so that 4711.0 of a spreadsheet finds
    4711 of a database.
    """
    parts = [blank_to_null(any_text(name).str.strip_chars()) for name in columns]
    return pl.concat_str(parts, separator="|", ignore_nulls=False)


def has_key(columns: Sequence[str]) -> pl.Expr:
    """Return whether all key columns are filled."""
    return key_text(columns).is_not_null() if columns else pl.lit(value=False)


def row_key(source: str, dataset: str, columns: Sequence[str]) -> pl.Expr:
    """Return `_row_key`; the frame needs `_row`."""
    number = pl.concat_str(pl.lit("#"), pl.col("_row").cast(pl.String))
    id_ = pl.coalesce(key_text(columns), number) if columns else number
    return pl.concat_str(pl.lit(f"{source}:{dataset}:"), id_).alias("_row_key")


def record_key(source: str, object_: str, dataset: str) -> pl.Expr:
    """Return `_key` from `_row_key`."""
    id_ = pl.col("_row_key").str.strip_prefix(f"{source}:{dataset}:")
    return pl.concat_str(pl.lit(f"{source}:{object_}:{dataset}/"), id_).alias("_key")


def object_of(column: str = "_key") -> pl.Expr:
    """Return the object of a record key: the part between the first and second colon."""
    return pl.col(column).str.splitn(":", 3).struct.field("field_1")


def row_of_record(column: str = "_key") -> pl.Expr:
    """Return the row key that a record key was made of."""
    pieces = pl.col(column).str.splitn(":", 3).struct
    place = pieces.field("field_2").str.splitn("/", 2).struct
    return pl.concat_str(
        pieces.field("field_0"), place.field("field_0"), place.field("field_1"), separator=":"
    )
