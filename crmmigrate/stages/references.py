"""Point references at golden records after their targets were merged."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.canonical import ObjectType

__all__ = ["moved_keys", "repoint"]


def moved_keys(members: pl.DataFrame) -> pl.DataFrame:
    """Return the keys that were merged into another: columns `_old` and `_new`."""
    return members.filter(pl.col("_key") != pl.col("golden_key")).select(
        pl.col("_key").alias("_old"), pl.col("golden_key").alias("_new")
    )


def repoint(
    frame: pl.DataFrame, object_type: ObjectType, moved: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """Replace references to merged records by their golden keys.

    Args:
        frame: Canonical rows.
        object_type: Their object.
        moved: Object → result of `moved_keys`.
    """
    for field in object_type.references:
        if field.name not in frame.columns:
            continue
        tables = [moved[o] for o in field.references if o in moved and moved[o].height]
        if not tables:
            continue
        frame = (
            frame.join(
                pl.concat(tables),
                left_on=field.name,
                right_on="_old",
                how="left",
                maintain_order="left",
            )
            .with_columns(pl.coalesce("_new", field.name).alias(field.name))
            .drop("_new")
        )
    return frame
