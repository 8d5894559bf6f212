"""Distinct rows by hash are those by comparison, and their order is that of appearance."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.standardize import distinct
from crmmigrate.standardize.distinct import find_distinct, number_texts

cell = st.one_of(st.none(), st.sampled_from(["", " ", "a", "b", "ab", "Ș", "👩‍💻", "x" * 40]))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(cell, cell, cell), max_size=40), st.sampled_from([0, 1000]))
def test_rows_are_found_again(rows, many):
    frame = pl.DataFrame(rows, schema=dict.fromkeys("xyz", pl.String), orient="row")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distinct, "_MANY", many)
        found = find_distinct(frame)
    assert found.rows.equals(frame.unique(maintain_order=True))
    assert found.rows[found.at].equals(frame)


def test_rows_that_share_a_hash_are_told_apart(monkeypatch):
    monkeypatch.setattr(
        distinct, "_hash", lambda columns: pl.col(columns[0]).str.len_bytes().alias("_hash")
    )
    frame = pl.DataFrame({"x": ["a", "b", "a", None, "b"]})
    found = find_distinct(frame)
    assert found.rows["x"].to_list() == ["a", "b", None]
    assert found.rows[found.at].equals(frame)


@pytest.mark.parametrize("times", [1, 9_000])
def test_texts_are_numbered_in_the_order_of_their_first_rows(times):
    texts = pl.Series(["RO", None, "NO", "", "RO", None] * times)
    different, at = number_texts(texts)
    assert different.to_list() == ["RO", None, "NO", ""]
    assert at.to_list() == [0, 1, 2, 3, 0, 1] * times
    none, nowhere = number_texts(texts.clear())
    assert none.is_empty()
    assert nowhere.is_empty()
