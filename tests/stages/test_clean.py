"""Cleaning a single file: columns, parts, rows, outputs and what goes wrong."""

import csv
import json
import subprocess
import sys

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from crmmigrate.cli import clean as command
from crmmigrate.config.codes import load_rules
from crmmigrate.errors import ConfigError, UsageError
from crmmigrate.stages import clean_output
from crmmigrate.stages.clean import CleanRequest, clean_file
from crmmigrate.stages.context import Silent
from crmmigrate.values.fieldspec import parse_field


@pytest.fixture
def clean(tmp_path, book):
    """Clean a file into out.csv and return the report and the rows."""

    def run(path, *fields, output="out.csv", **options):
        reading = options.pop("reading", {})
        request = CleanRequest(
            path, tuple(map(parse_field, fields)), tmp_path / output, reading=reading, **options
        )
        report = clean_file(request, book, load_rules(), Silent())
        return report, read_rows(tmp_path / output)

    return run


def read_rows(path):
    if path.suffix == ".parquet":
        return pl.read_parquet(path).to_dicts()
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_columns_of_a_whole_value(write_file, clean):
    path = write_file("a.csv", "id,Tel,Note\n1,0722 123 456,x\n2,,y\n3,hello,z\n")
    report, rows = clean(path, "Tel=phone", region="RO")
    assert list(rows[0]) == [
        *("id", "Tel", "Tel_original", "Tel_e164", "Tel_national", "Tel_international", "Tel_type"),
        *("Tel_region", "Tel_extension", "Tel_valid", "Tel_possible", "Tel_note", "Tel_findings"),
        "Note",
    ]
    assert rows[0]["Tel"] == rows[0]["Tel_e164"] == "+40722123456"
    assert rows[0]["Tel_original"] == "0722 123 456"
    assert rows[0]["Tel_valid"] == "true"
    assert rows[0]["Tel_findings"].startswith("STD1")
    assert rows[1]["Tel"] == rows[1]["Tel_original"] == rows[1]["Tel_findings"] == ""
    assert rows[2]["Tel"] == rows[2]["Tel_original"] == "hello"
    assert [row["Note"] for row in rows] == ["x", "y", "z"]
    assert report.rows == 3
    assert sum(report.values[0].statuses.values()) == 2
    assert report.findings


def test_parts_in_columns_make_one_value(write_file, clean):
    path = write_file("a.csv", "first,last,id\nION,POPESCU,1\nana-maria,marinescu,2\n")
    _, rows = clean(path, "first=person_name.given", "last=person_name.family", region="RO")
    assert [row["first"] for row in rows] == ["Ion", "Ana-Maria"]
    assert [row["last"] for row in rows] == ["Popescu", "Marinescu"]
    assert rows[0]["first_original"] == "ION"
    assert rows[0]["last_original"] == "POPESCU"
    assert "first_findings" in rows[0]
    assert "last_findings" in rows[0]
    assert [row["id"] for row in rows] == ["1", "2"]


def test_two_values_of_one_type_have_names(write_file, clean):
    path = write_file("a.csv", "mobile,office\n0722123456,021 310 1234\n")
    _, rows = clean(path, "mobile=home:phone", "office=work:phone", region="RO")
    assert rows[0]["mobile"] == "+40722123456"
    assert rows[0]["office"] == "+40213101234"


def test_region_of_each_row(write_file, clean):
    path = write_file(
        "a.csv", "tel,land\n0722 123 456,România\n22 33 44 55,NO\n0722123456,\n22334455,??\n"
    )
    _, rows = clean(path, "tel=phone", region="NO", region_column="land")
    assert [row["tel"] for row in rows] == [
        "+40722123456",
        "+4722334455",
        "0722123456",
        "22334455",
    ], "only an empty cell takes the region of the file"
    assert [row["land"] for row in rows] == ["România", "NO", "", "??"]


def test_every_row_and_column_stays_in_order(write_file, clean):
    lines = [f"{i},0722 {i:06d},{'x' * (i % 5)}" for i in range(3000)]
    path = write_file("a.csv", "n,tel,pad\n" + "\n".join(lines) + "\n")
    _, rows = clean(path, "tel=phone", region="RO")
    assert [int(row["n"]) for row in rows] == list(range(3000))
    assert [row["tel_original"] for row in rows] == [f"0722 {i:06d}" for i in range(3000)]


