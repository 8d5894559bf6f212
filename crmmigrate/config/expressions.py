"""Polars SQL expressions in configuration: parsed, and held to looking at one row only.

An expression cannot reach files, network or Python. It may not look at other rows (SUM, OVER)
or at the clock either, so that a row gives the same record in any batch and at any time.
"""

import json
import re

import polars as pl
from polars.exceptions import PolarsError

__all__ = ["expression_columns", "parse_expression"]

_OTHER_ROWS = frozenset(
    {
        "Agg", "All", "Any", "Cumulative", "Explode", "Filter", "Gather", "Interpolate", "Len",
        "Over", "Quantile", "Random", "Range", "Rank", "Reverse", "Rolling", "RollingExpr",
        "Selector", "Shift", "Slice", "Sort", "SortBy", "SubPlan", "Unique",
    }
)  # fmt: skip
"""Nodes of polars' expression tree whose result for a row depends on other rows."""
_VALUES = frozenset({"Literal", "Column"})
_CLOCK = re.compile(
    r"\b(now|random|rand|current_(date|time|timestamp)|local(time|timestamp))\b", re.IGNORECASE
)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


def parse_expression(sql: str) -> pl.Expr:
    """Return the polars expression of a SQL text.

    Raises:
        ValueError: it is not valid, or depends on other rows or on the clock.
    """
    if not sql.strip():
        raise ValueError("the expression is empty")
    try:
        expression = pl.sql_expr(sql)
        tree = json.loads(expression.meta.serialize(format="json"))
    except (PolarsError, ValueError) as exc:
        raise ValueError(f"not a valid expression: {_first_line(exc)}") from None
    if _mentions(tree):
        raise ValueError("an expression sees one row only: no SUM, COUNT, OVER, SELECT or the like")
    if _CLOCK.search(_QUOTED.sub("", sql)):
        raise ValueError("an expression may not depend on the clock or on chance")
    return expression


def expression_columns(sql: str) -> tuple[str, ...]:
    """Return the columns an expression reads, each once; see `parse_expression`."""
    return tuple(dict.fromkeys(parse_expression(sql).meta.root_names()))


def _mentions(node: object) -> bool:
    """Tell whether a tree has a node that looks at other rows; literals are not searched."""
    if isinstance(node, str):
        return node in _OTHER_ROWS
    if isinstance(node, list):
        return any(_mentions(inner) for inner in node)
    if isinstance(node, dict):
        return any(
            key in _OTHER_ROWS or (key not in _VALUES and _mentions(inner))
            for key, inner in node.items()
        )
    return False


def _first_line(exc: Exception) -> str:
    return str(exc).strip().splitlines()[0] if str(exc).strip() else type(exc).__name__
