import polars as pl
import pytest

from crmmigrate.changes.reconcile import DIFFERENCE, differences
from crmmigrate.config.codes import load_rules
from crmmigrate.model.semantic import SemanticType as Kind


def compare(want, have, kind):
    dtype = pl.Binary if kind is Kind.BINARY else pl.String
    desired = pl.DataFrame(
        {"external_id": ["k"], "f": [want]}, schema={"external_id": pl.String, "f": dtype}
    )
    current = pl.DataFrame(
        {"_external_id": ["k"], "f": [have]}, schema={"_external_id": pl.String, "f": dtype}
    )
    return differences(desired, current, {"f": kind})


@pytest.mark.parametrize(
    ("want", "have", "kind", "code"),
    [
        ("ACME", "Acme Holding", Kind.TEXT, "VER611"),
        (None, "Acme", Kind.TEXT, "VER611"),
        ("ACME", None, Kind.TEXT, "VER612"),
        ("ACME", "", Kind.TEXT, "VER612"),
        ("Handelsgesellschaft", "Handelsges", Kind.TEXT, "VER613"),
        ("Anna@Example.com", "anna@example.com", Kind.EMAIL, "VER614"),
        ("a  b ", "a b", Kind.TEXT, "VER615"),
        ("e\u0301te", "\u00e9te", Kind.TEXT, "VER615"),
        ("a:account:x/1", "a:account:x/2", Kind.REFERENCE, "VER621"),
        ("a:account:x/1", None, Kind.REFERENCE, "VER622"),
        ("+40722123456", "+40 722-123-456", Kind.PHONE, "VER610"),
        ("+40722123456", "40722123456", Kind.PHONE, "VER611"),
        ("SW1A1AA", "sw1a-1aa", Kind.POSTAL_CODE, "VER610"),
        ("2024-1-23", "2024-12-3", Kind.DATE, "VER611"),
        ("1-23", "12-3", Kind.IDENTIFIER, "VER611"),
        ("12.345", "12.35", Kind.NUMBER, "VER618"),
        ("12.345", "12.34", Kind.NUMBER, "VER618"),
        ("12.345", "12", Kind.NUMBER, "VER618"),
        ("12.345", "12.44", Kind.NUMBER, "VER611"),
        ("12.345", "12.346", Kind.NUMBER, "VER611"),
        ("12", "13", Kind.NUMBER, "VER611"),
        ("12", "many", Kind.NUMBER, "VER611"),
        (b"123", b"12", Kind.BINARY, "VER611"),
        (b"123", None, Kind.BINARY, "VER612"),
    ],
)
def test_each_difference_has_a_cause(want, have, kind, code):
    found = compare(want, have, kind)
    assert found["code"].to_list() == [code]
    assert found.schema == DIFFERENCE
    assert code in load_rules()


@pytest.mark.parametrize(
    ("want", "have", "kind"),
    [("1.50", "1.5", Kind.NUMBER), ("", None, Kind.TEXT), (b"x", b"x", Kind.BINARY)],
)
def test_equal_meaning_is_no_difference(want, have, kind):
    assert compare(want, have, kind).is_empty()


def test_bytes_are_not_shown():
    assert compare(b"123", b"12", Kind.BINARY).select("expected", "actual").row(0) == (
        "3 bytes",
        "2 bytes",
    )


def test_missing_records_are_not_differences():
    desired = pl.DataFrame({"external_id": ["k"], "f": ["x"]})
    current = pl.DataFrame(schema={"_external_id": pl.String, "f": pl.String})
    assert differences(desired, current, {"f": Kind.TEXT}).is_empty()
