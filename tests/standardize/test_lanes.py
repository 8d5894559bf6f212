"""Rows of a frame are put in the place of others, whatever the order they come in."""

import polars as pl
import pytest

from crmmigrate.standardize.lanes import replaced


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
