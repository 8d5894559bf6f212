"""Processes give the same rows in the same order as one process does."""

from functools import partial
from operator import methodcaller

import polars as pl
import pytest

from crmmigrate.config.canonical import load_model
from crmmigrate.config.regions import load_region_book
from crmmigrate.engines.local import LocalEngine
from crmmigrate.standardize.records import standardize_records

USER = load_model().objects["user"]


def frames(count, rows):
    names = ["Popescu, Ion", "maria IONESCU", "Kari Nordmann"]
    for part in range(count):
        columns = {c: [None] * rows for c in USER.columns}
        columns["name"] = [f"{names[n % 3]} {part}" for n in range(rows)]
        columns["phone"] = [f"07{part:02d}{n:06d}" for n in range(rows)]
        yield pl.DataFrame(
            {**columns, "_key": [f"{part}/{n}" for n in range(rows)]},
            schema={
                **dict.fromkeys(USER.columns, pl.String),
                "photo": pl.Binary,
                "_key": pl.String,
            },
        ).with_columns(pl.lit("RO").alias("_region"), pl.lit([]).alias("_findings"))


def kernel():
    return partial(standardize_records, object_type=USER, book=load_region_book(None))


@pytest.mark.slow
def test_two_processes_give_what_one_gives():
    whole = partial(LocalEngine(workers=2).run_rows, kernel())
    alone = list(LocalEngine(workers=1).run_rows(kernel(), frames(3, 12), rows=36))
    together = list(whole(frames(3, 12), rows=1_000_000))
    assert [
        a[0].equals(b[0]) and a[1].equals(b[1]) for a, b in zip(alone, together, strict=True)
    ] == [True] * 3


def test_an_error_in_a_kernel_comes_through():
    kernel = methodcaller("select", "missing")
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        list(LocalEngine(workers=2).run_rows(kernel, frames(2, 3), rows=1_000_000))


def test_no_rows_give_no_rows():
    assert list(LocalEngine().run_rows(methodcaller("select", "missing"), [], rows=0)) == []
