"""Numbers for hashes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.compiled.hashing import number_hashes


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 9)))
def test_numbers_go_by_first_appearance(values):
    numbers, firsts = number_hashes(np.array(values, np.uint64))
    distinct = list(dict.fromkeys(values))
    assert [distinct[number] for number in numbers] == values
    assert firsts.tolist() == [values.index(value) for value in distinct]


def test_tables_grow():
    values = np.arange(100_000, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    numbers, firsts = number_hashes(np.concatenate([values, values]))
    assert numbers.tolist() == [*range(100_000), *range(100_000)]
    assert firsts.tolist() == [*range(100_000)]
