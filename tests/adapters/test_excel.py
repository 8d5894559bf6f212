"""Workbooks: headers, cell kinds, blank rows, damage and protection."""

import datetime as dt

import polars as pl
import pytest
import xlsxwriter
from openpyxl import Workbook

from crmmigrate.adapters.batches import RESERVED
from crmmigrate.adapters.registry import open_file, open_source
from crmmigrate.errors import UsageError

DAY = dt.datetime(2024, 3, 1)  # noqa: DTZ001 - a spreadsheet knows no zone
MOMENT = dt.datetime(2024, 3, 1, 13, 5)  # noqa: DTZ001


@pytest.fixture
def workbook(tmp_path):
    path = tmp_path / "leads.xlsx"
    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    clock = book.add_format({"num_format": "hh:mm"})
    sheet = book.add_worksheet("Leads")
    sheet.merge_range(0, 0, 0, 3, "Trade fair 2024")
    sheet.write_row(3, 0, ["No", "Name", "Phone", "Since", "Met", "At", "VIP", "Sum"])
    sheet.write_row(4, 0, [1, "Ion", 40721234567])
    sheet.write_datetime(4, 3, DAY, day)
    sheet.write_datetime(4, 4, MOMENT, moment)
    sheet.write_datetime(4, 5, dt.time(13, 5), clock)
    sheet.write_boolean(4, 6, True)
    sheet.write_number(4, 7, 1.5)
    sheet.write_row(6, 0, ["A-2", "  ", "0722"])
    sheet.write_row(7, 0, ["No", "Name", "Phone", "Since", "Met", "At", "VIP", "Sum"])
    sheet.write_row(8, 0, ["TOTAL"])
    book.add_worksheet("Empty")
    other = book.add_worksheet("Other")
    other.write_row(0, 0, ["x", "y"])
    book.close()
    return path


def test_cells_keep_their_meaning(workbook, read_all):
    source = open_file(workbook)
    frame = read_all(source)
    good = frame.filter(pl.col("_excluded").is_null())
    assert good["_row"].to_list() == [5, 7, 9]
    first = good.drop(RESERVED).row(0)
    assert first == (
        "1",
        "Ion",
        "40721234567",
        "2024-03-01",
        "2024-03-01T13:05:00",
        "13:05:00",
        "true",
        "1.5",
    )
    assert good.drop(RESERVED).row(1)[:3] == ("A-2", None, "0722")
    fates = dict(frame.filter(pl.col("_excluded").is_not_null()).select("_row", "_excluded").rows())
    assert fates == {
        1: "title_row",
        2: "empty_row",
        3: "empty_row",
        6: "empty_row",
        8: "repeated_header",
    }
    facts = dict(source.describe().datasets[0].detected)
    assert facts == {"sheet": "Leads", "header_row": "4", "merged_ranges": "1"}


def test_sheet_by_name_number_and_given_header(workbook, read_all):
    assert open_file(workbook, sheet="Other").describe().datasets[0].columns[0].name == "x"
    assert open_file(workbook, sheet="3").describe().datasets[0].columns[0].name == "x"
    frame = read_all(open_file(workbook, header_row=5))
    assert "40721234567" in frame.columns
    with pytest.raises(UsageError, match="did you mean 'Leads'"):
        open_file(workbook, sheet="Laeds").describe()
    with pytest.raises(UsageError, match="there is no row 99"):
        open_file(workbook, header_row=99).describe()
    with pytest.raises(UsageError, match="sheet is empty"):
        open_file(workbook, sheet="Empty").describe()


def test_header_only_sheet_has_no_rows(workbook, read_all):
    frame = read_all(open_file(workbook, sheet="Other"))
    assert frame.height == 0


def test_all_sheets_are_discovered(workbook, tmp_path):
    source = open_source(
        {"adapter": "excel", "path": "leads.xlsx", "datasets": {"o": {"sheet": "Other"}}}, tmp_path
    )
    assert [d.name for d in source.describe().datasets] == ["o"]


def test_ods(tmp_path, read_all):
    path = tmp_path / "a.ods"
    write_ods(path, [["id", "name"], ["1", "Ștefan"]])
    assert read_all(open_file(path)).drop(RESERVED).rows() == [("1", "Ștefan")]


def write_ods(path, rows):
    import zipfile

    table = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>'
            for c in row
        )
        + "</table:table-row>"
        for row in rows
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body>'
        f'<office:spreadsheet><table:table table:name="S">{table}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", content)


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 nonsense", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nonsense"]
)
def test_damaged_workbook(write_file, content):
    with pytest.raises(UsageError, match="damaged") as caught:
        open_file(write_file("a.xlsx", content)).describe()
    assert caught.value.hint


def test_protected_workbook(write_file):
    content = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 600
        + "EncryptedPackage".encode("utf-16-le")
        + b"\0" * 600
    )
    with pytest.raises(UsageError, match="password"):
        open_file(write_file("a.xlsx", content)).describe()


def test_truncated_workbook(workbook, write_file):
    whole = workbook.read_bytes()
    with pytest.raises(UsageError, match=r"damaged|cannot be read"):
        open_file(write_file("cut.xlsx", whole[: len(whole) // 2])).describe()


def test_same_rows_as_openpyxl_writes(tmp_path, read_all):
    path = tmp_path / "o.xlsx"
    book = Workbook()
    book.active.append(["id", "id", None, "note"])
    book.active.append([1, 2.25, None, "x\ny"])
    book.active.append([None, None, None, None])
    book.active.append([3, -4, "z", "=A2"])
    book.save(path)
    frame = read_all(open_file(path))
    assert frame.columns[4:] == ["id", "id_2", "column_3", "note"]
    assert frame.filter(pl.col("_row") == 2).drop(RESERVED).row(0) == ("1", "2.25", None, "x\ny")


def test_errors_and_lost_digits_are_told(tmp_path, read_all):
    book = Workbook()
    book.active.append(["id", "number", "text"])
    book.active.append([1, 12345678901234567890, "12345678901234567890"])
    book.active.append([2, "#N/A", "n/a"])
    book.active.append([3, "#DIV/0!", "9007199254740993"])
    book.active.append([4, 9007199254740991, "x"])
    path = tmp_path / "errors.xlsx"
    book.save(path)
    source = open_file(path)
    frame = read_all(source, source.describe().datasets[0].name)
    assert frame["number"].to_list() == [
        "1.23456789012346E+19", "#N/A", "#DIV/0!", "9007199254740991",
    ]  # fmt: skip
    assert frame["text"].to_list() == ["12345678901234567890", "n/a", "9007199254740993", "x"]