def test_rows_that_cannot_be_read_are_written_beside(write_file, clean, tmp_path):
    path = write_file(
        "a.csv", 'Leads,,\nid,tel,x\n1,0722123456,\n2,3\n,,\n\nid,tel,x\n4,"5,\n6,0733123456,y\n'
    )
    report, rows = clean(path, "tel=phone", region="RO")
    assert [row["id"] for row in rows] == ["1", "", "id", "6"], "a header among the rows is a row"
    assert rows[2]["tel_original"] == "tel"
    assert report.rejected == 2
    assert report.excluded == {"title_row": 1, "empty_row": 1}, "only what is not in the output"
    beside = read_rows(tmp_path / "out.rejected.csv")
    assert [(row["line"], row["code"], row["text"]) for row in beside] == [
        ("1", "title_row", "Leads,,"),
        ("4", "EXT101", "2,3"),
        ("8", "EXT103", '4,"5,'),
    ]
    clean(write_file("b.csv", "tel\n0722123456\n"), "tel=phone", region="RO")
    assert not (tmp_path / "out.rejected.csv").exists()


def test_columns_the_file_has_already_are_kept(write_file, clean):
    path = write_file("a.csv", "tel,tel_original,tel_valid\n0722123456,mine,too\n")
    _, rows = clean(path, "tel=phone", region="RO")
    assert rows[0]["tel_original"] == "mine"
    assert rows[0]["tel_valid"] == "too"
    assert rows[0]["tel_original_2"] == "0722123456"
    assert rows[0]["tel_valid_2"] == "true"


def test_parquet_in_and_out_keeps_types(tmp_path, clean):
    path = tmp_path / "a.parquet"
    frame = pl.DataFrame(
        {"n": [1, 2], "tel": [722123456, None], "b": [b"\x00", b"\xff"], "f": [1.5, 2.0]}
    )
    frame.write_parquet(path)
    _, rows = clean(path, "tel=phone", output="out.parquet", region="RO")
    assert [(row["n"], row["b"], row["f"]) for row in rows] == [
        (1, b"\x00", 1.5),
        (2, b"\xff", 2.0),
    ]
    assert rows[0]["tel_original"] == "722123456"
    _, rows = clean(path, "tel=phone", region="RO")
    assert rows[1]["b"] == "/w=="


def test_header_only_gives_all_columns(write_file, clean):
    path = write_file("a.csv", "id,tel\n")
    report, rows = clean(path, "tel=phone", region="RO")
    assert rows == []
    assert report.rows == 0
    header = report.output.read_text("utf-8").strip()
    parts = "e164 national international type region extension valid possible note".split()
    assert header.split(",") == [
        "id",
        "tel",
        *(f"tel_{p}" for p in ("original", *parts, "findings")),
    ]


def test_order_of_dates_is_settled_by_the_whole_column(write_file, clean):
    path = write_file("a.csv", "d\n03/04/2024\n25/12/2023\n")
    assert [row["d"] for row in clean(path, "d=date")[1]] == ["2024-04-03", "2023-12-25"]
    path = write_file("b.csv", "d\n03/04/2024\n12/25/2023\n")
    assert [row["d"] for row in clean(path, "d=date")[1]] == ["2024-03-04", "2023-12-25"]
    path = write_file("c.csv", "d\n03/04/2024\n05/06/2023\n")
    rows = clean(path, "d=date")[1]
    assert rows[0]["d"] == "03/04/2024"
    assert rows[0]["d_findings"]


def test_cleaning_what_is_clean_changes_nothing(write_file, clean, tmp_path):
    path = write_file("a.csv", "tel,mail,d\n0722 123 456,Ion@EXAMPLE.com,3 mai 2024\n")
    fields = ("tel=phone", "mail=email", "d=date")
    _, first = clean(path, *fields, region="RO")
    second = write_file(
        "b.csv", "tel,mail,d\n" + ",".join(first[0][c] for c in ("tel", "mail", "d")) + "\n"
    )
    _, again = clean(second, *fields, output="again.csv", region="RO")
    assert [again[0][c] for c in ("tel", "mail", "d")] == [
        first[0][c] for c in ("tel", "mail", "d")
    ]


