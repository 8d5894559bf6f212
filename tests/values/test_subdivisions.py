"""States, provinces and counties of a known country; columns of postcodes."""

import csv
import io

import polars as pl
import pytest

from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.kinds import KINDS
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.postcodes import postcode_cell
from crmmigrate.values.subdivisions import read_subdivision


@pytest.mark.parametrize(
    ("text", "region", "written"),
    [
        ("jud. Cluj", "RO", "Cluj"), ("RO-CJ", "RO", "Cluj"), ("timis", "RO", "Timiș"), ("TIMIŞ", "RO", "Timiș"),
        ("california", "US", "CA"), ("US-CA", "US", "CA"), ("ontario", "CA", "ON"), ("โคราช", "TH", "นครราชสีมา"),
        ("จังหวัดเชียงใหม่", "TH", "เชียงใหม่"), ("Vîlcea", "RO", "Vâlcea"), ("Sector 3", "RO", "București"), ("State of Texas", "US", "TX"),
        ("Bavaria", "DE", "Bayern"), ("NRW", "DE", "Nordrhein-Westfalen"), ("Thueringen", "DE", "Thüringen"), ("DE-BY", "DE", "Bayern"),
        ("Soer-Troendelag", "NO", "Sør-Trøndelag"), ("03", "NO", "Oslo"), ("Finnmark fylke", "NO", "Finnmark"), ("13", "FR", "Bouches-du-Rhône"),
        ("PACA", "FR", "Provence-Alpes-Côte d'Azur"), ("woj. mazowieckie", "PL", "mazowieckie"), ("Kanton Zurich", "CH", "Zürich"),
        ("Co. Antrim", "GB", "County Antrim"), ("London", "GB", "Greater London"), ("Friesland", "NL", "Fryslân"),
    ],
)  # fmt: skip
def test_a_name_or_code_gives_its_subdivision(book, text, region, written):
    outcome = read_subdivision(text, book.get(region).address, region)
    assert (outcome.value, outcome.status) == (written, "normalised")
    assert read_subdivision(written, book.get(region).address, region).status == "unchanged"


def test_a_misspelling_is_only_suggested(book):
    outcome = read_subdivision("Kluj", book.get("RO").address, "RO")
    assert (outcome.value, outcome.status, outcome.alternatives[0]) == ("Kluj", "invalid", "Cluj")


def test_every_listed_name_is_read_as_itself(book):
    for region, entries in load_knowledge("subdivisions").items():
        for entry in entries:
            codes, name, spellings = entry.split("|")
            for text in (name, *codes.split(","), *spellings.split(",")):
                if text.strip():
                    outcome = read_subdivision(text.strip(), book.get(region).address, region)
                    assert name.strip() in {outcome.value, *outcome.alternatives}, (region, text)


def test_a_placeholder_is_no_subdivision(book):
    outcome = read_subdivision("n/a", book.get("DE").address, "DE")
    assert (outcome.value, outcome.status, outcome.alternatives) == ("n/a", "invalid", ())


def test_without_a_country_nothing_is_decided(book):
    assert read_subdivision("CA", book.get(None).address).status == "unchanged"


@pytest.mark.parametrize(
    ("text", "region", "value", "status", "codes"),
    [
        ("107", "NO", "0107", "repaired", ("STD323",)),
        ("sw1a1aa", "GB", "SW1A 1AA", "normalised", ("STD321",)),
        ("400114.0", "RO", "400114", "normalised", ("STD322",)),
        ("xx", "NO", "xx", "invalid", ("STD324",)),
        ("12345", None, "12345", "unchanged", ()),
    ],
)
def test_a_column_of_postcodes(book, text, region, value, status, codes):
    outcome = postcode_cell(text, book.get(region).address, region or "")
    assert (outcome.value, outcome.status, outcome.codes) == (value, status, codes)
    frame = pl.DataFrame(
        {"text": [text], "_region": [region]}, schema={"text": pl.String, "_region": pl.String}
    )
    row = KINDS[SemanticType.POSTAL_CODE].standardize(frame, book, {}).row(0, named=True)
    assert (row["value"], row["status"], tuple(row["codes"])) == (value, status, codes)


@pytest.mark.shared
def test_every_subdivision_is_known(shared_data, book):
    path = shared_data / "standardize" / "region" / "google_subdivisions.csv"
    for row in csv.DictReader(io.StringIO(path.read_text("utf-8"))):
        rules = book.get(row["region"]).address
        for text in filter(None, (row["key"], row["name"], row["latin_name"], row["iso"])):
            outcome = read_subdivision(text, rules, row["region"])
            assert outcome.status in {"unchanged", "normalised"}, text
            assert read_subdivision(outcome.value, rules, row["region"]).status == "unchanged"


@pytest.mark.shared
def test_every_spelling_of_a_postcode(shared_data, book):
    path = shared_data / "standardize" / "postcode" / "google_examples.csv"
    for row in csv.DictReader(io.StringIO(path.read_text("utf-8"))):
        outcome = postcode_cell(row["input"], book.get(row["region"]).address, row["region"])
        assert outcome.value == row["expected"]


@pytest.mark.parametrize(
    ("text", "region", "value", "status", "meant"),
    [
        ("75008 CEDEX 08", "FR", "75008", "repaired", ()),
        ("１００−０００１", "JP", "100-0001", "normalised", ()),
        ("10115 Berlin", "DE", "10115 Berlin", "invalid", ("10115",)),
        ("SWIA 1AA", "GB", "SWIA 1AA", "invalid", ("SW1A 1AA",)),
        ("941O3", "US", "941O3", "invalid", ("94103",)),
        ("94103 or 94104", "US", "94103 or 94104", "invalid", ()),
        ("00000", "DE", "00000", "invalid", ()),
        ("n/a", "HK", "n/a", "invalid", ()),
    ],
)
def test_what_stands_around_postcodes_and_what_is_meant(book, text, region, value, status, meant):
    outcome = postcode_cell(text, book.get(region).address, region)
    assert (outcome.value, outcome.status, outcome.alternatives) == (value, status, meant)
