"""Turn scalar outcomes into the frame that every kernel returns."""

from collections.abc import Callable, Sequence

import polars as pl

from crmmigrate.values.outcome import BLANK, Outcome

__all__ = ["outcome_frame", "outcome_schema", "read_each"]


def outcome_schema(parts: Sequence[str] = ()) -> pl.Schema:
    """Return the schema of a kernel's result: value, parts, and what is said about them."""
    strings: dict[str, pl.DataType] = {name: pl.String() for name in ("value", *parts)}
    return pl.Schema(
        {
            **strings,
            "status": pl.String(),
            "codes": pl.List(pl.String),
            "message": pl.String(),
            "confidence": pl.Float64(),
            "alternatives": pl.List(pl.String),
        }
    )


def outcome_frame(outcomes: Sequence[Outcome], parts: Sequence[str] = ()) -> pl.DataFrame:
    """Return one row an outcome, in order."""
    columns: dict[str, list[object] | pl.Series] = {
        "value": [o.value for o in outcomes],
        **{part: [o.parts.get(part) for o in outcomes] for part in parts},
        "status": [o.status for o in outcomes],
        "codes": _lists([o.codes for o in outcomes]),
        "message": [o.message for o in outcomes],
        "confidence": [o.confidence for o in outcomes],
        "alternatives": _lists([o.alternatives for o in outcomes]),
    }
    return pl.DataFrame(columns, schema=outcome_schema(parts))


_BETWEEN = "\x1f"
"""A sign that text never has when it comes here: repaired text has no control characters."""


def _lists(rows: Sequence[Sequence[str]]) -> pl.Series:
    """Return a column of lists; most are empty, and polars builds lists one by one slowly."""
    joined = pl.Series("rows", list(map(_BETWEEN.join, rows)), dtype=pl.String)
    cut = pl.col("rows").str.split(_BETWEEN)
    nothing = pl.lit([], dtype=pl.List(pl.String))
    return (
        joined.to_frame()
        .select(pl.when(pl.col("rows") == "").then(nothing).otherwise(cut))
        .to_series()
    )


def read_each(
    distinct: pl.DataFrame,
    read: Callable[[str, str | None], Outcome],
    parts: Sequence[str] = (),
) -> pl.DataFrame:
    """Read every row's `text` with its `region`; null stays null."""
    regions = distinct["_region"] if "_region" in distinct.columns else [None] * distinct.height
    outcomes = [
        BLANK if text is None else read(text, region)
        for text, region in zip(distinct["text"], regions, strict=True)
    ]
    return outcome_frame(outcomes, parts)
