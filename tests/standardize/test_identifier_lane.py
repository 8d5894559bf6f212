"""Identifiers: the lanes agree, validity is a flag, and nothing of a number is lost."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.standardize.identifiers import standardize_identifiers
from crmmigrate.values.identifiers import read_identifier

PARTS = st.sampled_from(
    [
        "RO",
        "18547290",
        "ABC",
        "-",
        "/",
        "0",
        " ",
        "12",
        "DE",
        "136695976",
        "E+",
        ".0",
        "IBAN",
        "J40",
        "x",
        "n/a",
        "é",
        "CUI:",
        "ssn-",
        "EIN",
        "Uid",
        "SIRET",
        "๑๒",
        "1.5E7",
    ]
)
texts = st.lists(PARTS, min_size=1, max_size=4).map("".join)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(texts, st.sampled_from(["RO", "DE", "US", None])), min_size=9, max_size=9)
)
def test_lanes_agree(book, cells):
    schema = {"text": pl.String, "_region": pl.String}
    frame = pl.DataFrame(cells, schema=schema, orient="row")
    rows = standardize_identifiers(frame, book, {}).iter_rows(named=True)
    for (text, region), row in zip(cells, rows, strict=True):
        outcome = read_identifier(text, region)
        assert (row["value"], row["status"], tuple(row["codes"])) == (
            *(outcome.value, outcome.status),
            outcome.codes,
        ), text
        assert (row["kind"], row["valid"]) == (
            outcome.parts.get("kind"),
            outcome.parts.get("valid"),
        )


@pytest.mark.parametrize(
    ("text", "region", "kind", "value", "valid"),
    [
        ("18547290.0", "RO", "cui", "18547290", "true"),
        ("1234567.0", "US", None, "1234567", None),
        ("4.07E+12", "NO", None, "4.07E+12", "false"),
        ("DE 136 695 976", "RO", "vat", "DE136695976", "true"),
        ("RO18547290", None, "vat", "RO18547290", "true"),
        ("GB 980 7806 84", None, None, "GB980780684", "true"),
        ("18547291", "RO", "cui", "18547291", "false"),
        ("INV-2024-001", "RO", None, "INV-2024-001", None),
    ],
)
def test_validity_is_a_flag(text, region, kind, value, valid):
    outcome = read_identifier(text, region, kind)
    assert (outcome.value, outcome.parts["valid"]) == (value, valid)
    again = read_identifier(outcome.value, region, kind)
    assert (again.value, again.parts["valid"]) == (value, valid)
