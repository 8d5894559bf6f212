import csv
import io

import pytest

from crmmigrate.values.addresses import read_address
from crmmigrate.values.postcodes import read_postcode

CASES = [
    ("RO", "Str. Memorandumului nr. 28, bl. 5C sc 2 et. 4 ap 47, Cluj-Napoca, jud. Cluj, 400114",
     {"street": "Strada Memorandumului", "house_number": "28", "unit": "bl. 5C, sc. 2, et. 4, ap. 47",
      "locality": "Cluj-Napoca", "region": "Cluj", "postal_code": "400114"}),
    ("RO", "BD. IULIU MANIU NR. 7 SECT 6 BUCURESTI",
     {"street": "Bulevardul Iuliu Maniu", "house_number": "7", "dependent_locality": "Sector 6", "locality": "București"}),
    ("RO", "str memorandumului 28 cluj napoca",
     {"street": "Strada Memorandumului", "house_number": "28", "locality": "Cluj-Napoca"}),
    ("NO", "Karl Johans gt. 12 B, 0154 OSLO",
     {"street": "Karl Johans gate", "house_number": "12B", "postal_code": "0154", "locality": "Oslo"}),
    ("NO", "storgata 5 H0201 0155 oslo",
     {"street": "Storgata", "house_number": "5", "unit": "H0201", "postal_code": "0155", "locality": "Oslo"}),
    ("NO", "Postboks 123 Sentrum, 0107 Oslo", {"po_box": "Postboks 123 Sentrum", "postal_code": "0107", "locality": "Oslo"}),
    ("TH", "เลขที่ ๙๙/๑ ซ.สุขุมวิท 21 ถ.สุขุมวิท แขวงคลองเตยเหนือ เขตวัฒนา กทม. 10110",
     {"house_number": "99/1", "street": "ซอยสุขุมวิท 21 ถนนสุขุมวิท", "dependent_locality": "แขวงคลองเตยเหนือ",
      "locality": "เขตวัฒนา", "region": "กรุงเทพมหานคร", "postal_code": "10110"}),
    ("TH", "55 หมู่ 4 ถ.ห้วยแก้ว ต.สุเทพ อ.เมือง จ.เชียงใหม่ 50200",
     {"house_number": "55", "street": "ถนนห้วยแก้ว", "unit": "หมู่ที่ 4", "dependent_locality": "ตำบลสุเทพ",
      "locality": "อำเภอเมือง", "region": "เชียงใหม่", "postal_code": "50200"}),
    ("US", "123 Main Street Apt 4, Springfield, Illinois 62704",
     {"house_number": "123", "street": "Main St", "unit": "Apt 4", "locality": "Springfield", "region": "IL", "postal_code": "62704"}),
    ("US", "2751 S Dixie Hwy West Palm Beach FL 33405",
     {"house_number": "2751", "street": "S Dixie Hwy", "locality": "West Palm Beach", "region": "FL", "postal_code": "33405"}),
    ("GB", "Flat 2b, 14 High St., Oxford, ox1 4bj",
     {"unit": "Flat 2B", "house_number": "14", "street": "High Street", "locality": "Oxford", "postal_code": "OX1 4BJ"}),
    ("DE", "Musterstr. 12a\nD-80331 München",
     {"street": "Musterstraße", "house_number": "12A", "postal_code": "80331", "locality": "München"}),
    ("FR", "24, bd Voltaire 75011 PARIS",
     {"house_number": "24", "street": "Boulevard Voltaire", "postal_code": "75011", "locality": "Paris"}),
    ("BR", "Av. Paulista, 1578 - Bela Vista, São Paulo - SP, 01310-200",
     {"street": "Avenida Paulista", "house_number": "1578", "dependent_locality": "Bela Vista", "locality": "São Paulo",
      "region": "SP", "postal_code": "01310-200"}),
    ("IN", "H.No. 42, MG Road, Bangalore, Karnataka 560001",
     {"house_number": "42", "street": "MG Road", "locality": "Bengaluru", "region": "Karnataka", "postal_code": "560001"}),
    ("JP", "〒100-0005 東京都千代田区丸の内1丁目9-1",
     {"postal_code": "100-0005", "region": "東京都", "locality": "千代田区", "street": "丸の内1丁目", "house_number": "9-1"}),
    ("CA", "5800, rue Saint-Denis, bureau 1105, Montréal (Québec) H2S 3L5",
     {"house_number": "5800", "street": "rue Saint-Denis", "unit": "Bureau 1105", "locality": "Montréal", "region": "QC",
      "postal_code": "H2S 3L5"}),
]  # fmt: skip


