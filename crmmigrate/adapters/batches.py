"""Arrow batches of rows, with the reserved columns that account for every row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from crmmigrate.adapters.base import EXCLUDED, RAW_TEXT, REJECTED, ROW
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError

__all__ = [
    "BATCH_ROWS",
    "KEPT_TEXT",
    "RESERVED",
    "RowFate",
    "assemble",
    "choose_columns",
    "kept_text",
    "slices",
    "text_table",
]

BATCH_ROWS = 50_000
"""Most rows of one batch."""
KEPT_TEXT = 64_000
"""Characters kept of the text of a rejected or excluded row."""
RESERVED = (ROW, REJECTED, EXCLUDED, RAW_TEXT)
_SHORT = 2_000
_TYPES = {ROW: pa.int64(), REJECTED: pa.string(), EXCLUDED: pa.string(), RAW_TEXT: pa.string()}


@dataclass(frozen=True, slots=True)
class RowFate:
    """One row read with care: its cells, or why there are none.

    Attributes:
        row: Line or row number.
        cells: One text a column, None for empty; None as a whole if rejected or excluded.
        rejected: Code of the reason, or None.
        excluded: Name of the rule, or None.
        text: The row as it stood in the file, if it was rejected or excluded.
    """

    row: int
    cells: Sequence[str | None] | None = None
    rejected: str | None = None
    excluded: str | None = None
    text: str | None = None


def kept_text(text: str) -> str:
    """Cut a text that is too long to be kept, and say so."""
    if len(text) <= KEPT_TEXT:
        return text
    return f"{text[:_SHORT]}… ({len(text):,} characters)"


def text_table(columns: Sequence[str], rows: Sequence[RowFate]) -> pa.Table:
    """Return rows as a table: the reserved columns, then one String column each."""
    reserved = {
        ROW: [row.row for row in rows],
        REJECTED: [row.rejected for row in rows],
        EXCLUDED: [row.excluded for row in rows],
        RAW_TEXT: [row.text for row in rows],
    }
    blank = [None] * len(columns)
    cells = [row.cells if row.cells is not None else blank for row in rows]
    arrays = [pa.array(values, _TYPES[name]) for name, values in reserved.items()]
    arrays += [pa.array([row[i] for row in cells], pa.string()) for i in range(len(columns))]
    return pa.Table.from_arrays(arrays, names=[*reserved, *columns])


def assemble(rows: pa.Array, data: pa.Table) -> pa.Table:
    """Put the reserved columns before rows that were read without trouble."""
    none = pa.nulls(data.num_rows, pa.string())
    return pa.Table.from_arrays(
        [rows.cast(pa.int64()), none, none, none, *data.columns],
        names=[*RESERVED, *data.column_names],
    )


def slices(table: pa.Table) -> Iterator[pa.RecordBatch]:
    """Yield a table in batches of bounded size."""
    for start in range(0, table.num_rows, BATCH_ROWS):
        part = table.slice(start, BATCH_ROWS).combine_chunks()
        yield from part.to_batches()


def choose_columns(columns: Sequence[str], fields: Sequence[str] | None, where: str) -> list[str]:
    """Return the columns to read, in source order.

    Raises:
        UsageError: a wanted field is no column.
    """
    if fields is None:
        return list(columns)
    for field in fields:
        if field not in columns:
            raise UsageError(f"no column '{field}'{did_you_mean(field, columns)}", where=where)
    return [column for column in columns if column in set(fields)]
