"""Every case written beside a rule holds: the rule fires and gives what it says."""

import re

import polars as pl
import pytest

from crmmigrate.config.codes import load_rules
from crmmigrate.standardize.addresses import standardize_addresses
from crmmigrate.standardize.booleans import standardize_booleans
from crmmigrate.standardize.countries import standardize_countries
from crmmigrate.standardize.dates import standardize_dates
from crmmigrate.standardize.identifiers import standardize_identifiers
from crmmigrate.standardize.languages import standardize_languages
from crmmigrate.standardize.numbers import standardize_numbers
from crmmigrate.standardize.postcodes import standardize_postcodes
from crmmigrate.standardize.subdivisions import standardize_subdivisions

KERNELS = {
    "STD30": standardize_addresses,
    "STD32": standardize_postcodes,
    "STD40": standardize_dates,
    "STD45": standardize_numbers,
    "STD47": standardize_booleans,
    "STD50": standardize_countries,
    "STD51": standardize_languages,
    "STD52": standardize_subdivisions,
    "STD57": standardize_identifiers,
}
CASES = [
    (code, before, after)
    for code, rule in load_rules().items()
    if code[:5] in {*KERNELS, "STD41"}
    for before, after in rule.cases
]


def test_there_are_cases():
    assert len(CASES) > 25


@pytest.mark.parametrize(("code", "before", "after"), CASES)
def test_the_case_of_a_rule_holds(book, code, before, after):
    match = re.fullmatch(r"(.*?)(?: \((\w{2}|unknown)\))?", before)
    text, region = match[1], None if match[2] == "unknown" else match[2]
    kernel = KERNELS.get(code[:5], standardize_dates)
    frame = pl.DataFrame(
        {"text": [text], "_region": [region]}, schema={"text": pl.String, "_region": pl.String}
    )
    row = kernel(frame, book, {}).row(0, named=True)
    assert row["value"] == after
    assert code in row["codes"] or text == after