@pytest.mark.parametrize(("region", "text", "parts"), CASES)
def test_a_whole_address_falls_into_its_parts(book, region, text, parts):
    assert dict(read_address({"text": text}, region, book.get).parts) == parts


@pytest.mark.parametrize(("region", "text", "parts"), CASES)
def test_an_address_that_was_standardized_does_not_change_again(book, region, text, parts):
    first = read_address({"text": text}, region, book.get)
    again = read_address({"text": first.value, **first.parts}, region, book.get)
    assert (again.value, dict(again.parts), again.status) == (
        first.value,
        dict(first.parts),
        "unchanged",
    )
    assert parts.items() <= again.parts.items()


def test_columns_and_text_come_together(book):
    given = {
        "street": "Str. Horea 3 ap 5",
        "locality": "cluj",
        "postal_code": "RO-400174",
        "region": "CJ",
        "country": "România",
    }
    parts = read_address(given, None, book.get).parts
    assert parts == {
        "street": "Strada Horea", "house_number": "3", "unit": "ap. 5", "locality": "Cluj-Napoca",
        "postal_code": "400174", "region": "Cluj", "country": "RO",
    }  # fmt: skip


def test_the_country_of_the_address_goes_before_the_region_of_the_record(book):
    outcome = read_address({"text": "Karl Johans gt. 5, 0154 Oslo, Norge"}, "US", book.get)
    assert outcome.parts["country"] == "NO"
    assert outcome.parts["street"] == "Karl Johans gate"


def test_nothing_is_dropped(book):
    text = "Strada Horea 3, etajul de sus la dreapta 12345678901, Cluj-Napoca 400174"
    outcome = read_address({"text": text}, "RO", book.get)
    said = " ".join(v for v in outcome.parts.values() if v)
    assert "12345678901" in said
    assert "STD308" in outcome.codes


def test_a_contradiction_is_kept_and_told(book):
    outcome = read_address(
        {"text": "Strada Horea 3, 400174 Cluj-Napoca", "locality": "Iași"}, "RO", book.get
    )
    assert outcome.parts["locality"] == "Iași"
    assert "Cluj-Napoca" in outcome.parts["unparsed"]
    assert "STD306" in outcome.codes


@pytest.mark.parametrize("text", ["same as above", "n/a", "?", "-", "idem"])
def test_what_is_no_address_stays_as_it_was(book, text):
    outcome = read_address({"text": text}, "RO", book.get)
    assert (outcome.value, outcome.status, outcome.codes) == (text, "invalid", ("STD309",))


def test_a_megabyte_is_no_address(book):
    outcome = read_address({"text": "a b " * 250_000}, "RO", book.get)
    assert outcome.codes == ("STD309",)


def test_postcodes_are_repaired(book):
    def read(text, region):
        found = read_postcode(text, book.get(region).address, region)
        return (found.value, found.code) if found else None

    assert read("sw1a1aa", "GB") == ("SW1A 1AA", "STD321")
    assert read("RO-400114", "RO") == ("400114", "STD321")
    assert read("D-80331", "DE") == ("80331", "STD321")
    assert read("107", "NO") == ("0107", "STD323")
    assert read("1234567", "JP") == ("123-4567", "STD321")
    assert read("400114.0", "RO") == ("400114", "STD322")
    assert read("ABC", "RO") is None


