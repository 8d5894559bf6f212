"""CSV, TSV and other delimited text files as a source.

Encoding, delimiter, quoting and the header row are detected, reported and can be overridden. Every
column is text; an empty field is null. Every physical line of a file ends in exactly one place:
the header, a row, a rejected row (code EXT1xx) or an excluded one (`title_row`, `empty_row`,
`repeated_header`). Memory stays bounded whatever the file holds.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
from pydantic import Field

from crmmigrate.adapters.batches import RESERVED, RowFate, choose_columns, slices, text_table
from crmmigrate.adapters.csv_blocks import Layout, read_block
from crmmigrate.adapters.csv_records import Dialect
from crmmigrate.adapters.dialect import NO_DELIMITER, SampleRecord, guess_dialect, sample_records
from crmmigrate.adapters.facts import tells
from crmmigrate.adapters.header import ColumnNames, find_header, is_blank, name_columns, usual_width
from crmmigrate.adapters.input_files import check_file, resolve_file
from crmmigrate.adapters.reader_options import (
    DatasetOptions,
    SourceOptions,
    check_dataset,
    check_options,
)
from crmmigrate.adapters.text_encoding import FileEncoding, find_encoding, given_encoding
from crmmigrate.adapters.text_lines import LineBlock, read_blocks
from crmmigrate.config.regions import load_region_book
from crmmigrate.errors import UsageError
from crmmigrate.model.catalog import Capabilities, Catalog, Column, Dataset

__all__ = ["CsvSource", "open_source"]

_SAMPLE = 256 * 1024
_WIDEST = 10_000
_SEP = re.compile(r"sep=([,;|\t:^~])", re.IGNORECASE)
_SUFFIXES = (".csv", ".tsv", ".tab", ".txt")


class CsvDataset(DatasetOptions):
    """Options of one file; what is not set is detected."""

    file: str | None = None
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1)
    quote: str | None = Field(default=None, max_length=1)
    escape: str | None = Field(default=None, max_length=1)
    header_row: int | None = Field(default=None, ge=1)
    no_header: bool = False


class CsvOptions(SourceOptions):
    """Options of the source; those of a dataset go before."""

    path: str = "."
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1)
    quote: str | None = Field(default=None, max_length=1)
    escape: str | None = Field(default=None, max_length=1)
    no_header: bool = False
    careful: bool = False
    datasets: dict[str, CsvDataset] = Field(default={})


@dataclass(frozen=True)
class CsvFile:
    """One file with everything that was found out about it.

    Attributes:
        path: The file.
        encoding: Its encoding.
        layout: Dialect, columns and header.
        preamble: Number of lines before the header.
        skipped: Number of lines before the first data line.
        renamed: Columns whose names had to be changed.
    """

    path: Path
    encoding: FileEncoding
    layout: Layout
    preamble: int
    skipped: int
    renamed: tuple[str, ...] = ()


@tells("delimited text: CSV, TSV, or any other separator")
def open_source(options: Mapping[str, object], root: Path) -> "CsvSource":
    """Open a folder of delimited text files, or one file.

    Raises:
        ConfigError: an option is unknown.
    """
    return CsvSource(check_options(options, CsvOptions), root)


class CsvSource:
    """A folder of delimited text files."""

    def __init__(self, options: CsvOptions, root: Path) -> None:
        self._options = options
        self._root = root
        self._files: dict[str, CsvFile] = {}
        self._datasets = options.datasets or _discover(root / options.path)

    @property
    def capabilities(self) -> Capabilities:
        """Files can be read."""
        return Capabilities()

    def describe(self) -> Catalog:
        """Return columns and detected facts of every file.

        Raises:
            UsageError: a file is missing, unreadable or empty.
        """
        return Catalog(tuple(self._describe(name) for name in self._datasets))

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a file; `since` is not known to files and gives all rows.

        Raises:
            UsageError: the dataset is unknown or its file cannot be read.
        """
        del since
        file = self._file(dataset)
        wanted = [*RESERVED, *choose_columns(file.layout.columns, fields, dataset)]
        for table in _tables(file):
            yield from slices(table.select(wanted))

    def _describe(self, name: str) -> Dataset:
        file = self._file(name)
        dialect = file.layout.dialect
        facts = {
            "encoding": f"{file.encoding.name} ({file.encoding.how})",
            "delimiter": "none" if dialect.delimiter == NO_DELIMITER else dialect.delimiter,
            "quote": dialect.quote,
            "escape": dialect.escape,
            "header_row": str(file.preamble + 1) if file.layout.header else "none",
            "renamed": "; ".join(file.renamed),
        }
        return Dataset(
            name,
            tuple(Column(column) for column in file.layout.columns),
            key=self._datasets[name].key,
            detected=tuple((fact, value) for fact, value in facts.items() if value),
        )

    def _file(self, name: str) -> CsvFile:
        check_dataset(name, self._datasets)
        if name not in self._files:
            self._files[name] = _inspect(self._options, self._datasets[name], self._root)
        return self._files[name]


def _discover(folder: Path) -> dict[str, CsvDataset]:
    """Take every text table of a folder as a dataset named by its file."""
    if not folder.is_dir():
        return {folder.stem: CsvDataset()}
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file())
    return {path.stem: CsvDataset(file=path.name) for path in files}


