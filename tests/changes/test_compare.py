from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.changes.compare import column_kinds, comparable, differs
from crmmigrate.model.semantic import SemanticType as Kind
from crmmigrate.testing.worlds import small_model


def same(left, right, kind):
    dtype = pl.Binary if kind is Kind.BINARY else pl.String
    frame = pl.DataFrame({"l": [left], "r": [right]}, schema={"l": dtype, "r": dtype})
    return not frame.select(differs(pl.col("l"), pl.col("r"), kind)).item()


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ("12.50", "12.5", Kind.NUMBER),
        ("12", "12.000", Kind.NUMBER),
        ("+007", "7", Kind.NUMBER),
        ("-0.0", "0", Kind.NUMBER),
        (".5", "0.50", Kind.NUMBER),
        ("true", "TRUE", Kind.BOOLEAN),
        ("2024-01-02T03:04:05Z", "2024-01-02 03:04:05+00:00", Kind.DATETIME),
        ("2024-01-02T03:04:05+02:00", "2024-01-02T01:04:05.000Z", Kind.DATETIME),
        ("2024-01-02T03:04:05", "2024-01-02 03:04:05.000", Kind.DATETIME),
        ("", None, Kind.TEXT),
        (b"", None, Kind.BINARY),
        (b"\x00", b"\x00", Kind.BINARY),
    ],
)
def test_means_the_same(left, right, kind):
    assert same(left, right, kind)
    assert same(right, left, kind)


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ("12.50", "12.05", Kind.NUMBER),
        ("100", "1", Kind.NUMBER),
        ("-1", "1", Kind.NUMBER),
        ("1e5", "100000", Kind.NUMBER),
        ("12345678901234567890.1", "12345678901234567890.2", Kind.NUMBER),
        ("0", None, Kind.NUMBER),
        ("false", None, Kind.BOOLEAN),
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05", Kind.DATETIME),
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05+01:00", Kind.DATETIME),
        ("2024-01-02", "2024-01-03", Kind.DATE),
        ("Å", "å", Kind.TEXT),
        ("a", "a ", Kind.TEXT),
        ("007", "7", Kind.IDENTIFIER),
        (b"\x00", b"\x01", Kind.BINARY),
    ],
)
def test_means_something_else(left, right, kind):
    assert not same(left, right, kind)
    assert not same(right, left, kind)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4), st.integers(0, 6))
def test_numbers_compare_by_value(number, zeros):
    text = f"{number:f}"
    padded = text + "0" * zeros if "." in text else text
    assert same(text, padded, Kind.NUMBER)
    shown = pl.DataFrame({"n": [text]}).select(comparable(pl.col("n"), Kind.NUMBER)).item()
    assert Decimal(shown) == number


@given(
    st.decimals(places=3, min_value=-1000, max_value=1000),
    st.decimals(places=3, min_value=-1000, max_value=1000),
)
def test_numbers_differ_exactly_when_their_values_do(left, right):
    assert same(f"{left:f}", f"{right:f}", Kind.NUMBER) == (left == right)


@given(st.text())
def test_text_is_compared_exactly(text):
    assert same(text, text, Kind.TEXT)
    assert not same(text + "x", text, Kind.TEXT)


def test_every_column_has_a_kind():
    kinds = column_kinds(small_model().objects["account"])
    assert tuple(kinds) == small_model().objects["account"].columns
    assert kinds["revenue_amount"] is Kind.NUMBER
    assert kinds["phone_valid"] is Kind.BOOLEAN
    assert kinds["parent"] is Kind.REFERENCE