@pytest.mark.shared
def test_postcodes_of_all_countries(book, shared_data):
    path = shared_data / "standardize" / "postcode" / "google_examples.csv"
    for row in csv.DictReader(io.StringIO(path.read_text("utf-8"))):
        found = read_postcode(row["input"], book.get(row["region"]).address, row["region"])
        assert (found.value if found else None) == (
            row["expected"] if row["valid"] == "true" else None
        ), row


ONCE = [
    ("RO", {"street": "Calea Moților 27", "locality": "Bacău", "region": "Bacău", "postal_code": "600121"},
     "Calea Moților 27, 600121 Bacău"),
    ("TH", {"street": "9 ถนนพหลโยธิน", "locality": "จตุจักร, จตุจักร", "region": "กรุงเทพฯ", "postal_code": "10900"},
     "9 ถนนพหลโยธิน, จตุจักร, กรุงเทพมหานคร 10900"),
    ("IT", {"street": "Via Roma 1", "locality": "Roma", "region": "RM", "postal_code": "00192"},
     "Via Roma 1, 00192 Roma"),
]  # fmt: skip


@pytest.mark.parametrize(("region", "given", "line"), ONCE)
def test_no_part_is_shown_twice(book, region, given, line):
    outcome = read_address(given, region, book.get)
    assert outcome.value == line
    assert outcome.parts["region"]


@pytest.mark.parametrize(
    ("country", "code", "postcode"),
    [("D", "DE", "97006"), ("Statele Unite", "US", "97006"), ("Germnay", "DE", "97006")],
)
def test_the_country_column_rules_over_the_source(book, country, code, postcode):
    given = {"street": "Hauptstr. 9", "locality": "X", "postal_code": postcode, "country": country}
    outcome = read_address(given, "RO", book.get)
    assert (outcome.parts["country"], outcome.parts["postal_code"]) == (code, postcode)


def test_a_country_alone_is_an_incomplete_address(book):
    outcome = read_address({"country": "Rumänien"}, "RO", book.get)
    assert (outcome.value, dict(outcome.parts)) == ("RO", {"country": "RO"})
    assert "STD307" in outcome.codes
    assert "STD309" not in outcome.codes


PLACED = [
    ("RO", {"street": "str. avram iancu 127, bl. d15, sc. b, ap. 42", "locality": "iași"},
     {"unit": "bl. D15, sc. B, ap. 42", "house_number": "127"}),
    ("IN", {"street": "46, 2nd Cross, Jayanagar", "locality": "Pune"}, {"dependent_locality": "Jayanagar"}),
    ("AU", {"street": "74 Rose St.\nMoonie Ponds", "locality": "Melbourne"}, {"dependent_locality": "Moonie Ponds"}),
    ("JP", {"street": "大手町1-125", "locality": "新宿区"}, {"street": "大手町", "house_number": "1-125"}),
    ("TH", {"text": "156/22 ถ.มิตรภาพ แขวง คลองเตยเหนือ เขตวัฒนา กรุงเทพมหานคร 10110"},
     {"dependent_locality": "แขวงคลองเตยเหนือ", "house_number": "156/22"}),
    ("IE", {"street": "3 Chatham Street", "locality": "Dublin"}, {"street": "Chatham Street", "house_number": "3"}),
    ("VE", {"street": "Ave. 5 de Mayo Porlamar", "locality": "Margarita"}, {"street": "Avenida 5 de Mayo Porlamar"}),
    ("GB", {"street": "Fauntleroy Circus", "locality": "London"}, {"street": "Fauntleroy Circus"}),
]  # fmt: skip


@pytest.mark.parametrize(("region", "given", "parts"), PLACED)
def test_pieces_find_their_place(book, region, given, parts):
    found = read_address(given, region, book.get).parts
    assert {part: found.get(part) for part in parts} == parts
    assert "unparsed" not in found


