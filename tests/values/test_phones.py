"""Phone cells: the library's answer where it reads, and the true number where it misreads."""

import csv
import json
import re

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType, format_number

from crmmigrate.model.regions import PhoneRules
from crmmigrate.values.phone_cells import excel_digits, is_masked, phone_words
from crmmigrate.values.phones import parse_number, read_phone


@pytest.mark.parametrize(
    ("text", "region", "e164", "alternatives"),
    [
        ("0722.123.456/0722123457", "RO", "+40722123456", ("+40722123457",)),
        ("0722123456 0722123457", "RO", "+40722123456", ("+40722123457",)),
        ("021 312 34 56 / 57", "RO", "+40213123456", ("+40213123457",)),
        ("02 123 4567-8", "TH", "+6621234567", ("+6621234568",)),
        ("0722123456 \n 0722123456", "RO", "+40722123456", ()),
        ("T: 021 312 3456 F: 021 312 3457", "RO", "+40213123456", ("+40213123457",)),
        ("+1 (212) 736 5000 or 212-736-5001", "US", "+12127365000", ("+12127365001",)),
        ("0721-123456 (Ion), 0733-123456 (Maria)", "RO", "+40721123456", ("+40733123456",)),
        ("Mobil: 0171 1234567, Büro: 030 123456", "DE", "+491711234567", ("+4930123456",)),
        ("tel. 0722 123 456 (acasa)", "RO", "+40722123456", ()),
        ("0664 123456 (work)", "AT", "+43664123456", ()),
        ("1-800-FLOWERS", "US", "+18003569377", ()),
        ("Tlf: 22 12 34 56", "NO", "+4722123456", ()),
        ("๐๒-๑๒๓-๔๕๖๗", "TH", "+6621234567", ()),
        ("40721234567.0", "RO", "+40721234567", ()),
        ("4.0721234567E+10", "RO", "+40721234567", ()),
        ("+44 (0)20 7946 0958", "US", "+442079460958", ()),
        ("0044 (0)20 7946 0958", "GB", "+442079460958", ()),
        ("+39 (0) 0236618300", "IT", "+390236618300", ()),
        ("011 374 10 123456", "AM", "+37410123456", ()),
        ("Ion: 0722123456 after 17:00", "RO", "+40722123456", ()),
        ("011 15 4321 1234", "AR", "+5491143211234", ()),
        ("'0722123456", "RO", "+40722123456", ()),
    ],
)
def test_finds_the_number(text, region, e164, alternatives):
    reading = read_phone(text, region)
    assert reading.valid
    assert (reading.number.e164, reading.alternatives) == (e164, alternatives)


@pytest.mark.parametrize(
    ("text", "region", "numbers"),
    [
        ("0722123456; 0722123457", "RO", "+40722123456 +40722123457"),
        ("0722123456;12", "RO", "+40722123456;ext=12"),
        ("0722123456;ext=12", "RO", "+40722123456;ext=12"),
        ("22123456,91234567", "NO", "+4722123456 +4791234567"),
        ("0732/830161", "RO", "+40732830161"),
        ("0259/301219/0722123456", "RO", "+40259301219 +40722123456"),
        ("0732/830161, 0259-301-219 interior 613", "RO", "+40732830161 +40259301219;ext=613"),
        ("02 653 4792 ต่อ 311/0810134312", "TH", "+6626534792;ext=311 +66810134312"),
        ("813-555-0978/813-555-0669 x498", "US", "+18135550978 +18135550669;ext=498"),
        ("021/312.34.56, 57, 58", "RO", "+40213123456 +40213123457 +40213123458"),
        ("02-123-4567 ต่อ 12, 13", "TH", "+6621234567;ext=12 +6621234567;ext=13"),
        ("212-736-5000 x12/x13", "US", "+12127365000;ext=12 +12127365000;ext=13"),
        ("06 1 234 5678 / 12 mellék", "HU", "+3612345678;ext=12"),
        ("030 1234/030 1235", "DE", "+49301234 +49301235"),
        ("030/1234567; 0171/1234567", "DE", "+49301234567 +491711234567"),
        ("8 (495) 123-45-67 доб. 12, 8 (916) 123-45-67", "RU", "+74951234567;ext=12 +79161234567"),
    ],
)
def test_every_number_of_a_cell(text, region, numbers):
    reading = read_phone(text, region)
    assert " ".join((reading.number.written, *reading.alternatives)) == numbers
    assert "STD114" not in reading.codes


_BETWEEN = (
    "/",
    " / ",
    "; ",
    ";",
    ", ",
    " | ",
    "\n",
    " und ",
    " och ",
    " and ",
    " și ",
    " หรือ ",
    " & ",
)


