"""Tell from a target's own metadata which planned values it would refuse, before it is asked.

A row kernel: operations in, one row an objection out. Only columns on which the target puts a
condition cost time, and distinct values are compared with a picklist once.
"""

from collections.abc import Iterator, Sequence

import polars as pl
from rapidfuzz import fuzz, process

from crmmigrate.model.catalog import Column
from crmmigrate.model.operations import Action, after_column

__all__ = [
    "LACKING",
    "LOCKED",
    "NOT_LISTED",
    "OBJECTION",
    "TOO_LONG",
    "nearest_choice",
    "object_to",
    "written",
]

LOCKED, LACKING, TOO_LONG, NOT_LISTED = "PLN511", "PLN512", "PLN513", "PLN514"
OBJECTION = pl.Schema(
    dict.fromkeys(("external_id", "code", "field", "value", "suggestion", "message"), pl.String)
)
"""One row a value: `suggestion` is the nearest value that would be taken, or null."""
_NEAR = 60.0
"""Similarity (of 100) from which a choice is suggested."""
_NOTHING = pl.lit(None, pl.String)


def object_to(operations: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """Return OBJECTION rows, column by column.

    Args:
        operations: Operations of one object with `to.<column>`.
        columns: What the target says of its columns; those that are not written are passed over.
    """
    found = [OBJECTION.to_frame()]
    for column in columns:
        if after_column(column.name) in operations.columns:
            found += [told for told in _judged(operations, column) if told.height]
    return pl.concat(found)


def written(column: str) -> pl.Expr:
    """Return whether an operation writes a column: a create a value, an update a change."""
    create = pl.col("action") == Action.CREATE.value
    update = pl.col("action").is_in([Action.UPDATE.value, Action.LINK.value])
    filled = ~_blank(pl.col(after_column(column)))
    return (create & filled) | (update & pl.col("changed").list.contains(column))


def nearest_choice(value: str, choices: Sequence[str]) -> str | None:
    """Return the choice that is most like a value, or None if none is like it."""
    found = process.extractOne(value.casefold(), choices, scorer=fuzz.WRatio, score_cutoff=_NEAR)
    return str(found[0]) if found else None


def _judged(operations: pl.DataFrame, column: Column) -> Iterator[pl.DataFrame]:
    if column.read_only:
        says = pl.lit("the target does not let us write this field")
        yield _rows(operations, column.name, LOCKED, written(column.name), says)
        return
    if not column.nullable:
        says = pl.lit("the target requires a value")
        yield _rows(operations, column.name, LACKING, _lacks(column.name), says)
    if operations.schema[after_column(column.name)] != pl.String:
        return
    value = pl.col(after_column(column.name))
    if column.max_length is not None:
        longer = written(column.name) & (value.str.len_chars() > column.max_length)
        told = "{} characters; the target takes " + f"{column.max_length:,}"
        says = pl.format(told, value.str.len_chars())
        yield _rows(operations, column.name, TOO_LONG, longer, says)
    if column.choices:
        other = written(column.name) & ~_blank(value) & ~value.is_in(list(column.choices))
        says = pl.lit("the picklist of the target does not have this value")
        yield _suggested(_rows(operations, column.name, NOT_LISTED, other, says), column.choices)


def _lacks(column: str) -> pl.Expr:
    """Return whether a create has no value, or an update clears it."""
    create = pl.col("action") == Action.CREATE.value
    there = pl.col("action").is_in([Action.UPDATE.value, Action.LINK.value])
    cleared = there & pl.col("changed").list.contains(column)
    return (create | cleared) & _blank(pl.col(after_column(column)))


def _blank(value: pl.Expr) -> pl.Expr:
    return value.is_null() | (value.cast(pl.Binary).bin.size() == 0)


def _rows(
    operations: pl.DataFrame, column: str, code: str, fires: pl.Expr, says: pl.Expr
) -> pl.DataFrame:
    binary = operations.schema[after_column(column)] == pl.Binary
    value = _NOTHING if binary else pl.col(after_column(column))
    return operations.filter(fires.fill_null(value=False)).select(
        pl.col("external_id"),
        pl.lit(code).alias("code"),
        pl.lit(column).alias("field"),
        value.alias("value"),
        _NOTHING.alias("suggestion"),
        says.alias("message"),
    )


def _suggested(told: pl.DataFrame, choices: Sequence[str]) -> pl.DataFrame:
    nearest = {value: nearest_choice(value, choices) for value in told["value"].unique()}
    known = {value: choice for value, choice in nearest.items() if choice is not None}
    meant = pl.col("value").replace_strict(known, default=None, return_dtype=pl.String)
    return told.with_columns(meant.alias("suggestion")) if known else told
