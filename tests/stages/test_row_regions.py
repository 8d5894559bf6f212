"""Rows of several regions in one file: their countries, and the order of their dates."""

import csv

import polars as pl
import pytest

from crmmigrate.config.canonical import load_model
from crmmigrate.config.codes import load_rules
from crmmigrate.stages.clean import CleanRequest, clean_file
from crmmigrate.stages.context import Silent
from crmmigrate.stages.row_regions import RowRegions
from crmmigrate.standardize.contexts import column_evidence
from crmmigrate.standardize.date_regions import infer_by_region
from crmmigrate.values.fieldspec import parse_field


@pytest.fixture
def clean(tmp_path, book):
    """Clean rows of value and country; return the report, the values and their log by line."""

    def run(rows, field, **options):
        path, log = tmp_path / "in.csv", tmp_path / "log.csv"
        path.write_text("".join(f"{','.join(row)}\n" for row in [("v", "cc"), *rows]), "utf-8")
        request = CleanRequest(
            *(path, (parse_field(f"v={field}"),), tmp_path / "out.csv"),
            region_column="cc",
            changes=log,
            **options,
        )
        report = clean_file(request, book, load_rules(), Silent())
        with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
            values = [row["v"] for row in csv.DictReader(stream)]
        with log.open(encoding="utf-8", newline="") as stream:
            return report, values, list(csv.DictReader(stream))

    return run


US_DAY_FIRST = [("13/04/2024", "US"), ("25/06/2024", "US"), ("07/08/2024", "US")]
RO_DAY_FIRST = [("31/12/2024", "Romania"), ("07/08/2024", "RO")]


@pytest.mark.parametrize("further", [[], RO_DAY_FIRST])
def test_values_of_a_region_turn_its_order(clean, further):
    _, values, _ = clean([*US_DAY_FIRST, *further], "date")
    assert values[2] == "2024-08-07"
    assert values[3:] == ["2024-12-31", "2024-08-07"][: len(further)]


def test_each_region_has_its_own_order(clean):
    rows = [*RO_DAY_FIRST, ("12/31/2024", "US"), ("07/08/2024", "US")]
    assert clean(rows, "date")[1] == ["2024-12-31", "2024-08-07", "2024-12-31", "2024-07-08"]


def test_a_region_that_proves_nothing_beside_one_that_proves_the_opposite(clean):
    report, values, log = clean([*RO_DAY_FIRST, ("07/08/2024", "US")], "date")
    assert values == ["2024-12-31", "2024-08-07", "07/08/2024"]
    told = next(row for row in log if row["key"] == "4")
    assert (told["status"], told["confidence"]) == ("ambiguous", "0.0")
    assert "other regions of the column prove dmy" in told["message"]
    assert sorted(told["alternatives"].split("; ")) == ["2024-07-08", "2024-08-07"]
    assert any("US: is 07/08/2024" in note for note in report.notes)


def test_values_that_contradict_each_other_leave_both_readings(clean):
    rows = [*US_DAY_FIRST, ("04/25/2024", "US"), ("31/12/2024", "RO")]
    _, values, log = clean(rows, "date")
    assert values[2] == "07/08/2024"
    assert next(row for row in log if row["key"] == "4")["status"] == "ambiguous"


@pytest.mark.parametrize("others", [[("04/25/2024", "US")], [("31/12/2024", "RO")]])
def test_what_is_in_doubt_stays_so_when_it_is_cleaned_again(clean, others):
    doubtful = [(f"0{day}/05/2024", "US") for day in (1, 2, 3, 4)]
    rows = [*([("13/04/2024", "US")] if others[0][1] == "US" else []), *others, *doubtful]
    _, first, _ = clean(rows, "date")
    assert first[-4:] == [text for text, _ in doubtful]
    _, again, _ = clean([(v, cc) for v, (_, cc) in zip(first, rows, strict=True)], "date")
    assert again == first


def test_a_few_dates_beside_standard_ones_keep_the_order_of_the_region(clean):
    rows = [("2024-01-31", "US"), ("07/08/2024", "US"), ("05/06/2024", "US")]
    assert clean(rows, "date")[1] == ["2024-01-31", "2024-07-08", "2024-05-06"]


def test_the_stage_judges_each_region_by_its_own_values(book):
    contact = next(o for o in load_model().objects.values() if "birth_date" in o.fields)
    texts, regions = zip(*US_DAY_FIRST, *RO_DAY_FIRST, strict=True)
    rows = pl.LazyFrame({"birth_date": texts, "_region": [r[:2].upper() for r in regions]})
    told = column_evidence(rows, contact, book)["birth_date"]
    assert told.regions["US"].order == "dmy"
    assert told.options["date_regions"]["US"]["date_order"] == "dmy"
    assert "RO" not in told.options["date_regions"]


def test_the_order_of_one_region_needs_no_map(book):
    values = pl.DataFrame({"text": ["13/04/2024", "07/08/2024"], "region": ["US", "US"]})
    assert infer_by_region(values, book).options["date_order"] == "dmy"
    assert infer_by_region(values.clear(), book).options == {}


def test_a_country_that_is_not_understood_takes_no_default(clean):
    rows = [("0722123456", cc) for cc in ("Atlantis", "QQ", "RO;NO", "Deutschand", "", "Romania")]
    report, values, log = clean(rows, "phone", region="RO")
    assert values == [*["0722123456"] * 3, "+49722123456", "+40722123456", "+40722123456"]
    countries = {row["key"]: row for row in log if row["field"] == "cc"}
    assert {key: row["codes"] for key, row in countries.items()} == {
        "2": "STD504",
        "3": "STD504",
        "4": "STD504",
        "5": "STD502",
    }
    assert countries["2"]["after"] == "Atlantis"
    assert {f.code: f.count for f in report.findings}["STD504"] == 3
    assert report.notes[0].startswith("cc: 3 cells name no single country")
    assert "Deutschand" in report.notes[1]


def test_a_column_of_countries_that_is_cleaned_tells_once(tmp_path, book):
    path = tmp_path / "in.csv"
    path.write_text("cc\nAtlantis\n", "utf-8")
    request = CleanRequest(
        path, (parse_field("cc=country"),), tmp_path / "out.csv", region_column="cc"
    )
    report = clean_file(request, book, load_rules(), Silent())
    assert [(f.code, f.count) for f in report.findings] == [("STD504", 1)]


def test_rows_without_a_column_have_the_region_of_the_file(book):
    found, told = RowRegions(None, "RO", book).of(pl.DataFrame({"v": ["1", "2"]}))
    assert found.rows() == [("RO", "file default")] * 2
    assert told.is_empty()