@pytest.mark.parametrize(
    ("fields", "options", "message"),
    [
        (["Tl=phone"], {}, "did you mean 'Tel'"),
        (["Tel=phone"], {"region": "XX"}, "unknown region"),
        (["Tel=phone"], {"region_column": "contry"}, "did you mean 'country'"),
        (["Tel=phone"], {"output": "out.doc"}, r"written as \.csv"),
        (["Tel=phone"], {"output": "nowhere/out.csv"}, "no such folder"),
        (["Tel=phone"], {"output": "a.csv"}, "output is the input"),
        (["Tel=email.valid"], {}, "only given out"),
        (["Tel=phone", "country=Tel:phone"], {}, "both the whole"),
        (["Tel=phone"], {"reading": {"encoding": "nonsense"}}, "unknown encoding"),
    ],
)
def test_wrong_requests(write_file, clean, fields, options, message):
    path = write_file("a.csv", "Tel,country\n1,RO\n")
    with pytest.raises(UsageError, match=message):
        clean(path, *fields, **options)
    assert path.read_text() == "Tel,country\n1,RO\n"


def test_nothing_is_half_written(write_file, clean, tmp_path, monkeypatch):
    path = write_file("a.csv", "Tel\n0722123456\n")
    (tmp_path / "out.csv").write_text("old", encoding="utf-8")

    def fail(frame):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(clean_output, "_plain", fail)
    from crmmigrate.errors import StorageError

    with pytest.raises(StorageError, match="no space"):
        clean(path, "Tel=phone", region="RO")
    assert (tmp_path / "out.csv").read_text("utf-8") == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "out.csv"]


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    command.register(app)
    app.command("other")(lambda: None)
    return lambda *arguments: CliRunner().invoke(app, ["clean", *arguments])


def test_command_prints_a_summary(write_file, invoke):
    write_file("a.csv", "Tel,x\n0722 123 456,\n0722.123.457,y\n1\n")
    done = invoke("a.csv", "--field", "Tel=phone", "--region", "ro", "-o", "out.csv")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert len(lines) <= 12
    assert lines[0] == "clean: 2 rows (1 rejected)"
    assert lines[-1] == "next: crmmigrate explain EXT101"
    assert "out.rejected.csv" in done.stderr
    strict = invoke("a.csv", "--field", "Tel=phone", "--region", "RO", "-o", "out.csv", "--strict")
    assert strict.exit_code == 1


def test_command_prints_json(write_file, invoke):
    write_file("a.csv", "Tel\n0722 123 456\n")
    done = invoke("a.csv", "-f", "Tel=phone", "--region", "RO", "-o", "out.csv", "--json")
    document = json.loads(done.stdout)
    assert document["version"] == 1
    assert document["rows"] == 1
    assert document["fields"][0]["columns"] == ["Tel"]
    assert document["rejected_output"] is None


def test_command_raises_what_the_app_shows(write_file, invoke):
    write_file("a.csv", "Tel\n1\n")
    assert isinstance(invoke("gone.csv", "-f", "x=phone", "-o", "o.csv").exception, UsageError)
    assert isinstance(invoke("a.csv", "-f", "Tel=fone", "-o", "o.csv").exception, UsageError)
    wrong = invoke("a.csv", "-f", "Tel=phone", "-o", "o.csv", "--sheet", "S")
    assert isinstance(wrong.exception, ConfigError)


def test_command_module_starts_quickly():
    code = (
        "import sys; import crmmigrate.cli.clean;"
        "sys.exit(','.join(sorted({'polars','pyarrow','pydantic'} & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_column_of_undecided_dates_is_asked_about_once(write_file, clean, tmp_path):
    path = write_file("a.csv", "Date,Due\n03/04/2024,25/04/2024\n05/06/2024,03/04/2024\n")
    report, rows = clean(path, "Date=date", "Due=date", changes=tmp_path / "log.csv")
    counts = {finding.code: finding.count for finding in report.findings}
    assert (counts["STD404"], counts["STD924"]) == (2, 1)
    assert len(report.notes) == 1
    assert "2 distinct values fit both orders, none decides" in report.notes[0]
    assert report.evidence == ("Due: dmy: 1 distinct value with a day over 12, none contradicts",)
    asked = [row for row in read_rows(tmp_path / "log.csv") if row["rule"] == "STD924"]
    assert [(row["key"], row["field"], row["status"]) for row in asked] == [
        ("a.csv", "Date", "ambiguous")
    ]
    assert rows[0]["Date"] == "03/04/2024"
    report, rows = clean(path, "Date=date", "Due=date", date_order="mdy")
    assert [row["Date"] for row in rows] == ["2024-03-04", "2024-05-06"]
    assert "STD924" not in {finding.code for finding in report.findings}
