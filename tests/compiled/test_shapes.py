"""Compiled loops over columns give what plain Python gives."""

import re

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.compiled.columns import text_column, text_series
from crmmigrate.compiled.shapes import number_distinct, read_shapes

CELLS = st.lists(
    st.none() | st.text(alphabet="0123456789.- añ日\U0001f600", max_size=40), max_size=30
)


@given(CELLS)
def test_columns_come_back_as_they_went(cells):
    series = pl.Series("x", cells, dtype=pl.String)
    column = text_column(series)
    assert len(column) == len(cells)
    back = text_series("x", column.data, column.offsets, column.missing)
    assert back.to_list() == cells


@given(CELLS, st.integers(0, 5))
def test_slices_of_a_column_are_columns(cells, cut):
    series = pl.Series("x", ["before", *cells], dtype=pl.String)[1:][cut:]
    column = text_column(series)
    assert text_series("x", column.data, column.offsets, column.missing).equals(series)


@given(CELLS)
def test_values_of_one_shape_differ_only_in_digits(cells):
    shapes = read_shapes(text_column(pl.Series(cells, dtype=pl.String)))
    plain = [re.sub("[0-9]", "0", cell or "") for cell in cells]
    for one, shape in enumerate(plain):
        for other in range(one):
            assert (shapes.numbers[one] == shapes.numbers[other]) == (shape == plain[other])
    assert [plain[row] for row in shapes.firsts[shapes.numbers]] == plain


@given(CELLS)
def test_runs_of_digits_are_their_numbers(cells):
    shapes = read_shapes(text_column(pl.Series(cells, dtype=pl.String)), most=3)
    for row, cell in enumerate(cells):
        runs = re.findall("[0-9]+", cell or "")
        assert shapes.counts[row] == len(runs)
        known = [int(run[:18]) for run in runs[:3]]
        assert list(shapes.runs[row][: len(known)]) == known


def test_an_empty_column_has_no_shape():
    shapes = read_shapes(text_column(pl.Series([], dtype=pl.String)))
    assert shapes.numbers.dtype == np.int64
    assert len(shapes.numbers) == 0


@given(st.lists(st.integers(0, 2**64 - 1), max_size=30), st.integers(1, 3))
def test_numbers_are_told_apart(few, times):
    hashes = np.array(few * times, dtype=np.uint64)
    firsts, numbers = number_distinct(hashes)
    assert hashes[firsts].tolist() == list(dict.fromkeys(few * times))
    assert hashes[firsts][numbers].tolist() == few * times


def test_many_numbers_are_told_apart():
    hashes = np.arange(100_000, dtype=np.uint64) * np.uint64(1 << 32)
    firsts, numbers = number_distinct(np.concatenate([hashes, hashes]))
    assert firsts.tolist() == list(range(100_000))
    assert numbers.tolist() == list(range(100_000)) * 2


def test_nulls_have_no_bytes_whatever_stood_there_before():
    frame = pl.DataFrame({"x": ["mailto:someone@a-long-domain.example", "b" * 40, "c"]})
    masked = frame.select(pl.when(pl.col("x") != "b" * 40).then("x")).to_series()
    column = text_column(masked)
    assert np.diff(column.offsets).tolist() == [36, 0, 1]
