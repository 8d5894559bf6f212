"""Legacy values become canonical ones."""

import polars as pl

from crmmigrate.model.columns import is_blank
from crmmigrate.model.mapping import ValueMap

__all__ = ["map_values"]

_UNKNOWN = -1


def map_values(text: pl.Series, values: ValueMap) -> tuple[pl.Series, pl.Series]:
    """Return the mapped texts, and whether each was filled but is in no map.

    White space around a value does not count; upper and lower case count only where both
    spellings are in the map.
    """
    frame = text.alias("text").to_frame().with_columns(place=_place(values))
    results = [result for _, result in values.pairs]
    mapped = pl.col("place").replace_strict(
        list(range(len(results))), results, default=None, return_dtype=pl.String
    )
    blank, known = is_blank(pl.col("text")), pl.col("place") != _UNKNOWN
    other = pl.col("text") if values.on_unmapped == "keep" else pl.lit(None, dtype=pl.String)
    if values.has_default:
        other = pl.lit(values.default, dtype=pl.String)
    done = frame.select(
        pl.when(known).then(mapped).when(~blank).then(other).alias("value"),
        unmapped=~known & ~blank & (not values.has_default),
    )
    return done.get_column("value"), done.get_column("unmapped")


def _place(values: ValueMap) -> pl.Expr:
    """Return the position of a text in the map, or -1."""
    exact: dict[str, int] = {}
    folded: dict[str, int] = {}
    for position, (legacy, _) in enumerate(values.pairs):
        exact.setdefault(legacy.strip(), position)
        folded.setdefault(legacy.strip().lower(), position)
    stripped = pl.col("text").fill_null("").str.strip_chars()
    return pl.coalesce(
        stripped.replace_strict(
            list(exact), list(exact.values()), default=None, return_dtype=pl.Int32
        ),
        stripped.str.to_lowercase().replace_strict(
            list(folded), list(folded.values()), default=_UNKNOWN, return_dtype=pl.Int32
        ),
    )