@pytest.mark.parametrize("between", _BETWEEN)
@pytest.mark.parametrize(
    "region", ["RO", "NO", "TH", "US", "GB", "DE", "FR", "IT", "AR", "JP", "NZ"]
)
@pytest.mark.parametrize(
    "ends", [("", ""), (" ext. 12", ""), ("", " x45"), (" int. 7", " poste 3")]
)
def test_two_numbers_in_every_spelling(region, between, ends):
    kinds = (PhoneNumberType.FIXED_LINE, PhoneNumberType.TOLL_FREE)
    for style in (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL):
        both = [phonenumbers.example_number_for_type(region, kind) for kind in kinds]
        texts = [format_number(n, style) + end for n, end in zip(both, ends, strict=True)]
        digits = [re.sub(r"\D", "", end) for end in ends]
        expected = [
            format_number(n, PhoneNumberFormat.E164) + (f";ext={end}" if end else "")
            for n, end in zip(both, digits, strict=True)
        ]
        reading = read_phone(between.join(texts), region)
        assert [reading.number.written, *reading.alternatives] == expected


@pytest.mark.parametrize(
    ("text", "region", "status", "code"),
    [
        ("n/a", "GB", "invalid", "STD111"),
        ("0000000", "RO", "invalid", "STD111"),
        ("4.07E+10", "RO", "invalid", "STD105"),
        ("0722 XXX XXX", "RO", "invalid", "STD112"),
        ("0722123456", None, "left_alone", "STD108"),
        ("0040722123456", None, "left_alone", "STD108"),
        ("4915112345678", "RO", "invalid", "STD113"),
        ("call reception", "US", "invalid", "STD109"),
        ("+374 10 12345", "AM", "invalid", "STD109"),
        ("9" * 300, "RO", "invalid", "STD109"),
    ],
)
def test_refuses_without_guessing(text, region, status, code):
    reading = read_phone(text, region)
    assert not reading.valid
    assert (reading.status, code in reading.codes) == (status, True)


def test_two_valid_readings_are_ambiguous():
    reading = read_phone("4915123456789", "DE")
    assert reading.status == "ambiguous"
    assert reading.number.e164 == "+494915123456789"
    assert reading.alternatives == ("+4915123456789",)


@pytest.mark.parametrize(
    ("text", "region", "extension"),
    [
        ("021 312 34 56 int. 12", "RO", "12"),
        ("โทร 02-123-4567 ต่อ 12", "TH", "12"),
        ("(212) 555-0123 x45", "US", "45"),
        ("0212 123 45 67 dahili 8", "TR", "8"),
    ],
)
def test_extensions(text, region, extension):
    reading = read_phone(text, region)
    assert reading.valid
    assert reading.number.extension == extension


def test_words_of_a_region_file_are_known():
    words = phone_words(PhoneRules(extension_words=("anschluss",), labels={"funk": "mobile"}))
    assert read_phone("Funk 030 123456 Anschluss 7", "DE", words).number.extension == "7"


def test_the_same_number_in_a_note_is_kept_in_the_message():
    assert read_phone("0722 123 456 (ask for Ana)", "RO").message == "note: ask for Ana"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("407.0", (None, False)), ("4072123.0", ("4072123", False)), ("4.07E+10", (None, True))],
)
def test_excel_digits(text, expected):
    assert excel_digits(text) == expected


def test_masks():
    assert is_masked("07221*****")
    assert not is_masked("(212) 555-0123 x12")


@pytest.mark.shared
def test_every_spelling_of_the_examples(shared_data):
    wrong, silent = [], []
    with (shared_data / "standardize/phone/examples_all_regions.csv").open(encoding="utf-8") as f:
        for row in csv.DictReader(f):
            reading = read_phone(row["input"], row["region"])
            found = reading.number.e164 if reading.valid else None
            readable = row["valid"] == "true" and row["e164"] == row["made_from"]
            if readable and (found, reading.number.type) != (row["e164"], row["type"].lower()):
                wrong.append(row["input"])
            if not row["spelling"].startswith("one_digit") and found != row["made_from"]:
                silent += [row["input"]] if reading.status != "ambiguous" else []
    assert wrong == []
    assert silent == []


@pytest.mark.shared
def test_numbers_within_text(shared_data):
    lines = (shared_data / "standardize/phone/numbers_in_text.jsonl").read_text("utf-8")
    missed = 0
    cases = [json.loads(line) for line in lines.splitlines()]
    for case in cases:
        if case["numbers"]:
            reading = read_phone(case["input"], case["region"])
            missed += not reading.valid
    assert missed <= 0.05 * len(cases)


def test_parse_number_is_the_library():
    assert parse_number("abc", "RO") is None
    assert parse_number("000", "AU").valid is False


@pytest.mark.parametrize(
    ("text", "note", "message"),
    [
        ("0722123456 Ion / 0733123456 Maria", "Ion", "note: Ion; +40733123456: Maria"),
        ("0722123456 (cell) 0733123456 (home)", "cell", "note: cell; +40733123456: home"),
        ("0722123456 / 0733123456 Maria", None, "+40733123456: Maria"),
    ],
)
def test_notes_stay_with_the_number_they_stand_beside(text, note, message):
    reading = read_phone(text, "RO")
    assert (reading.status, reading.note, reading.message) == ("split", note, message)
