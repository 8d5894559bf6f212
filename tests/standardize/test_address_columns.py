"""Addresses in columns: the lane says what the scalar reading says."""

import re
from itertools import product

import polars as pl
import pytest

from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.address_columns import read_column_addresses
from crmmigrate.standardize.addresses import standardize_addresses
from crmmigrate.values import address_east
from crmmigrate.values.address_validity import validity
from crmmigrate.values.addresses import read_address

_PARTS = PARTS[SemanticType.POSTAL_ADDRESS][:-1]

PLACES = {
    "RO": (["Str. Memorandumului 28", "BD. UNIRII NR. 4"], ["Cluj-Napoca", "bucuresti"], ["400114"], [None]),
    "NO": (["Storgata 12B", "KARL JOHANS GATE 1"], ["Oslo", "BERGEN"], ["0155", "5003"], [None]),
    "US": (["123 Main Street", "77 N Lake Ave Apt 4"], ["Springfield", "DENVER"], ["62701"], ["IL", "Colorado"]),
    "CA": (["5 Bay Street"], ["Toronto", "OTTAWA"], ["M5H 2N2"], ["Ontario", "QUEBEC"]),
    "BR": (["Rua Augusta, 45", "AV. PAULISTA, 9"], ["Campinas"], ["13010-000"], ["SP", "São Paulo"]),
    "GB": (["10 Downing Street", "221B Baker St"], ["London"], ["SW1A 2AA", "nw16xe"], [None]),
    "DE": (["Hauptstr. 5", "AM MARKT 3"], ["Berlin", "KÖLN"], ["10115"], [None]),
    "FR": (["5, rue de la Paix", "12 AV. FOCH"], ["Paris", "lyon"], ["75002"], [None]),
    "JP": (["松本 Street 80", "藤田 STREET 276", "勝どき36丁目14番16号"], ["調布市", "西多摩郡日の出町", "Tokyo"], ["827-0161"], [None, "東京都"]),
    "CN": (["福州路 291", "柴路 1, bl. A2"], ["广州市", "辽阳县"], ["257201"], [None, "北京市"]),
    "KR": (["석촌호수 221, c/o Reception", "강남대 85"], ["고양시 덕양구", "가평군"], ["55446"], [None, "강원도"]),
    "TW": (["民有巷 30號之6", "忠孝東路 5號"], ["竹北", "新竹市"], ["961"], [None]),
}  # fmt: skip
COUNTRIES = {
    "RO": "România",
    "NO": "Norge",
    "US": "USA",
    "CA": "Canada",
    "BR": "Brasil",
    "GB": "UK",
    "DE": "Germany",
    "FR": "FR",
    "JP": "日本",
    "CN": "China",
    "KR": "대한민국",
    "TW": None,
}


def columns(region: str) -> pl.DataFrame:
    """Every mixture of the columns of a region, with and without its country."""
    rows = product(*PLACES[region], [None, COUNTRIES[region]])
    names = ["street", "locality", "postal_code", "region", "country"]
    frame = pl.DataFrame(list(rows), schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.with_columns(text=pl.lit(None, pl.String), _region=pl.lit(region))


def often(region: str) -> pl.DataFrame:
    """The same rows several times: what comes once is not worth a plan."""
    return pl.concat([columns(region)] * 4).with_row_index("_at")


@pytest.mark.parametrize("region", PLACES)
def test_the_lane_says_what_the_scalar_reading_says(book, region):
    given = often(region)
    for places, found in read_column_addresses(given, book):
        for at, told in zip(places, found.iter_rows(named=True), strict=True):
            expected = read_address(
                given.drop("_at", "_region").row(at, named=True), region, book.get
            )
            assert (told["value"], told["status"], tuple(told["codes"]), told["message"]) == (
                expected.value, expected.status, expected.codes, expected.message,
            )  # fmt: skip
            parts = {part: text for part, text in expected.parts.items() if text}
            assert {part: told[part] for part in _PARTS if told[part]} == parts
            assert told["validity"] == validity(expected.codes)


@pytest.mark.parametrize("region", PLACES)
def test_plain_columns_take_the_lane(book, region):
    given = often(region)
    taken = sum(at.len() for at, _ in read_column_addresses(given, book))
    assert taken >= given.height * 0.9


@pytest.mark.parametrize("region", PLACES)
def test_few_rows_are_read_alike(book, region):
    given = columns(region)
    found = standardize_addresses(given, book, {})
    for at, row in enumerate(given.drop("_region").iter_rows(named=True)):
        assert found["value"][at] == read_address(row, region, book.get).value


def test_columns_that_say_something_else_go_the_other_way(book):
    given = pl.DataFrame(
        {
            "_at": [0, 1, 2],
            "text": [None, None, "c/o Ana Pop"],
            "street": ["Str. Lungă 5", "Str. Lungă 5 (spate)", "Str. Lungă 5"],
            "locality": ["Brașov, 500035", "Brașov", "Brașov"],
            "postal_code": ["500035", "500035", "500035"],
            "_region": ["RO", "RO", "RO"],
        }
    )
    many = pl.concat([given] * 4).with_columns(_at=pl.int_range(12))
    taken = [at for places, _ in read_column_addresses(many, book) for at in places]
    assert {at % 3 for at in taken} <= {1}


def test_a_town_that_the_street_names_again_is_compared_with_its_column(book):
    rows = {
        "street": ["北镇市福州路 291", "广州市福州路 291"],
        "locality": ["北镇市", "北镇市"],
        "postal_code": ["257201", "257202"],
        "_region": ["CN", "CN"],
    }
    given = pl.concat([pl.DataFrame(rows)] * 4).with_row_index("_at")
    found = standardize_addresses(given.drop("_at"), book, {})
    for at, row in enumerate(given.drop("_at", "_region").iter_rows(named=True)):
        assert found["value"][at] == read_address(row, "CN", book.get).value
    assert not sum(at.len() for at, _ in read_column_addresses(given, book))


@pytest.mark.parametrize("region", ["JP", "TW", "CN", "KR"])
def test_every_letter_that_the_patterns_of_the_east_name_is_a_sign(book, region):
    named = "".join(pattern for _, pattern in address_east._LEVELS[region])
    named = named.replace(address_east._HAN, "").replace("가-힣", "")
    letters = set(re.findall(r"[\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3]", named))
    known = set("".join(address_east.signs_of(book.get(region))))
    # A Japanese numeral before 丁目 is a letter of the street as every other.
    assert letters - known == (set(address_east._NUMERALS) if region == "JP" else set())


def test_a_postcode_that_the_street_says_again_is_compared_with_its_column(book):
    rows = [
        (f"{n} ถ.สีลม แขวงสีลม กทม {code}", "เขตบางรัก", "10500")
        for n in range(10, 30)
        for code in ("10500", "10200")
    ]
    given = pl.DataFrame(rows, schema=["street", "locality", "postal_code"], orient="row")
    found = standardize_addresses(given.with_columns(_region=pl.lit("TH")), book, {})
    for at, row in enumerate(given.iter_rows(named=True)):
        assert found["unparsed"][at] == read_address(row, "TH", book.get).parts.get("unparsed")
    taken = read_column_addresses(
        given.with_columns(_region=pl.lit("TH")).with_row_index("_at"), book
    )
    for places, table in taken:
        for at, said in zip(places, table["unparsed"], strict=True):
            told = read_address(given.row(at, named=True), "TH", book.get)
            assert said == (told.parts.get("unparsed") or None)
