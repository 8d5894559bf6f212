"""Cells of a sheet as text: errors by their names, and numbers whose digits a float has lost."""

import re
from collections.abc import Iterator

import fastexcel
import polars as pl

__all__ = ["read_cells"]

_ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
"""What the reader calls the errors of formulas → what spreadsheets show."""
_ERROR = re.compile(r"'Error\((\w+)\)'")
_NUMBER = re.compile(r"'(?:Float|Int)\(")
_LONG = r"^-?\d{16,}$"
_EXACT = 2**53
"""Beyond it a float has no room for every whole number."""


def read_cells(workbook: fastexcel.ExcelReader, name: str) -> pl.DataFrame:
    """Return all rows of a sheet as text; columns `0`, `1`, ….

    An error is written as the spreadsheet shows it. A whole number beyond 2**53 is written with an
    exponent, as the spreadsheet does: its last digits are lost, and must not look as if they were not.

    Raises:
        fastexcel.FastExcelError: the sheet cannot be read.
    """
    sheet = workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    batch, errors = sheet.to_arrow_with_errors()
    loaded = pl.from_arrow(batch)
    if not isinstance(loaded, pl.DataFrame):
        return pl.DataFrame()
    cells = loaded.rename({old: str(at) for at, old in enumerate(loaded.columns)})
    for (row, column), detail in _positions(errors):
        found = _ERROR.search(detail)
        if found:
            cells[row, str(column)] = _ERRORS.get(found[1], f"#{found[1].upper()}!")
    return _without_lost_digits(workbook, name, cells)


def _positions(errors: fastexcel.CellErrors | None) -> Iterator[tuple[tuple[int, int], str]]:
    for error in errors.errors if errors else ():
        yield error.position, error.detail


def _without_lost_digits(
    workbook: fastexcel.ExcelReader, name: str, cells: pl.DataFrame
) -> pl.DataFrame:
    """Write numbers beyond 2**53 with an exponent; digits that are text stay.

    The reader tells text from numbers only where a cell is neither: no day is so late.
    """
    long = [int(c) for c in cells.columns if cells[c].str.contains(_LONG).any()]
    if not long:
        return cells
    sheet = workbook.load_sheet(
        name, header_row=None, skip_rows=0, dtypes=dict.fromkeys(long, "datetime")
    )
    for (row, column), detail in _positions(sheet.to_arrow_with_errors()[1]):
        text = cells[row, str(column)] if column in long else None
        if text and _NUMBER.search(detail) and re.match(_LONG, text) and abs(int(text)) > _EXACT:
            cells[row, str(column)] = f"{int(text):.14E}"
    return cells
