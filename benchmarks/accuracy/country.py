"""Names of countries in many languages and their ISO 3166 codes."""

import csv
import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from babel import Locale, localedata
from line import Line

from crmmigrate.model.regions import RegionBook
from crmmigrate.values.countries import read_country

PRIVATE = re.compile("AA|Q[M-Z]|X[A-JL-Z]|ZZ|EU|EZ|UN")
"""Codes for users' own purposes and for unions: no countries (ISO 3166-1, 8.1.3). XK is Kosovo."""

Case = tuple[str, str, str]


def measure(folder: Path, book: RegionBook) -> Iterator[Line]:
    """Yield the lines of the table."""
    del book
    with (folder / "country" / "cldr_names.csv").open(encoding="utf-8") as file:
        rows = [(r["input"], r["expected"], r["language"]) for r in csv.DictReader(file)]
    yield read("33 languages", rows, 98.0)
    yield read("33 languages, upper case", [(t.upper(), c, x) for t, c, x in rows], 98.0)
    listed = json.loads((files("crmmigrate.values") / "data/country_codes.json").read_text("utf-8"))
    codes = {code: others for code, others in listed.items() if not PRIVATE.fullmatch(code)}
    yield read("ISO 3166-1 codes", list(iso(codes)), 100.0)
    yield read("all languages of CLDR", list(names(set(codes))), 98.0)


def read(name: str, cases: list[Case], target: float) -> Line:
    """Count the cases that become the country's code."""
    wrong, right = [], 0
    for given, code, language in cases:
        found = read_country(given, (language,) if language else ())
        right += found.value == code
        if found.value != code:
            wrong.append(f"{language}: {given!r} → {found.value!r}, is {code}")
    return Line(name, right, len(cases), target, None, wrong)


def iso(codes: dict[str, tuple[str, str]]) -> Iterator[Case]:
    """Yield every code: alpha-2, alpha-3, numeric and numeric without leading zeros."""
    for code, (three, number) in codes.items():
        spellings = {code, code.lower(), three, three.lower(), number, number.lstrip("0")} - {""}
        for text in sorted(spellings):
            yield text, code, ""


def names(codes: set[str]) -> Iterator[Case]:
    """Yield the names in every language that babel has."""
    for identifier in localedata.locale_identifiers():
        locale = Locale.parse(identifier)
        if not locale.territory and not locale.variant:
            for code, name in locale.territories.items():
                if code in codes:
                    yield name, code, str(locale)
