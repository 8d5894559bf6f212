"""Blocks of lines to tables: a vectorised path for plain lines, a careful one for the rest.

A line is plain if a regular expression proves that it is one record of the right width. What is
proven goes through arrow's CSV reader at once; every other line is read by `csv_records`.
Both give the same rows, which a property test holds.
"""

from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from crmmigrate.adapters import text_lines
from crmmigrate.adapters.base import ROW
from crmmigrate.adapters.batches import RowFate, assemble, kept_text, text_table
from crmmigrate.adapters.csv_records import Dialect, Record, fitting, split_fields, take_record
from crmmigrate.adapters.header import is_blank
from crmmigrate.adapters.text_lines import LineBlock, has_undecodable, show_undecodable

__all__ = ["Layout", "read_block"]


@dataclass(frozen=True)
class Layout:
    """How the rows of one file are to be read.

    Attributes:
        dialect: How fields are told apart.
        columns: Unique names.
        header: Cells of the header row as they stand in the file; empty if there is none.
        careful: Never take the fast path.
    """

    dialect: Dialect
    columns: tuple[str, ...]
    header: tuple[str, ...] = ()
    careful: bool = False

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.columns)


def read_block(block: LineBlock, start: int, layout: Layout) -> tuple[pa.Table, int]:
    """Read the records of a block from line index `start` on.

    Returns:
        The rows in file order, and the index of the first line that needs more lines to be read
        (the number of lines if none does).
    """
    if block.overlong:
        fate = RowFate(block.first, rejected="EXT107", text=_shown(block.lines[0]))
        return text_table(layout.columns, [fate]), 1
    plain = [False] * len(block.lines) if layout.careful else _plain_lines(block, layout)
    repeated = _repeated_headers(block, plain, layout)
    for index in repeated:
        plain[index] = False
    fates, end = _read_with_care(block, start, plain, layout)
    chosen = [i for i in range(start, end) if plain[i]]
    if not chosen:
        return text_table(layout.columns, fates), end
    table = _read_plain(block, chosen, layout)
    if fates:
        table = pa.concat_tables([table, text_table(layout.columns, fates)])
        table = table.take(pc.sort_indices(table[ROW]))
    return table, end


def _read_with_care(
    block: LineBlock, start: int, plain: list[bool], layout: Layout
) -> tuple[list[RowFate], int]:
    """Read what is not plain; lines that belong to a record over several are no longer plain."""
    fates: list[RowFate] = []
    index = start
    while index < len(block.lines):
        if plain[index]:
            index = _next_false(plain, index)
            continue
        record = take_record(block, index, layout.dialect, layout.width)
        if record is None:
            return fates, index
        fates.append(_fate(record, block.first + index, layout))
        plain[index : index + record.lines] = [False] * record.lines
        index += record.lines
    return fates, len(block.lines)


def _next_false(plain: list[bool], index: int) -> int:
    try:
        return plain.index(False, index)
    except ValueError:
        return len(plain)


def _fate(record: Record, row: int, layout: Layout) -> RowFate:
    """Decide what becomes of one record."""
    problem = _problem(record)
    if problem is None and all(is_blank(cell) for cell in record.cells):
        return RowFate(row, excluded="empty_row", text=_shown(record.text))
    cells = None if problem else fitting(record.cells, layout.width)
    if cells is None:
        ragged = "EXT101" if len(record.cells) < layout.width else "EXT102"
        return RowFate(row, rejected=problem or ragged, text=_shown(record.text))
    if layout.header and tuple(cells) == layout.header:
        return RowFate(row, excluded="repeated_header", text=_shown(record.text))
    return RowFate(row, cells=[cell or None for cell in cells])


def _problem(record: Record) -> str | None:
    if len(record.text) > text_lines.MAX_RECORD:
        return "EXT107"
    if has_undecodable(record.text):
        return "EXT105"
    return record.problem


def _shown(text: str) -> str:
    """Return a text that can be stored: no NUL, no undecodable byte, not endless."""
    return show_undecodable(kept_text(text)).replace("\0", "\\x00")


def _plain_lines(block: LineBlock, layout: Layout) -> list[bool]:
    """Tell for each line whether it is proven to be one record of the right width."""
    dialect, width = layout.dialect, layout.width
    if not dialect.delimiter.isascii() or not dialect.quote.isascii():
        return [False] * len(block.lines)
    damaged = any(map(has_undecodable, block.lines))
    lines = [("" if has_undecodable(t) else t) for t in block.lines] if damaged else block.lines
    text = pl.Series("line", lines, dtype=pl.String)
    signs = dialect.delimiter + dialect.quote
    blank = "^[\\s\\x1c-\\x1f" + "".join(f"\\x{ord(sign):02x}" for sign in signs) + "]*$"
    line = pl.col("line")
    even = line.str.count_matches(dialect.delimiter, literal=True) == width - 1
    if dialect.quote:
        quotes = line.str.contains(dialect.quote, literal=True)
        even = pl.when(quotes).then(line.str.contains(dialect.pattern(width))).otherwise(even)
    doubtful = line.str.contains(blank) | line.str.contains("\0", literal=True)
    doubtful |= line.str.starts_with("\ufeff") | (line.str.len_bytes() > text_lines.MAX_RECORD)
    if dialect.escape:
        doubtful |= line.str.contains(dialect.escape, literal=True)
    plain = text.to_frame().select(even & ~doubtful).to_series()
    return plain.to_list()


def _repeated_headers(block: LineBlock, plain: list[bool], layout: Layout) -> list[int]:
    """Return the plain lines that say the header once more."""
    if not layout.header or not any(plain):
        return []
    quote = layout.dialect.quote
    needle = max(layout.header, key=len)
    shortest = sum(map(len, layout.header)) + layout.width - 1
    longest = 2 * shortest + 2 * layout.width
    return [
        index
        for index, line in enumerate(block.lines)
        if shortest <= len(line) <= longest
        and plain[index]
        and (needle in line or (quote and quote in needle))
        and tuple(split_fields(line, layout.dialect)[0]) == layout.header
    ]


def _read_plain(block: LineBlock, chosen: list[int], layout: Layout) -> pa.Table:
    """Read proven lines with arrow's reader."""
    whole = len(chosen) == len(block.lines)
    lines = block.lines if whole else [block.lines[i] for i in chosen]
    data = "\n".join(lines).encode()
    names = [str(i) for i in range(layout.width)]
    table = csv.read_csv(
        pa.py_buffer(data),
        read_options=csv.ReadOptions(column_names=names, block_size=len(data) + 1),
        parse_options=csv.ParseOptions(
            delimiter=layout.dialect.delimiter,
            quote_char=layout.dialect.quote or False,
            newlines_in_values=False,
            ignore_empty_lines=False,
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            check_utf8=False,
        ),
    )
    table = table.rename_columns(list(layout.columns))
    if whole:
        rows = pa.array(range(block.first, block.first + len(chosen)), pa.int64())
    else:
        rows = pc.add(pa.array(chosen, pa.int64()), block.first)
    return assemble(rows, table)
