"""Texts are read where polars keeps them, whatever the column is a part of."""

import numpy as np
import polars as pl
import pytest

from crmmigrate.compiled.columns import viewed_column
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.views import text_at, uncounted


@compiled
def add_up(views, addresses, lengths, sums):
    """Tell the length of each text, and the sum of its bytes by their places."""
    views, addresses = uncounted(views), uncounted(addresses)
    for row in range(len(views)):
        text = text_at(views, addresses, row)
        lengths[row] = len(text)
        for at in range(len(text)):
            sums[row] += text[at] * (at + 1)


TEXTS = [
    "",
    "a",
    "twelve bytes",
    "thirteen byte",
    None,
    "Ș" * 400,
    "x" * 70_000,
    "👍",
    "\x00",
    None,
]


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("text", TEXTS * 30),
        pl.Series("text", TEXTS * 30)[7:-5],
        pl.concat([pl.Series(TEXTS), pl.Series(["y" * 99]), pl.Series(TEXTS)], rechunk=False),
        pl.Series([f"{n:040}" for n in range(5_000)]).gather([4_999, 0, 17, 4_999]),
        pl.Series("text", [None, None], dtype=pl.String),
        pl.Series("text", [], dtype=pl.String),
    ],
)
def test_texts_are_found_where_they_stand(column):
    seen = viewed_column(column)
    lengths, sums = np.zeros(len(seen), np.int64), np.zeros(len(seen), np.int64)
    add_up(seen.views, seen.addresses, lengths, sums)
    wanted = [(text or "").encode() for text in column]
    assert lengths.tolist() == [len(text) for text in wanted]
    assert sums.tolist() == [sum(b * (at + 1) for at, b in enumerate(text)) for text in wanted]
    assert (seen.missing is None) == (column.null_count() == 0)
    if seen.missing is not None:
        assert seen.missing.tolist() == column.is_null().to_list()
