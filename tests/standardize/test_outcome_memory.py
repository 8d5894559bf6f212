"""Values that came before are answered as the kernel answered them, and it is not asked again."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize import outcome_memory
from crmmigrate.standardize.distinct import find_distinct
from crmmigrate.standardize.lanes import fast_frame
from crmmigrate.standardize.outcome_memory import OutcomeMemory

ADDRESS = SemanticType.POSTAL_ADDRESS
CELLS = st.none() | st.sampled_from(["", "Str. Mare 1", "Ștefan 2", "x" * 40, "9"])
BLOCKS = st.lists(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8), max_size=6)


class Kernel:
    """Tells the length of what it was given, and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, kind, distinct, book, options):
        self.asked += distinct.rows()
        value = pl.concat_str("text", "street", ignore_nulls=True)
        codes = (
            pl.when(pl.col("text").is_null())
            .then(pl.lit([], pl.List(pl.String)))
            .otherwise(pl.lit(["STD1", "STD2"]))
        )
        return fast_frame(
            distinct.select(value=value.replace("", None), codes=codes, street="street"), ["street"]
        )


def frame_of(rows):
    """Return the distinct values of a block."""
    frame = pl.DataFrame(
        rows, schema=dict.fromkeys(("text", "street", "_region"), pl.String), orient="row"
    )
    return find_distinct(frame).rows


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(outcome_memory, "LEAST_ROWS", 0)


@settings(max_examples=80, deadline=None)
@given(BLOCKS, st.sampled_from([4, 100]))
def test_answers_are_those_of_the_kernel(book, blocks, most):
    kernel, plain = Kernel(), Kernel()
    memory = OutcomeMemory(kernel)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outcome_memory, "_MOST", most)
        for frame in map(frame_of, blocks):
            told = memory.run_kernel(ADDRESS, frame, book, {})
            assert told.equals(plain(ADDRESS, frame, book, {}))
            assert told.schema == plain(ADDRESS, frame, book, {}).schema
    if most == 100:
        assert len(kernel.asked) == len(set(kernel.asked)) == len(set(plain.asked))


def test_other_options_columns_and_types_are_asked_anew(book):
    kernel = Kernel()
    memory = OutcomeMemory(kernel)
    frame = frame_of([("a", "b", "RO"), ("c", None, None)])
    for kind, given_, options in (
        (ADDRESS, frame, {}),
        (ADDRESS, frame, {"lines": True}),
        (SemanticType.DATE, frame, {}),
        (ADDRESS, frame.with_columns(unit="text"), {}),
    ):
        memory.run_kernel(kind, given_, book, options)
    assert len(kernel.asked) == 8


def test_values_that_share_a_hash_are_told_apart(book, monkeypatch):
    monkeypatch.setattr(
        outcome_memory, "hash_rows", lambda frame: pl.Series([7] * frame.height, dtype=pl.UInt64)
    )
    frame = frame_of([("a", "b", "RO"), ("c", None, None)])
    told = OutcomeMemory(Kernel()).run_kernel(ADDRESS, frame, book, {})
    assert told.equals(Kernel()(ADDRESS, frame, book, {}))
