"""Organizations: the legal form wherever it stands, and never an empty name."""

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.config.regions import load_region_book
from crmmigrate.model.regions import LegalForm
from crmmigrate.values.legal_forms import form_book, form_key, form_words
from crmmigrate.values.organizations import read_organization
from crmmigrate.values.text import repair_text


@pytest.mark.parametrize(
    ("text", "region", "value", "base", "form", "code"),
    [
        ("S.C. Acme S.R.L.", "RO", "Acme SRL", "Acme", "SRL", "XHN1"),
        ("Acme Limited", "GB", "Acme Ltd", "Acme", "Ltd", "H0PO"),
        ("Müller GmbH & Co. KG", "DE", "Müller GmbH & Co. KG", "Müller", "GmbH & Co. KG", "8Z6G"),
        ("Acme GmbH Berlin", "DE", "Acme GmbH Berlin", "Acme Berlin", "GmbH", "2HBR"),
        (
            "the acme gmbh of the alps",
            "DE",
            "The Acme gmbh of the Alps",
            "The Acme of the Alps",
            "GmbH",
            "2HBR",
        ),
        ("AS Fjord", "NO", "AS Fjord", "Fjord", "AS", "YI42"),
        ("Apple Inc", "US", "Apple Inc.", "Apple", "Inc.", None),
        ("株式会社ソニー", "JP", "株式会社ソニー", "ソニー", "株式会社", "T417"),
        ("บริษัทเอบีซี จำกัด (มหาชน)", "TH", "บริษัทเอบีซี จำกัด (มหาชน)", "เอบีซี", "บริษัท จำกัด (มหาชน)", None),
        ("ООО «Ромашка»", "RU", "ООО Ромашка", "Ромашка", "ООО", None),
        ("Oy Hello World Ab", None, "Oy Hello World AB", "Hello World", "Oy AB", None),
        ("AS", "NO", "AS", "AS", "", ""),
        ("Limited", "GB", "Limited", "Limited", "", ""),
        ("3M", "US", "3M", "3M", "", ""),
        ("ACME IMPEX", "RO", "Acme Impex", "Acme Impex", "", ""),
        ("OMV PETROM SA", "RO", "OMV Petrom SA", "OMV Petrom", "SA", None),
        ("ACME Impex SRL", "RO", "ACME Impex SRL", "ACME Impex", "SRL", None),
        ("ibm romania srl", "RO", "IBM Romania SRL", "IBM Romania", "SRL", None),
        (
            "BANK OF NEW YORK CORP",
            "US",
            "Bank of New York Corp.",
            "Bank of New York",
            "Corp.",
            None,
        ),
        ("Acme UK", "GB", "Acme UK", "Acme UK", "", ""),
        ("Text Me", "US", "Text Me", "Text Me", "", ""),
        ("SAS Institute Inc", "US", "SAS Institute Inc.", "SAS Institute", "Inc.", None),
        ("Pain ou Vin SARL", "FR", "Pain ou Vin SARL", "Pain ou Vin", "SARL", None),
        ("Acme,Inc.", "US", "Acme Inc.", "Acme", "Inc.", None),
        ("CXA Borealis", "DO", "CXA Borealis", "Borealis", "CXA", None),
        ("株式会社ABC", "JP", "株式会社ABC", "ABC", "株式会社", "T417"),
        ("（株）山田", "JP", "（株）山田", "山田", "株式会社", "T417"),
        ("Müller GmbH u. Co KG", "DE", "Müller GmbH & Co. KG", "Müller", "GmbH & Co. KG", "8Z6G"),
        ("Müller GmbH+Co.KG", "DE", "Müller GmbH & Co. KG", "Müller", "GmbH & Co. KG", "8Z6G"),
        ("Müller und Co. KG", "DE", "Müller & Co. KG", "Müller", "& Co. KG", None),
        (
            "Haus und Co Verwaltung",
            "DE",
            "Haus und Co Verwaltung",
            "Haus und Co Verwaltung",
            "",
            "",
        ),
        (
            "Société Anonyme Dupont",
            "FR",
            "Société anonyme Dupont",
            "Dupont",
            "Société anonyme",
            "QVPB",
        ),
        ("Société Générale", "FR", "Société Générale", "Société Générale", "", ""),
        ("Societatea Comercială Alfa SRL", "RO", "Alfa SRL", "Alfa", "SRL", "XHN1"),
        (
            "Nordbygg AS (konkurs)",
            "NO",
            "Nordbygg AS (konkurs)",
            "Nordbygg (konkurs)",
            "AS",
            "YI42",
        ),
        ("Müller AG i.L.", "DE", "Müller AG i.L.", "Müller i.L.", "AG", "6QQB"),
        ("Alfa SA în insolvență", "RO", "Alfa SA în insolvență", "Alfa în insolvență", "SA", None),
        (
            "Acme Inc. (formerly Foo Inc.)",
            "US",
            "Acme Inc. (formerly Foo Inc.)",
            "Acme (formerly Foo Inc.)",
            "Inc.",
            None,
        ),
        ("Alfa (Nord GmbH)", "DE", "Alfa (Nord GmbH)", "Alfa (Nord GmbH)", "", ""),
    ],
)
def test_reads(text, region, value, base, form, code):
    reading = read_organization(text, form_book(region))
    assert (reading.value, reading.name.base_name, reading.name.legal_form) == (value, base, form)
    if code is not None:
        assert reading.name.legal_form_code == code


