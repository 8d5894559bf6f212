"""Excel and OpenDocument workbooks as a source; a dataset is a sheet.

Cells keep their meaning and become text: whole numbers without `.0`, dates and times in ISO 8601,
booleans `true` and `false`; an error cell holds the error's name (`#N/A`). Of merged cells only the first holds the value,
as in the file itself; how many ranges are merged is reported for `.xlsx`. A workbook is read as a
whole (a sheet has at most 1,048,576 rows), and given on in batches.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import fastexcel
import polars as pl
import pyarrow as pa
from pydantic import Field

from crmmigrate.adapters.batches import (
    RESERVED,
    RowFate,
    assemble,
    choose_columns,
    slices,
    text_table,
)
from crmmigrate.adapters.excel_cells import read_cells
from crmmigrate.adapters.facts import tells
from crmmigrate.adapters.header import find_header, is_blank, name_columns
from crmmigrate.adapters.input_files import check_file, resolve_file
from crmmigrate.adapters.reader_options import (
    DatasetOptions,
    SourceOptions,
    check_dataset,
    check_options,
)
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.catalog import Capabilities, Catalog, Column, Dataset

__all__ = ["ExcelSource", "open_source"]

_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"
_NO_DAY = r"^1899-12-3[01] (\d{2}:\d{2}:\d{2})(\.\d+)?$"
_MOMENT = r"^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.0+)?(\.\d+)?$"


class SheetOptions(DatasetOptions):
    """Options of one sheet; the first sheet if none is named."""

    file: str | None = None
    sheet: str | int | None = None
    header_row: int | None = Field(default=None, ge=1)
    no_header: bool = False


class ExcelOptions(SourceOptions):
    """Options of a workbook, or of a folder of workbooks."""

    path: str = "."
    datasets: dict[str, SheetOptions] = Field(default={})


@dataclass(frozen=True)
class Sheet:
    """One sheet as text, with its header found.

    Attributes:
        cells: Rows of the sheet from row 1; columns `0`, `1`, ….
        header: Index of the header row; -1 if there is none.
        columns: Unique names.
        detected: Facts to report.
    """

    cells: pl.DataFrame
    header: int
    columns: tuple[str, ...]
    detected: tuple[tuple[str, str], ...]


@tells("workbooks: Excel (xlsx, xlsm, xlsb, xls) and OpenDocument (ods)")
def open_source(options: Mapping[str, object], root: Path) -> "ExcelSource":
    """Open a workbook or a folder of workbooks.

    Raises:
        ConfigError: an option is unknown.
    """
    return ExcelSource(check_options(options, ExcelOptions), root)


class ExcelSource:
    """Sheets of one or several workbooks."""

    def __init__(self, options: ExcelOptions, root: Path) -> None:
        self._options = options
        self._root = root
        self._sheets: dict[str, Sheet] = {}

    @property
    def capabilities(self) -> Capabilities:
        """Workbooks can be read."""
        return Capabilities()

    @cached_property
    def _datasets(self) -> Mapping[str, SheetOptions]:
        if self._options.datasets:
            return self._options.datasets
        names = _open_workbook(self._root / self._options.path).sheet_names
        return {name: SheetOptions(sheet=name) for name in names}

    def describe(self) -> Catalog:
        """Return columns and detected facts of every sheet.

        Raises:
            UsageError: a workbook is missing, damaged or protected, or a sheet is not there.
        """
        return Catalog(tuple(self._describe(name) for name in self._datasets))

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a sheet; `since` is not known to files and gives all rows.

        Raises:
            UsageError: the dataset is unknown or its sheet cannot be read.
        """
        del since
        sheet = self._sheet(dataset)
        wanted = [*RESERVED, *choose_columns(sheet.columns, fields, dataset)]
        yield from slices(_table(sheet).select(wanted))

    def _describe(self, name: str) -> Dataset:
        sheet = self._sheet(name)
        columns = tuple(Column(column) for column in sheet.columns)
        rows = sheet.cells.height - sheet.header - 1
        return Dataset(name, columns, self._datasets[name].key, rows, sheet.detected)

    def _sheet(self, name: str) -> Sheet:
        check_dataset(name, self._datasets)
        if name not in self._sheets:
            options = self._datasets[name]
            path = resolve_file(self._root, self._options.path, options.file)
            self._sheets[name] = _load(path, options)
        return self._sheets[name]


def _open_workbook(path: Path) -> fastexcel.ExcelReader:
    check_file(path)
    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError as exc:
        message = str(exc)
    if "password" in message.lower() or _is_encrypted(path):
        raise UsageError(
            "the workbook is protected by a password",
            where=str(path),
            hint="open it in the spreadsheet program and save it without a password",
        )
    raise UsageError(
        "this is no workbook that can be read, or it is damaged",
        where=str(path),
        causes=[message.split("\n", 1)[0]],
        hint="open it in a spreadsheet program and save it anew as .xlsx",
    )


