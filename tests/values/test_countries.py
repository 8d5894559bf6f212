import csv
import io

import pytest

from crmmigrate.values.countries import country_code, read_country
from crmmigrate.values.postcodes import postcode_cell


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NA", "NA"), ("na", "NA"), ("642", "RO"), ("4", "AF"), ("840.0", "US"), ("ROU", "RO"), ("uk", "GB"),
        ("U.S.A.", "US"), ("The Netherlands", "NL"), ("Romania (RO)", "RO"), ("RO - Romania", "RO"), ("Österreich", "AT"),
        ("Oesterreich", "AT"), ("ราชอาณาจักรไทย", "TH"), ("Норвегия", "NO"), ("Türkiye", "TR"), ("GER", "DE"),
        ("🇷🇴", "RO"), ("[RO]", "RO"), ("(Norway)", "NO"), ("馬里", "ML"), ("بنگله\u200cدیش", "BD"), ("Dahomey", "BJ"),
        ("Holland", "NL"), ("CÔTE D'IVOIRE", "CI"), ("St. Lucia", "LC"),
    ],
)  # fmt: skip
def test_a_name_or_code_gives_its_country(text, code):
    assert read_country(text).value == code


@pytest.mark.parametrize("text", ["Romnia", "Germny", "Swizerland"])
def test_a_misspelling_is_repaired_and_told(text):
    outcome = read_country(text)
    assert outcome.status == "repaired"
    assert outcome.codes == ("STD502",)
    assert country_code(text) is None


@pytest.mark.parametrize("text", ["Czechoslovakia", "Yugoslavia", "USSR"])
def test_a_state_with_several_successors_is_never_resolved(text):
    outcome = read_country(text)
    assert (outcome.status, outcome.value) == ("ambiguous", text)
    assert len(outcome.alternatives) > 1


def test_the_languages_of_the_region_decide_a_name_with_two_meanings():
    assert read_country("Kongo").status == "ambiguous"
    assert read_country("Kongo", ("nb",)).value == "CD"
    assert read_country("Kongo", ("pl",)).value == "CG"


@pytest.mark.parametrize("text", ["n/a", "Timbuktu", "12345", "?"])
def test_what_is_no_country_stays_as_it_was(text):
    outcome = read_country(text)
    assert (outcome.value, outcome.status) == (text, "invalid")


@pytest.mark.shared
def test_names_in_many_languages(shared_data):
    path = shared_data / "standardize" / "country" / "cldr_names.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    right = sum(read_country(r["input"], (r["language"],)).value == r["expected"] for r in rows)
    assert right / len(rows) >= 0.99


@pytest.mark.parametrize("text", ["Congo", "the Congo", "Korea", "Corea"])
def test_a_name_of_two_states_is_not_guessed(text):
    outcome = read_country(text)
    assert (outcome.value, outcome.status) == (text, "ambiguous")
    assert len(outcome.alternatives) == 2


@pytest.mark.parametrize(
    ("text", "region", "value", "status"),
    [("1011", "TH", "1011", "invalid"), ("1067", "RO", "1067", "invalid"), ("10101", "RO", "010101", "repaired"),
     ("107", "NO", "0107", "repaired"), ("75 001", "FR", "75001", "normalised"), ("114 55", "SE", "114 55", "unchanged")],
)  # fmt: skip
def test_zeros_are_put_back_where_the_postcode_can_exist(book, text, region, value, status):
    outcome = postcode_cell(text, book.get(region).address, region)
    assert (outcome.value, outcome.status) == (value, status)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("RO.", "RO"),
        ("GB-ENG", "GB"),
        ("Gambia, The", "GM"),
        ("Netherlands (the)", "NL"),
        ("РФ", "RU"),
    ],
)
def test_codes_with_a_full_stop_and_articles_behind(text, code):
    outcome = read_country(text)
    assert (outcome.value, outcome.codes) == (code, ("STD501",))


@pytest.mark.parametrize(("text", "iso", "calling"), [("40", "AT", "RO"), ("44.0", "BS", "GB")])
def test_a_number_that_may_be_a_calling_code_is_told(text, iso, calling):
    outcome = read_country(text)
    assert (outcome.value, outcome.status, outcome.alternatives) == (iso, "repaired", (calling,))
    assert outcome.confidence < 0.7
    assert read_country(text.removesuffix(".0").zfill(3)).status == "normalised"
    assert read_country("Congo, The").status == "ambiguous"
