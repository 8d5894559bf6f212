"""Tell why a customer's database refused a row: code, column and a sentence."""

from typing import Any

import sqlalchemy as sa

from crmmigrate.adapters.outcome_frames import Refusal
from crmmigrate.adapters.relational.dialect import Told

__all__ = ["explain"]


def explain(told: Told, table: sa.Table) -> Refusal:
    """Translate what the database says about one row of a table."""
    if told.kind == "missing":
        return Refusal("REQUIRED_FIELD_MISSING", told.name, "the column is required")
    if told.kind == "twice":
        return Refusal(
            "DUPLICATE_VALUE", _column(told.name, table), "another row has the same value"
        )
    if told.kind == "link":
        column = _column(told.name, table)
        return Refusal("LINKED_RECORD_MISSING", column, "the row pointed to is not there")
    if told.kind == "still":
        return Refusal("STILL_REFERENCED", None, "rows of other tables still point to it")
    if told.kind == "check":
        column = _column(told.name, table)
        return Refusal("CHECK_FAILED", column, f"the table's rule '{told.name}' refuses it")
    return Refusal("REFUSED", None, told.name.strip().split("\n", 1)[0])


def _column(name: str, table: sa.Table) -> str | None:
    """Return the one column that a constraint, an index or a message is about."""
    if name in table.columns:
        return name
    rules: list[Any] = [*table.constraints, *table.indexes]
    for constraint in rules:
        columns = list(getattr(constraint, "columns", ()))
        if constraint.name == name and len(columns) == 1:
            return str(columns[0].name)
    named = [c.name for c in table.columns if c.name in name.replace('"', " ").split()]
    return named[0] if len(named) == 1 else None
