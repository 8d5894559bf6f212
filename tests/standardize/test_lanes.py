"""Rows of a frame are put in the place of others; kernels run without a look at what lived before."""

import gc

import polars as pl
import pytest

from crmmigrate.standardize.lanes import replaced, unburdened


@pytest.mark.parametrize("count", [1, 7, 1_500])
def test_rows_in_any_order_replace_those_they_stand_for(count):
    height = 2 * count + 1
    lists = pl.Series("list", [[f"{row}", "x"][: row % 3] for row in range(height)])
    frame = pl.DataFrame({"text": [f"t{row}" for row in range(height)], "list": lists})
    rows = [(7 * place + 3) % height for place in range(count)]
    rows = list(dict.fromkeys(rows))
    others = pl.DataFrame(
        {"text": [f"n{row}" for row in rows], "list": [[f"n{row}"] for row in rows]}
    )
    done = replaced(frame, pl.Series(rows, dtype=pl.UInt32), others)
    expected = frame.to_dicts()
    for row in rows:
        expected[row] = {"text": f"n{row}", "list": [f"n{row}"]}
    assert done.to_dicts() == expected


def test_a_kernel_leaves_the_collector_of_garbage_as_it_was():
    def kernel(distinct, book, options):
        assert gc.get_freeze_count() > 0
        raise ValueError(options)

    with pytest.raises(ValueError, match="known"):
        unburdened(kernel, pl.DataFrame(), None, {"known": 1})
    assert gc.get_freeze_count() == 0
    gc.freeze()
    try:
        held = gc.get_freeze_count()
        with pytest.raises(ValueError, match="known"):
            unburdened(kernel, pl.DataFrame(), None, {"known": 1})
        assert gc.get_freeze_count() >= held > 0
    finally:
        gc.unfreeze()
