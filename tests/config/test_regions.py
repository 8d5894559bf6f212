import importlib.util
import json
import re
import time

import pytest

from crmmigrate.config.regions import load_region_book
from crmmigrate.errors import ConfigError


def test_every_region_is_built_and_its_patterns_compile(book):
    assert len(book.regions) >= 245
    for code in book.regions:
        rules = book.get(code)
        assert rules.code == code
        re.compile(rules.address.postcode_pattern)


def test_the_seeds_are_read_quickly():
    def once():
        load_region_book.__globals__["_load"].cache_clear()
        start = time.perf_counter()
        load_region_book()
        return time.perf_counter() - start

    assert min(once() for _ in range(5)) < 0.1


def test_an_unknown_region_decides_nothing(book):
    assert book.get(None).date_orders == ()
    assert book.get("XX") is book.default


def test_what_a_file_says_goes_before_its_languages_and_its_seed(book):
    assert book.get("RO").address.street_types["st."] == "Strada"
    assert book.get("US").address.street_types["street"] == "St"
    assert book.get("GB").address.street_types["st"] == "Street"
    assert book.get("RO").letter_repairs["ş"] == "ș"


def test_a_project_adds_to_a_region(write_file, tmp_path):
    write_file("rules/regions/ro.yaml", "address: {street_types: {Hotarul: [hot.]}}\n")
    rules = load_region_book(tmp_path).get("RO")
    assert rules.address.street_types["hot."] == "Hotarul"
    assert rules.address.street_types["str."] == "Strada"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("address:\n  postcode_pattern: '['\n", r"ro.yaml:2: address.postcode_pattern: not a regular"),
        ("adress: {}\n", r"ro.yaml:1: adress: unknown key; did you mean 'address'"),
        ("date_orders: [dym]\n", r"ro.yaml:1: date_orders.*'dym' is no order of a date"),
        ("calendar: mayan\n", r"ro.yaml:1: calendar"),
        ("number: {currency: lei}\n", r"ro.yaml:1: number.currency"),
        ("number:\n  decimal: ','\n  groups: [',']\n", r"ro.yaml:3: number.groups: ',' cannot part thousands"),
        ("number: {decimal: x}\n", r"ro.yaml:1: number.decimal: 'x' is no decimal sign"),
        ("name: {order: family}\n", r"ro.yaml:1: name.order: 'family' is not allowed here.*family_first"),
    ],
)  # fmt: skip
def test_a_broken_file_of_the_project_is_told_with_its_line(write_file, tmp_path, text, message):
    write_file("rules/regions/ro.yaml", text)
    with pytest.raises(ConfigError, match=message):
        load_region_book(tmp_path)


def test_the_seeds_are_those_of_the_script(repository):
    spec = importlib.util.spec_from_file_location(
        "make_region_seeds", repository / "scripts/make_region_seeds.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    stored = json.loads((repository / "rules/regions/_seeds.json").read_text(encoding="utf-8"))
    assert {code: module.seed(code) for code in stored} == stored


def test_seeds_know_order_of_names_and_code_pages(book):
    assert {c for c in book.regions if book.get(c).name.order == "family_first"} >= {
        "HU",
        "JP",
        "VN",
    }
    assert book.get("GR").encodings[:2] == ("cp1253", "iso8859-7")
    assert sum(not book.get(code).encodings for code in book.regions) < 60