@pytest.mark.parametrize(
    ("text", "region", "base", "other"),
    [
        ("HSBC Bank", "US", "HSBC Bank", "HSBC"),
        ("HSBC BANK", None, "HSBC Bank", "HSBC"),
        ("First National Bank", "US", "First National Bank", "First"),
        ("Wells Fargo Bank", "US", "Wells Fargo", "Wells Fargo Bank"),
        ("Teachers Credit Union", "GB", "Teachers Credit Union", "Teachers"),
        ("Blue Harbour Trust", "IN", "Blue Harbour", "Blue Harbour Trust"),
        ("HSBC Bank plc", "GB", "HSBC Bank", None),
        ("Rosa & Company", "US", "Rosa", None),
        ("Northern Trust Company", "US", "Northern Trust", None),
        ("Ford Motor Company", "US", "Ford Motor", None),
        ("HSBC Bank", "GB", "HSBC Bank", None),
    ],
)
def test_words_of_trades_are_told_as_form_or_name(text, region, base, other):
    reading = read_organization(text, form_book(region))
    assert reading.name.base_name == base
    assert reading.alternatives == ((other,) if other else ())
    assert ("STD260" in reading.codes) == (reading.confidence < 1) == (other is not None)
    assert read_organization(reading.value, form_book(region)).value == reading.value


@pytest.mark.parametrize(
    ("text", "region", "told"),
    [
        ("Acme SRL Sucursala Cluj", "RO", True),
        ("Nordbygg AS avd. Bergen", "NO", True),
        ("Acme GmbH, Zweigniederlassung Berlin", "DE", True),
        ("ธนาคารกรุงเทพสาขาสีลม", "TH", True),
        ("ЗАО Ромашка филиал Казань", "RU", True),
        ("Branch & Sons Ltd", "GB", False),
        ("บริษัท นิติสาขา จำกัด", "TH", False),
        ("山田商事東京支店", "JP", True),
        ("Acme SRL", "RO", False),
    ],
)
def test_branches_are_told(text, region, told):
    assert ("STD261" in read_organization(text, form_book(region)).codes) == told