def _is_encrypted(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(65536)
    return head.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in head


def _load(path: Path, options: SheetOptions) -> Sheet:
    workbook = _open_workbook(path)
    name = _sheet_name(workbook, options, path)
    where = f"{path}: sheet '{name}'"
    try:
        cells = read_cells(workbook, name)
    except fastexcel.FastExcelError as exc:
        raise UsageError(
            "the sheet cannot be read", where=where, causes=[str(exc).split("\n", 1)[0]]
        ) from None
    if cells.height == 0:
        raise UsageError("the sheet is empty", where=where, hint="name another sheet")
    cells = cells.select(_in_iso(pl.col(str(i))) for i in range(cells.width))
    return _find_columns(cells, options, path, name)


def _find_columns(cells: pl.DataFrame, options: SheetOptions, path: Path, name: str) -> Sheet:
    """Find the header, name the columns and drop those that are wholly blank."""
    header = -1
    if options.header_row is not None:
        header = options.header_row - 1
        if header >= cells.height:
            raise UsageError(
                f"the sheet has {cells.height} rows; there is no row {options.header_row}",
                where=f"{path}: sheet '{name}'",
                hint="header_row is the number of the row with the column names, from 1",
            )
    elif not options.no_header:
        header = find_header(cells.head(50).rows())
    labels = cells.row(header) if header >= 0 else (None,) * cells.width
    below = cells.slice(header + 1)
    kept = [
        i
        for i in range(cells.width)
        if not is_blank(labels[i]) or not below[str(i)].str.strip_chars().fill_null("").eq("").all()
    ]
    names = name_columns([labels[i] for i in kept])
    facts = {
        "sheet": name,
        "header_row": str(header + 1) if header >= 0 else "none",
        "renamed": "; ".join(names.renamed),
        "merged_ranges": _count_merged(path, name),
    }
    detected = tuple((fact, value) for fact, value in facts.items() if value)
    return Sheet(cells.select(str(i) for i in kept), header, names.names, detected)


def _sheet_name(workbook: fastexcel.ExcelReader, options: SheetOptions, path: Path) -> str:
    names = list(workbook.sheet_names)
    wanted = options.sheet
    if wanted is None:
        return names[0]
    if isinstance(wanted, int):
        if 1 <= wanted <= len(names):
            return names[wanted - 1]
        raise UsageError(
            f"there is no sheet {wanted}; the workbook has {len(names)}", where=str(path)
        )
    if wanted in names:
        return wanted
    if wanted.isdigit() and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    raise UsageError(f"no sheet '{wanted}'{did_you_mean(wanted, names)}", where=str(path))


def _in_iso(cell: pl.Expr) -> pl.Expr:
    """Write dates without a time, times without a date, and both with a T between."""
    dated = cell.str.contains(_MOMENT)
    iso = (
        cell.str.replace(_NO_DAY, "$1")
        .str.replace(_MIDNIGHT, "$1")
        .str.replace(_MOMENT, "${1}T$2$3")
    )
    return pl.when(dated).then(iso).otherwise(cell)


def _table(sheet: Sheet) -> pa.Table:
    """Return all rows of a sheet except the header, each with its sheet row."""
    cells = sheet.cells.rename(dict(zip(sheet.cells.columns, sheet.columns, strict=True)))
    cells = cells.with_columns(
        pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name)) for name in sheet.columns
    ).with_row_index("_sheet_row", offset=1)
    labels = sheet.cells.row(sheet.header) if sheet.header >= 0 else ()
    repeated = pl.all_horizontal(
        pl.lit(bool(labels)),
        *(pl.col(n).eq_missing(pl.lit(v)) for n, v in zip(sheet.columns, labels, strict=False)),
    )
    blank = pl.all_horizontal(pl.col(name).is_null() for name in sheet.columns)
    row = pl.col("_sheet_row")
    fate = (
        pl.when(blank)
        .then(pl.lit("empty_row"))
        .when(row <= sheet.header)
        .then(pl.lit("title_row"))
        .when(repeated)
        .then(pl.lit("repeated_header"))
    )
    cells = cells.with_columns(fate.alias("_fate")).filter(row != sheet.header + 1)
    return _put_together(cells, sheet.columns)


def _put_together(cells: pl.DataFrame, columns: Sequence[str]) -> pa.Table:
    aside = cells.filter(pl.col("_fate").is_not_null())
    good = cells.filter(pl.col("_fate").is_null())
    fates = [
        RowFate(row, excluded=fate, text="\t".join(value or "" for value in values).rstrip("\t"))
        for row, *values, fate in aside.select("_sheet_row", *columns, "_fate").iter_rows()
    ]
    data = good.select(columns).to_arrow()
    schema = pa.schema([(name, pa.string()) for name in columns])
    read = assemble(good["_sheet_row"].to_arrow(), data.cast(schema))
    table = pa.concat_tables([read, text_table(columns, fates)])
    return table.sort_by("_row")


def _count_merged(path: Path, sheet: str) -> str:
    """Return how many ranges of an .xlsx sheet are merged, as text; '' if none or not known."""
    if not zipfile.is_zipfile(path):
        return ""
    try:
        with zipfile.ZipFile(path) as archive:
            part = _sheet_part(archive, sheet)
            with archive.open(part) as stream:
                tail = b""
                while chunk := stream.read(1 << 20):
                    found = re.search(rb"<mergeCells[^>]*count=\"(\d+)\"", tail + chunk)
                    if found:
                        return found.group(1).decode()
                    tail = chunk[-200:]
    except (KeyError, OSError, zipfile.BadZipFile, ValueError):
        return ""
    return ""


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the path of a sheet inside the archive; KeyError if there is none."""
    from xml.sax.saxutils import unescape

    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    for tag in re.findall(r"<sheet\b[^>]*>", book):
        name = re.search(r'\bname="([^"]*)"', tag)
        link = re.search(r'\br:id="([^"]*)"', tag)
        if name and link and unescape(name.group(1), {"&quot;": '"'}) == sheet:
            for relation in re.findall(r"<Relationship\b[^>]*>", links):
                target = re.search(r'\bTarget="([^"]*)"', relation)
                if f'Id="{link.group(1)}"' in relation and target:
                    return "xl/" + target.group(1).removeprefix("/xl/")
    raise KeyError(sheet)