def _inspect(options: CsvOptions, dataset: CsvDataset, root: Path) -> CsvFile:
    path = check_file(resolve_file(root, options.path, dataset.file))
    encoding = _encoding(path, options, dataset)
    sample = next(iter(read_blocks(path, encoding.name, _SAMPLE)), None)
    where = str(path)
    if sample is None or not any(map(str.strip, sample.lines)):
        raise UsageError("the file is empty", where=where, hint="export it again")
    if sample.overlong:
        raise UsageError(
            "the first line has no end: this is no text table",
            where=where,
            hint="check the file, and `encoding` if it is a text table after all",
        )
    sample = replace(sample, final=True)
    dialect = _dialect(sample, options, dataset)
    return _lay_out(path, encoding, sample, dialect, options, dataset)


def _encoding(path: Path, options: CsvOptions, dataset: CsvDataset) -> FileEncoding:
    given = dataset.encoding or options.encoding
    if given:
        return given_encoding(path, given)
    candidates = load_region_book().get(options.region).encodings if options.region else ()
    return find_encoding(path, candidates)


def _dialect(sample: LineBlock, options: CsvOptions, dataset: CsvDataset) -> Dialect:
    def choose(name: str) -> str | None:
        own: str | None = getattr(dataset, name)
        return own if own is not None else getattr(options, name)

    delimiter = choose("delimiter") or _announced(sample.lines[0])
    if delimiter is not None:
        delimiter = {"\\t": "\t", "tab": "\t"}.get(delimiter, delimiter)
        if len(delimiter) != 1 or delimiter in "\r\n":
            raise UsageError(
                f"a delimiter is one sign, not {delimiter!r}", hint='e.g. ";" or "\\t" for tab'
            )
    return guess_dialect(
        sample,
        delimiter=delimiter,
        quote=choose("quote"),
        escape=choose("escape"),
    ).dialect


def _announced(line: str) -> str | None:
    """Return the delimiter that a spreadsheet program announces in a first line `sep=;`."""
    found = _SEP.fullmatch(line.strip('"'))
    return found.group(1) if found else None


def _lay_out(
    path: Path,
    encoding: FileEncoding,
    sample: LineBlock,
    dialect: Dialect,
    options: CsvOptions,
    dataset: CsvDataset,
) -> CsvFile:
    """Find the header row and name the columns."""
    records = sample_records(sample, dialect)
    cells = [record.cells for record in records]
    if dataset.no_header or options.no_header:
        names = name_columns([None] * usual_width(cells))
        layout = Layout(dialect, names.names, careful=options.careful)
        return CsvFile(path, encoding, layout, 0, 0)
    at = _header_at(records, dataset.header_row, str(path))
    line, lines = records[at].line, records[at].lines
    header = _without_blank_end(records[at].cells, cells[at + 1 :])
    if len(header) > _WIDEST:
        raise UsageError(
            f"the header has {len(header):,} columns: this is no table of records",
            where=f"{path}:{line + 1}",
            hint="check `delimiter` and `quote`",
        )
    names = _names(header, path, line)
    layout = Layout(dialect, names.names, tuple(header), careful=options.careful)
    return CsvFile(path, encoding, layout, line, line + lines, names.renamed)


def _header_at(records: Sequence[SampleRecord], given: int | None, where: str) -> int:
    """Return the index of the record with the column names."""
    index = find_header([record.cells for record in records])
    if given is not None:
        index = next((i for i, r in enumerate(records) if r.line < given <= r.line + r.lines), -1)
    if index < 0:
        raise UsageError(
            f"there is no line {given} to take the column names from",
            where=where,
            hint="header_row is the line number of the column names, from 1",
        )
    broken = [r.line + 1 for r in records[: index + 1] if r.problem and r.line + 1 >= (given or 0)]
    if broken:
        raise UsageError(
            "the column names cannot be read: a quote is not closed",
            where=f"{where}:{broken[0]}",
            hint="mend the line, or set header_row to the line of the column names, or quote",
        )
    return index


def _names(header: Sequence[str], path: Path, line: int) -> ColumnNames:
    if "\0" in "".join(header):
        raise UsageError(
            "the header holds NUL characters",
            where=f"{path}:{line + 1}",
            hint="the file is damaged or no text; export it again, or set `encoding`",
        )
    return name_columns([cell.encode("utf-8", "replace").decode() for cell in header])


def _without_blank_end(header: list[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Drop blank cells at the end of a header that no row fills."""
    width = len(header)
    while width > 1 and is_blank(header[width - 1]):
        width -= 1
    if any(not is_blank(cell) for row in rows for cell in row[width : len(header)]):
        return header
    return header[:width]


def _tables(file: CsvFile) -> Iterator[pa.Table]:
    """Yield the rows of a file a block at a time."""
    reader = read_blocks(file.path, file.encoding.name)
    for block in reader:
        start = min(max(file.skipped - (block.first - 1), 0), len(block.lines))
        above = [_above(block, i) for i in range(start) if block.first + i <= file.preamble]
        if above:
            yield text_table(file.layout.columns, above)
        table, end = read_block(block, start, file.layout)
        yield table
        if end < len(block.lines):
            reader.give_back(block, end)


def _above(block: LineBlock, index: int) -> RowFate:
    """Set a line above the header aside."""
    line = block.lines[index]
    rule = "title_row" if line.strip(" \t,;|\"'") else "empty_row"
    return RowFate(block.first + index, excluded=rule, text=_printable(line))


def _printable(line: str) -> str:
    return line.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
