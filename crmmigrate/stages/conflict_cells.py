"""Conflicts as cells: one row a field with the three values, and a name for just these values."""

import hashlib
import json
from collections.abc import Mapping

import polars as pl

from crmmigrate.changes.diff import payload_columns
from crmmigrate.model.operations import after_column, base_column, before_column

__all__ = ["CELL", "conflict_cells", "fingerprint"]

CELL = pl.Schema(dict.fromkeys(("external_id", "field", "base", "theirs", "ours"), pl.String()))
"""`base` is what the last load left, `theirs` what the target holds, `ours` what is wanted."""
_DIGITS = 16


def conflict_cells(operations: pl.DataFrame, names: str = "both") -> pl.DataFrame:
    """Return CELL rows of the fields that a list column of operations names, record by record."""
    numbered = operations.with_row_index("_row")
    found = [pl.Schema({"_row": pl.UInt32(), **CELL}).to_frame()]
    for column in payload_columns(operations):
        if base_column(column) not in operations.columns:
            continue
        rows = numbered.filter(pl.col(names).list.contains(column))
        found.append(
            rows.select(
                "_row",
                "external_id",
                pl.lit(column).alias("field"),
                _text(rows, base_column(column)).alias("base"),
                _text(rows, before_column(column)).alias("theirs"),
                _text(rows, after_column(column)).alias("ours"),
            )
        )
    return pl.concat(found).sort("_row", maintain_order=True).drop("_row")


def fingerprint(cell: Mapping[str, str | None]) -> str:
    """Return a name for the three values of a cell that tells nothing of them.

    It begins with a letter, so that no spreadsheet takes it for a number.
    """
    values = [cell["base"], cell["theirs"], cell["ours"]]
    text = json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return f"c{hashlib.sha256(text).hexdigest()[:_DIGITS]}"


def _text(rows: pl.DataFrame, column: str) -> pl.Series:
    """Return values as text; of bytes, the length and the beginning of their hash."""
    if rows.schema[column] != pl.Binary:
        return rows[column].cast(pl.String)
    told = [
        None if blob is None else f"{len(blob)} bytes, {hashlib.sha256(blob).hexdigest()[:12]}"
        for blob in rows[column]
    ]
    return pl.Series(told, dtype=pl.String)
