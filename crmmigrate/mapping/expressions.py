"""Evaluate SQL expressions of a mapping over source rows."""

import polars as pl
from polars.exceptions import PolarsError

from crmmigrate.config.cycles import dependency_order
from crmmigrate.config.expressions import expression_columns, parse_expression
from crmmigrate.errors import ConfigError
from crmmigrate.model.mapping import ObjectMapping

__all__ = ["evaluate", "with_derived"]


def evaluate(frame: pl.DataFrame, sql: str, *, where: str, key: str) -> pl.Series:
    """Return the result of an expression for every row.

    Args:
        frame: Source rows.
        sql: Expression over its columns.
        where: file:line, for errors.
        key: Dotted key, for errors.

    Raises:
        ConfigError: the expression does not fit the data, e.g. by the type of a column.
    """
    try:
        result = frame.select(parse_expression(sql).alias("v")).to_series()
    except (PolarsError, ValueError) as exc:
        raise ConfigError(
            f"{key}: the expression fails on the data: {str(exc).splitlines()[0]}",
            where=where,
            hint="TRY_CAST(column AS …) gives null where a value does not fit",
        ) from None
    if result.len() == frame.height:
        return result
    return result.new_from_index(0, frame.height) if result.len() == 1 else result


def with_derived(frame: pl.DataFrame, mapping: ObjectMapping) -> pl.DataFrame:
    """Return the rows with the columns under `derive:` added, each after those it reads."""
    edges = {
        name: [c for c in expression_columns(sql) if c in mapping.derive]
        for name, sql in mapping.derive.items()
    }
    for name in dependency_order(edges):
        key = f"derive.{name}"
        result = evaluate(frame, mapping.derive[name], where=mapping.where(key), key=key)
        frame = frame.with_columns(result.alias(name))
    return frame
