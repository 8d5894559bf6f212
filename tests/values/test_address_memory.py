"""What memory gives is what reading gives."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmmigrate.values import address_memory
from crmmigrate.values.addresses import read_address

PATTERNS = [
    ("RO", "text", "Str. Horea nr. {}, bl. A{}, sc. B, ap. {}, Cluj-Napoca {}"),
    ("RO", "text", "{} Cluj-Napoca, Bd. Eroilor {}"),
    ("RO", "street", "Str. 1 Decembrie 1918 nr. {}, et. {}, ap. {}"),
    ("US", "text", "{} Main St # {}, Springfield, IL {}"),
    ("US", "street", "{} E {}th Ave Apt {}"),
    ("NO", "text", "Storgata {}, {} Oslo"),
    ("NO", "street", "Kirkeveien {} H{}"),
    ("GB", "text", "Flat {}, {} High Street, Oxford OX1 4BJ"),
    ("TH", "text", "{} หมู่ {} ถ.สุขุมวิท เขตวัฒนา กรุงเทพฯ {}"),
    ("PT", "text", "Rua Augusta {}, {}-{} Lisboa"),
    ("BR", "text", "Rua A, {}, apto {}, Centro, Salvador - BA, {}-{}"),
    ("DE", "text", "Hauptstr. {}\n{} Berlin"),
    ("SE", "text", "Storgatan {}, {} {} Malmö"),
]
NUMBERS = st.lists(st.from_regex(r"[0-9]{1,6}", fullmatch=True), min_size=4, max_size=4)


@pytest.mark.parametrize(("region", "column", "pattern"), PATTERNS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(numbers=NUMBERS)
def test_memory_reads_as_reading_does(book, region, column, pattern, numbers):
    beside = {"locality": "Town", "country": region} if column == "street" else {}
    address = {column: pattern.format(*numbers), **beside}
    remembered = read_address(address, region, book.get)
    known = dict(address_memory._known)
    address_memory._known.clear()
    try:
        assert read_address(address, region, book.get) == remembered
    finally:
        address_memory._known.update(known)


def test_an_address_of_a_known_pattern_is_not_read_again(book):
    read_address({"text": "Str. Horea nr. 5, Cluj-Napoca 400174"}, "RO", book.get)
    before = len(address_memory._known)
    outcome = read_address({"text": "Str. Horea nr. 7, Cluj-Napoca 400275"}, "RO", book.get)
    assert outcome.value == "Strada Horea 7, 400275 Cluj-Napoca"
    assert len(address_memory._known) == before


def test_a_postcode_of_another_province_is_told_from_memory_too(book):
    read_address({"text": "1 ถ.สุขุมวิท เขตวัฒนา กรุงเทพฯ 10500"}, "TH", book.get)
    outcome = read_address({"text": "1 ถ.สุขุมวิท เขตวัฒนา กรุงเทพฯ 20000"}, "TH", book.get)
    assert "STD313" in outcome.codes