@pytest.mark.parametrize(
    ("text", "region", "value", "base", "form"),
    [
        ("Nordbygg AS avd. Bergen", "NO", "Nordbygg AS avd. Bergen", "Nordbygg avd. Bergen", "AS"),
        ("Acme SA - Filiala Cluj", "RO", "Acme SA - Filiala Cluj", "Acme Filiala Cluj", "SA"),
        ("ACME SA FILIALA CLUJ", "RO", "Acme SA Filiala Cluj", "Acme Filiala Cluj", "SA"),
        ("Olive Branch", "US", "Olive Branch", "Olive Branch", ""),
    ],
)
def test_a_branch_has_the_form_of_its_organization(text, region, value, base, form):
    reading = read_organization(text, form_book(region))
    assert (reading.value, reading.name.base_name, reading.name.legal_form) == (value, base, form)
    assert read_organization(reading.value, form_book(region)).name == reading.name


@pytest.mark.parametrize(
    ("text", "region", "base", "form"),
    [
        ("Bowne Global Solutions II Inc.", None, "Bowne Global Solutions II", "Inc."),
        ("Bowne Global Solutions II Inc.", "RO", "Bowne Global Solutions II", "Inc."),
        ("Alfa Invest II SRL", "RO", "Alfa Invest II", "SRL"),
        ("ALFA INVEST II, SRL", "RO", "Alfa Invest II", "SRL"),
        ("Alpha I AB", "SE", "Alpha I", "AB"),
        ("Alpha (VI) UAB", "LT", "Alpha (VI)", "UAB"),
        ("Alpha I SRL", None, "Alpha I", "SRL"),
        ("Alpha I VZW", "BE", "Alpha I", "VZW"),
        ("Gamma II", None, "Gamma II", ""),
        ("Popescu Ion II", "RO", "Popescu Ion", "II"),
        ("Popescu Ion I.I.", "RO", "Popescu Ion", "II"),
        ("Ionescu Maria ÎI", "MD", "Ionescu Maria", "ÎI"),
    ],
)
def test_a_roman_numeral_before_a_form_is_of_the_name(text, region, base, form):
    reading = read_organization(text, form_book(region))
    assert (reading.name.base_name, reading.name.legal_form) == (base, form)
    assert read_organization(reading.value, form_book(region)).name == reading.name


def test_words_of_forms_are_folded_as_names_are_for_comparing():
    assert {"srl", "ltd", "limited", "gmbh", "kaisha", "ooo", "sro", "zoo"} <= form_words()
    assert form_words().isdisjoint({"me", "uk", "and", "bank", "the", "norway"})


def test_forms_of_a_region_file_come_first():
    book = form_book("RO", (LegalForm("S.R.L.", ("SRL",), "XHN1"),))
    assert read_organization("Acme SRL", book).value == "Acme S.R.L."


@pytest.mark.parametrize(
    ("text", "code", "alternatives"),
    [
        ("Smith Holdings Ltd t/a Joe's Cafe", "STD255", ("Joe's Cafe",)),
        ("Acme LLC d/b/a Best Shop", "STD255", ("Best Shop",)),
        ("www.acme.ro", "STD257", ()),
        ("Acme Ltd office@acme.ro", "STD257", ()),
        ("Mr John Smith", "STD258", ()),
        ("x y " * 1000, "STD259", ()),
    ],
)
def test_flags_and_keeps_what_is_no_name(text, code, alternatives):
    reading = read_organization(text, form_book("GB"))
    assert (reading.value, reading.alternatives) == (text, alternatives)
    assert code in reading.codes


def test_placeholder():
    assert read_organization("n/a").status == "invalid"


def test_spellings_share_a_key():
    assert {form_key(t) for t in ("S. R. L.", "s.r.l", "SRL", "srl.")} == {"srl"}