@pytest.mark.parametrize(("region", "written"), [("PT", "1756"), ("RO", "01002"), ("SG", "0512")])
def test_zeros_are_only_put_back_where_a_spreadsheet_took_them(book, region, written):
    outcome = read_address({"locality": "X", "postal_code": written}, region, book.get)
    assert outcome.parts["postal_code"] == written
    assert "STD324" in outcome.codes


def test_a_guessed_town_is_told(book):
    outcome = read_address({"text": "22449 新竹奇岩路7段691號"}, "TW", book.get)
    assert "STD310" in outcome.codes
    assert "STD310" not in read_address({"text": "台北市信義區市府路1號"}, "TW", book.get).codes


def test_a_guessed_country_rewrites_no_street(book):
    text = "13444 North Aksu Road Suite 5\nSabihbury, IL 62704"
    told = read_address({"text": text}, "TR", book.get)
    assert told.parts["street"] == "North Aksu Road"
    assert told.parts["unit"] == "Ste 5"
    assert "STD312" in told.codes


def test_what_is_written_is_read_back(book):
    for region, text in (
        ("US", "Attn: Jane Doe, 350 Fifth Avenue, 34th Floor, New York, NY 10118"),
        ("BR", "Av. Paulista 1578, 5º andar, Bela Vista, São Paulo SP 01310-200"),
        ("TH", "จ.ชลบุรี อ.บางละมุง ต.หนองปรือ 20150"),
        ("GB", "12 12 Main, Germany"),
        ("DK", "Nørregade 5 st. th, 1165 København K"),
        ("TH", "8 ถ.สีลม เขตบางรัก กทม 10500 โทร 02-123-4567"),
    ):
        once = read_address({"text": text}, region, book.get)
        again = read_address({"text": once.value}, region, book.get)
        assert again.value == once.value


@pytest.mark.parametrize(
    ("region", "given", "parts"),
    [
        ("RO", {"street": "Str. Horea 5, Cluj-Napoca 400174", "locality": "Cluj-Napoca"},
         {"street": "Strada Horea", "dependent_locality": None, "postal_code": "400174"}),
        ("RO", {"street": "Bd. Unirii 5", "locality": "Bucuresti S3"},
         {"locality": "București", "dependent_locality": "Sector 3"}),
        ("RO", {"street": "Sat Feleacu nr 12", "locality": "com. Feleacu", "region": "CJ"},
         {"locality": "Feleacu", "house_number": "12", "unparsed": None}),
        ("TH", {"street": "99/1 ม.4 ต.บางพูด", "locality": "อ.ปากเกร็ด", "region": "จ.นนทบุรี"},
         {"locality": "อำเภอปากเกร็ด", "dependent_locality": "ตำบลบางพูด", "region": "นนทบุรี"}),
        ("TH", {"street": "99/1 ถ.สีลม แขวงสีลม เขตบางรัก กทม 10500", "locality": "กรุงเทพ", "postal_code": "10500"},
         {"locality": "เขตบางรัก", "region": "กรุงเทพมหานคร", "unparsed": None}),
        ("NO", {"street": "Storgt 5", "locality": "Tromso", "postal_code": "9008.0"},
         {"locality": "Tromsø", "postal_code": "9008"}),
    ],
)  # fmt: skip
def test_half_filled_columns_say_each_thing_once(book, region, given, parts):
    told = read_address(given, region, book.get).parts
    assert {part: told.get(part) for part in parts} == parts


@pytest.mark.parametrize(
    "text",
    ["same as above", "la fel ca mai sus", "vezi mai sus", "samme som over", "se over", "เหมือนข้างบน", "ไม่มี", "see notes",
     "fara adresa", "aceeași adresă", "siehe oben", "?", "n/a"],
)  # fmt: skip
@pytest.mark.parametrize("region", ["RO", "NO", "TH"])
def test_what_refers_elsewhere_is_no_address(book, text, region):
    outcome = read_address({"text": text}, region, book.get)
    assert (outcome.value, outcome.codes) == (text, ("STD309",))
