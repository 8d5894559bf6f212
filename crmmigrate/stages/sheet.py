"""Write one sheet of an Excel workbook part by part, with what the format (ECMA-376) asks for.

Every cell is text or a number; nothing is a formula, whatever a value begins with.
"""

import re
from typing import BinaryIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl

from crmmigrate.errors import UsageError

__all__ = ["MOST_ROWS", "SheetWriter"]

MOST_ROWS = 1_048_575
"""Rows of a sheet below its header (Excel's specification)."""
_LONGEST = 32_767
"""Characters of a cell (Excel's specification)."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FILES = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="changes" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship '
    f'Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
_FROZEN = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)


class SheetWriter:
    """Write rows to a workbook with one sheet; the header stays in sight.

    Args:
        stream: Opened for writing; not closed here.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._zip = ZipFile(stream, "w", ZIP_DEFLATED, compresslevel=1)
        for name, content in _FILES.items():
            self._zip.writestr(name, _XML + content)
        self._sheet = self._zip.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}">{_FROZEN}<sheetData>'.encode())
        self._rows = 0
        self._begun = False

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows; the first call writes the header.

        Raises:
            UsageError: there are more rows than a sheet can hold.
        """
        self._rows += frame.height
        if self._rows > MOST_ROWS:
            raise UsageError(
                f"a sheet of Excel holds {MOST_ROWS:,} rows at most",
                hint="filter further, or write .csv or .parquet",
            )
        if not self._begun:
            self._write_row(frame.columns)
            self._begun = True
        for row in frame.iter_rows():
            self._write_row(row)

    def close(self) -> None:
        """Write the end of the sheet and the directory of the file."""
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._zip.close()

    def _write_row(self, row: tuple[object, ...] | list[str]) -> None:
        self._sheet.write(f"<row>{''.join(map(_cell, row))}</row>".encode("utf-8", "replace"))


def _cell(value: object) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"<c><v>{value!r}</v></c>"
    text = _UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", str(value))
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST - 1]}…"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
