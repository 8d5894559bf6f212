from crmmigrate.values.address_keys import AddressKeys, address_keys
from crmmigrate.values.address_lines import international_lines
from crmmigrate.values.addresses import read_address


def _keys(book, text, region):
    return address_keys(read_address({"text": text}, region, book.get).parts, book.get(region))


def test_two_spellings_have_the_same_keys(book):
    written = _keys(book, "Strada Memorandumului 28, 400114 Cluj-Napoca", "RO")
    typed = _keys(book, "STR MEMORANDUMULUI NR 28, CLUJ NAPOCA, RO-400114", "RO")
    assert written == typed == AddressKeys("stradamemorandumului", "28", "", "400114", "clujnapoca")


def test_number_and_postcode_stand_apart(book):
    first, second = (_keys(book, f"12{x} Main St, Springfield, IL 62704", "US") for x in ("", "B"))
    assert (first.number, second.number) == ("12", "12b")
    assert first.street == second.street == "mainst"


def test_other_scripts_are_written_in_latin_letters(book):
    keys = address_keys({"street": "ถนนสุขุมวิท", "house_number": "9"}, book.get("TH"))
    assert keys.street.isascii()
    assert keys.street


def test_columns_have_keys_without_being_read(book):
    keys = address_keys(
        {"street": "Bd. Unirii", "locality": "Bucharest", "region": "B"}, book.get("RO")
    )
    assert (keys.street, keys.place, keys.region) == ("bulevardulunirii", "bucuresti", "bucuresti")


def test_international_lines_are_latin_and_name_the_country(book):
    parts = {
        "house_number": "9-1", "street": "丸の内1丁目", "locality": "千代田区", "region": "東京都", "postal_code": "100-0005",
    }  # fmt: skip
    lines = international_lines(parts, book.get("JP"))
    assert lines[-1] == "JAPAN"
    assert all(line.isascii() for line in lines)
    assert any("Tokyo" in line for line in lines)


def test_international_lines_keep_latin_accents(book):
    parts = {
        "house_number": "3",
        "street": "Strada Horea",
        "locality": "Iași",
        "postal_code": "700055",
    }
    lines = international_lines(parts, book.get("RO"))
    assert lines == ["Strada Horea 3", "700055 Iași", "ROMANIA"]
