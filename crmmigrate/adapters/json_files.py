"""JSON and JSON Lines files as a source.

Every column is text: numbers as they are spelt in the file, `true` and `false`, null as null.
Nested objects become columns with dotted names, lists stay as JSON text. A file of one JSON
document is walked record by record; `records_path` names the list that holds them (`data.items`).
In JSON Lines a line that is no object is rejected with its number and text, in a document the
record is; a document that is damaged in the middle cannot be read beyond, which is an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pydantic import Field

from crmmigrate.adapters.batches import (
    BATCH_ROWS,
    RESERVED,
    RowFate,
    choose_columns,
    kept_text,
    text_table,
)
from crmmigrate.adapters.facts import tells
from crmmigrate.adapters.header import name_columns
from crmmigrate.adapters.input_files import check_file, resolve_file
from crmmigrate.adapters.json_cursor import JsonCursor, JsonError, NumberText, decode, json_text
from crmmigrate.adapters.reader_options import (
    DatasetOptions,
    SourceOptions,
    check_dataset,
    check_options,
)
from crmmigrate.adapters.text_encoding import find_encoding, given_encoding
from crmmigrate.adapters.text_lines import (
    UNDECODABLE,
    has_undecodable,
    read_blocks,
    show_undecodable,
)
from crmmigrate.errors import UsageError
from crmmigrate.model.catalog import Capabilities, Catalog, Column, Dataset

__all__ = ["JsonSource", "open_source"]

_LINE_SUFFIXES = {".jsonl", ".ndjson"}
_MOST_COLUMNS = 5_000
_PART_CELLS = 2_000_000


class JsonDataset(DatasetOptions):
    """Options of one file."""

    file: str | None = None
    records_path: str | None = None
    encoding: str | None = None


class JsonOptions(SourceOptions):
    """Options of the source."""

    path: str = "."
    encoding: str | None = None
    datasets: dict[str, JsonDataset] = Field(default={})


@dataclass(frozen=True)
class JsonFile:
    """One file with its columns (flattened name → unique name)."""

    path: Path
    encoding: str
    lines: bool
    records_path: tuple[str, ...]
    columns: Mapping[str, str]
    rows: int


@dataclass(frozen=True, slots=True)
class _Read:
    """One record: its row number, the flat cells, or why it is rejected."""

    row: int
    cells: Mapping[str, str | None] | None = None
    code: str | None = None
    text: str = ""
    excluded: str | None = None


@tells("JSON, JSON Lines and NDJSON")
def open_source(options: Mapping[str, object], root: Path) -> "JsonSource":
    """Open a folder of JSON files, or one file.

    Raises:
        ConfigError: an option is unknown.
    """
    return JsonSource(check_options(options, JsonOptions), root)


class JsonSource:
    """A folder of JSON or JSON Lines files."""

    def __init__(self, options: JsonOptions, root: Path) -> None:
        self._options = options
        self._root = root
        self._files: dict[str, JsonFile] = {}
        self._datasets = options.datasets or _discover(root / options.path)

    @property
    def capabilities(self) -> Capabilities:
        """Files can be read."""
        return Capabilities()

    def describe(self) -> Catalog:
        """Return the columns of every file; each is walked once for that.

        Raises:
            UsageError: a file is missing, unreadable, empty or damaged.
        """
        return Catalog(tuple(self._describe(name) for name in self._datasets))

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the records of a file; `since` is not known to files and gives all of them.

        Raises:
            UsageError: the dataset is unknown or its file cannot be read.
        """
        del since
        file = self._file(dataset)
        columns = list(file.columns.values())
        wanted = [*RESERVED, *choose_columns(columns, fields, dataset)]
        most = max(1, min(BATCH_ROWS, _PART_CELLS // max(len(columns), 1)))
        rows: list[RowFate] = []
        for record in _records(file.path, file.encoding, file.records_path, lines=file.lines):
            rows.append(_fate(record, file.columns))
            if len(rows) >= most:
                yield from text_table(columns, rows).select(wanted).combine_chunks().to_batches()
                rows = []
        if rows:
            yield from text_table(columns, rows).select(wanted).combine_chunks().to_batches()

    def _describe(self, name: str) -> Dataset:
        file = self._file(name)
        facts = {
            "format": "JSON Lines" if file.lines else "JSON",
            "encoding": file.encoding,
            "renamed": "; ".join(
                f"{old} → {new}" for old, new in file.columns.items() if old != new
            ),
        }
        return Dataset(
            name,
            tuple(Column(column) for column in file.columns.values()),
            self._datasets[name].key,
            file.rows,
            tuple((fact, value) for fact, value in facts.items() if value),
        )

    def _file(self, name: str) -> JsonFile:
        check_dataset(name, self._datasets)
        if name not in self._files:
            self._files[name] = _inspect(self._options, self._datasets[name], self._root)
        return self._files[name]


def _discover(folder: Path) -> dict[str, JsonDataset]:
    if not folder.is_dir():
        return {folder.stem: JsonDataset()}
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in {".json", *_LINE_SUFFIXES})
    return {path.stem: JsonDataset(file=path.name) for path in files}


def _inspect(options: JsonOptions, dataset: JsonDataset, root: Path) -> JsonFile:
    path = check_file(resolve_file(root, options.path, dataset.file))
    given = dataset.encoding or options.encoding
    encoding = given_encoding(path, given).name if given else _unicode(path)
    steps = tuple(dataset.records_path.split(".")) if dataset.records_path else ()
    lines = not steps and _is_lines(path, encoding)
    names: dict[str, None] = {}
    rows = 0
    for record in _records(path, encoding, steps, lines=lines):
        rows += 1
        names.update(dict.fromkeys(record.cells or ()))
        if len(names) > _MOST_COLUMNS:
            raise UsageError(
                f"more than {_MOST_COLUMNS:,} different names: this is no list of records",
                where=str(path),
                hint="set records_path to the list that holds the records",
            )
    unique = name_columns(list(names)).names
    return JsonFile(path, encoding, lines, steps, dict(zip(names, unique, strict=True)), rows)


def _unicode(path: Path) -> str:
    """Return the encoding; JSON is Unicode by its standard, so no code page is guessed."""
    found = find_encoding(path).name
    return found if found.startswith("utf") else "utf-8"


def _is_lines(path: Path, encoding: str) -> bool:
    """Tell JSON Lines from one document: by suffix, or by a first line that is whole."""
    if path.suffix.lower() in _LINE_SUFFIXES:
        return True
    for block in read_blocks(path, encoding, 1 << 16):
        filled = [line for line in block.lines if line.strip()]
        if len(filled) > 1 and filled[0].lstrip().startswith("{"):
            try:
                decode(filled[0])
            except (ValueError, RecursionError):
                return False
            return filled[1].lstrip().startswith("{")
        return False
    return False


def _records(path: Path, encoding: str, steps: Sequence[str], *, lines: bool) -> Iterator[_Read]:
    return _lines(path, encoding) if lines else _document(path, encoding, steps)


def _lines(path: Path, encoding: str) -> Iterator[_Read]:
    """Read JSON Lines; a line that cannot be read does not stop the next."""
    seen = False
    for block in read_blocks(path, encoding):
        for row, line in enumerate(block.lines, block.first):
            seen = True
            if block.overlong:
                yield _Read(row, code="EXT107", text=line)
            elif not line.strip():
                yield _Read(row, excluded="empty_row", text=line)
            elif has_undecodable(line):
                yield _Read(row, code="EXT105", text=line)
            else:
                yield _one(row, line)
    if not seen:
        raise UsageError("the file is empty", where=str(path), hint="export it again")


def _one(row: int, line: str) -> _Read:
    try:
        value = decode(line)
    except (ValueError, RecursionError):
        return _Read(row, code="EXT108", text=line)
    return _read(row, value, line)


def _read(row: int, value: object, text: str = "") -> _Read:
    if not isinstance(value, dict):
        return _Read(row, code="EXT109", text=text or json_text(value))
    cells: dict[str, str | None] = {}
    _flatten(value, "", cells)
    if any("\0" in (cell or "") for cell in cells.values()):
        return _Read(row, code="EXT106", text=text or json_text(value))
    return _Read(row, cells)


def _flatten(value: Mapping[str, object], prefix: str, cells: dict[str, str | None]) -> None:
    for name, inner in value.items():
        path = f"{prefix}{name}"
        if isinstance(inner, dict) and inner:
            _flatten(inner, f"{path}.", cells)
        elif cells.get(path) is None:
            cells[path] = _cell(inner)


def _cell(value: object) -> str | None:
    if value is None or value in ("", {}, []):
        return None
    if isinstance(value, str) and not isinstance(value, NumberText):
        return value.encode("utf-8", "backslashreplace").decode()
    return json_text(value)


def _fate(record: _Read, columns: Mapping[str, str]) -> RowFate:
    if record.cells is None:
        text = show_undecodable(kept_text(record.text)).replace("\0", "\\x00")
        return RowFate(record.row, rejected=record.code, excluded=record.excluded, text=text)
    return RowFate(record.row, cells=[record.cells.get(name) for name in columns])


def _document(path: Path, encoding: str, steps: Sequence[str]) -> Iterator[_Read]:
    """Walk one document and yield the records of the list."""
    with path.open(encoding=encoding, errors=UNDECODABLE) as stream, _damage_of(path):
        cursor = JsonCursor(stream)
        if not cursor.peek():
            raise UsageError("the file is empty", where=str(path), hint="export it again")
        found = _descend(cursor, steps, path)
        for row, value in enumerate(_list_items(cursor, path, found), 1):
            text = json_text(value)
            damaged = has_undecodable(text)
            yield _Read(row, code="EXT105", text=text) if damaged else _read(row, value)


def _descend(cursor: JsonCursor, steps: Sequence[str], path: Path) -> str:
    """Go to the value behind `records_path`; return its dotted path."""
    for step in steps:
        known: list[str] = []
        cursor.take("{")
        while cursor.peek() != "}":
            name = cursor.value()
            cursor.take(":")
            if name == step:
                break
            known.append(str(name))
            cursor.value()
            if cursor.peek() == ",":
                cursor.take(",")
        else:
            raise UsageError(
                f"no '{step}' on the way to the records",
                where=str(path),
                hint=f"names there are: {', '.join(known[:10]) or 'none'}",
            )
    return ".".join(steps)


def _list_items(cursor: JsonCursor, path: Path, found: str) -> Iterator[object]:
    if cursor.peek() == "{" and not found:
        value = cursor.value()
        lists = [name for name, inner in value.items() if isinstance(inner, list) and inner]
        if lists:
            raise UsageError(
                "the document is an object that holds lists, not a list of records",
                where=str(path),
                hint=f"set records_path, e.g. records_path: {lists[0]}",
            )
        yield value
        return
    cursor.take("[")
    while cursor.peek() != "]":
        yield cursor.value()
        if cursor.peek() != "]":
            cursor.take(",")


@contextmanager
def _damage_of(path: Path) -> Iterator[None]:
    """Turn damage into one error with the line."""
    try:
        yield
    except JsonError as exc:
        raise UsageError(
            f"not valid JSON: {exc.args[0]}",
            where=f"{path}: character {exc.position + 1}",
            hint="export the file again; what stands behind this place cannot be read",
        ) from None
