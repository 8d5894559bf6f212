"""Addresses as people write them fall into the parts that people see in them."""

from pathlib import Path

import pytest

from crmmigrate.config.yaml import read_yaml
from crmmigrate.values.addresses import read_address

FOLDER = Path(__file__).parents[1] / "cases"
PATHS = [FOLDER / f"addresses{which}.yaml" for which in ("", "_second", "_third")]
PARTS = {
    "n": "house_number", "s": "street", "u": "unit", "b": "po_box", "d": "dependent_locality", "l": "locality",
    "r": "region", "p": "postal_code", "c": "country", "w": "recipient", "o": "care_of",
}  # fmt: skip
CASES = [
    (region, text, parts)
    for path in PATHS
    for region, cases in read_yaml(path).items()
    for text, parts in cases
]


@pytest.mark.parametrize(("region", "text", "parts"), CASES)
def test_an_address_as_people_write_it(book, region, text, parts):
    told = read_address({"text": text}, region, book.get).parts
    wanted = {PARTS[sign]: str(value) for sign, value in parts.items()}
    assert {part: told.get(part) for part in wanted} == wanted


@pytest.mark.parametrize(("region", "text", "parts"), CASES)
def test_nothing_of_it_is_dropped(book, region, text, parts):
    del parts
    told = read_address({"text": text}, region, book.get).parts
    said = "".join(value for value in told.values() if value)
    digits = [c for c in text if c.isdigit()]
    assert len([c for c in said if c.isdigit()]) >= len(digits)