@pytest.mark.parametrize("region", ["RO", "US", "DE", "JP", None])
@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "Acme",
                "SRL",
                "S.A.",
                "GmbH",
                "&",
                "Co.",
                "KG",
                "Ltd",
                "Bank",
                "SC",
                "Oy",
                "«A»",
                "I.I.",
                "株式会社",
                "AS",
            ]
        ),
        min_size=1,
        max_size=5,
    )
)
def test_the_name_is_never_empty_and_reading_is_idempotent(region, pieces):
    book = form_book(region)
    once = read_organization(" ".join(pieces), book)
    if once.status != "invalid":
        assert once.name.base_name
        assert read_organization(once.value, book).value == once.value


@pytest.mark.shared
@pytest.mark.parametrize(("file", "share"), [("elf_legal_forms.csv", 0.97), ("cleanco.csv", 1.0)])
def test_share_of_legal_forms(shared_data, file, share):
    right = total = 0
    with (shared_data / "standardize/company" / file).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            text = repair_text(row["input"]).value
            name = read_organization(text, form_book(row.get("region"))).name
            right += name.base_name == row["expected"]
            total += 1
    assert right >= share * total


@pytest.mark.parametrize(
    ("text", "region", "value", "base", "form"),
    [
        ("SARL Dupont", "FR", "SARL Dupont", "Dupont", "SARL"),
        ("EURL Martin", "FR", "EURL Martin", "Martin", "EURL"),
        ("SCI du Lac", "FR", "SCI du Lac", "du Lac", "SCI"),
        ("KG Schmidt", "DE", "KG Schmidt", "Schmidt", "KG"),
        ("(株)山田", "JP", "(株)山田", "山田", "株式会社"),
        ("山田(株)", "JP", "山田株式会社", "山田", "株式会社"),
        ("บริษัทสยามจำกัด", "TH", "บริษัทสยามจำกัด", "สยาม", "บริษัท จำกัด"),
        ("SC.ALFA.SRL", "RO", "ALFA SRL", "ALFA", "SRL"),
        (
            "Întreprinderea Individuală Pop",
            "RO",
            "Întreprinderea Individuală Pop",
            "Pop",
            "Întreprinderea Individuală",
        ),
        ("Nordlys sa norway", "NO", "Nordlys sa norway", "Nordlys sa norway", ""),
    ],
)
def test_forms_before_and_glued(text, region, value, base, form):
    book = form_book(region, load_region_book().get(region).legal_forms)
    reading = read_organization(text, book)
    assert (reading.value, reading.name.base_name, reading.name.legal_form) == (value, base, form)
    assert read_organization(value, book).value == value


@pytest.mark.parametrize(
    ("text", "value", "form"),
    [
        ("Alfa SRL", "Alfa SRL", "SRL"),
        ("Alfa, S.r.l.", "Alfa S.r.l.", "S.r.l."),
        ("alfa beta srl", "Alfa Beta srl", "srl"),
        ("SARL Dupont", "SARL Dupont", "SARL"),
        ("Alfa SRL Cluj", "Alfa SRL Cluj", "SRL"),
        ("Nord A/S avd. Bergen", "Nord A/S avd. Bergen", "A/S"),
    ],
)
def test_forms_of_several_countries_stay_as_written_without_a_region(text, value, form):
    reading = read_organization(text)
    assert (reading.value, reading.name.legal_form) == (value, form)
    assert "STD262" in reading.codes or form == "A/S"
    again = read_organization(reading.value)
    assert (again.value, again.name) == (reading.value, reading.name)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Acme ltd", "Acme Ltd"),
        ("Acme gmbh", "Acme GmbH"),
        ("Acme sp z oo", "Acme Sp. z o.o."),
        ("Acme inc", "Acme Inc."),
    ],
)
def test_forms_of_one_spelling_are_written_so_without_a_region(text, value):
    reading = read_organization(text)
    assert reading.value == value
    assert "STD262" not in reading.codes


def test_a_region_tells_whose_form_it_is():
    assert read_organization("Alfa srl", form_book("IT")).value == "Alfa S.r.l."
    assert "STD262" not in read_organization("Alfa srl", form_book("IT")).codes
