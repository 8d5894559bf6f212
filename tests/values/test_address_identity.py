"""What is read from a written address is what it was written from, in every region."""

import csv
import io
import json

import pytest

from crmmigrate.values.address_lines import display_line
from crmmigrate.values.address_validity import validity
from crmmigrate.values.addresses import read_address


def _street(rules):
    types = rules.address.street_types
    canonical = next(iter(types.values()), "")
    if rules.address.street_position == "after":
        return f"Belmont {types.get('street', canonical) or 'Street'}"
    if rules.address.street_position == "attached":
        return f"Belmont{canonical}"
    return f"{canonical} Belmont".strip()


def _written(parts, rules):
    return display_line({part: text for part, text in parts.items() if text}, rules)


@pytest.mark.shared
def test_a_written_address_gives_its_parts_in_every_region(book, shared_data):
    path = shared_data / "standardize" / "postcode" / "google_examples.csv"
    codes = {}
    for row in csv.DictReader(io.StringIO(path.read_text("utf-8"))):
        codes.setdefault(row["region"], row["expected"] if row["valid"] == "true" else "")
    wrong = []
    for region in book.regions:
        rules = book.get(region)
        if rules.address.large_to_small or rules.code == "TH" or "%C" not in rules.address.format:
            continue
        parts = {"house_number": "12", "street": _street(rules), "locality": "Newhaven", "postal_code": codes.get(region, "")}  # fmt: skip
        told = read_address({"text": _written(parts, rules)}, region, book.get).parts
        if any((told.get(part) or "") != text for part, text in parts.items()):
            wrong.append((region, _written(parts, rules), dict(told)))
    assert len(wrong) <= MOST_WRONG, wrong


MOST_WRONG = 0


@pytest.mark.shared
def test_what_was_standardized_stays(book, shared_data):
    for line in (
        (shared_data / "standardize/address/faker_composed.jsonl").read_text("utf-8").splitlines()
    ):
        row = json.loads(line)
        first = read_address({"text": row["input"]}, row["region"], book.get)
        again = read_address({"text": first.value, **first.parts}, row["region"], book.get)
        assert (again.value, dict(again.parts)) == (first.value, dict(first.parts)), row["input"]


@pytest.mark.parametrize(
    ("country", "code"), [("Atlantis", "STD504"), ("Czechoslovakia", "STD503")]
)
def test_a_country_that_is_none_is_told_and_stays(book, country, code):
    given = {
        "street": "Strada Unirii",
        "house_number": "7",
        "locality": "Cluj-Napoca",
        "postal_code": "400001",
        "country": country,
    }
    first = read_address(given, "RO", book.get)
    assert first.parts["country"] == country
    assert code in first.codes
    assert validity(first.codes) == "plausible"
    assert first.confidence < 1
    again = read_address({**first.parts, "text": first.value}, "RO", book.get)
    assert (again.value, again.status, again.parts) == (first.value, "unchanged", first.parts)
    assert validity(again.codes) == "plausible"
