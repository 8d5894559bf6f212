"""Parquet files keep their types."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crmmigrate.adapters.registry import open_file
from crmmigrate.errors import UsageError

MOMENT = dt.datetime(2024, 1, 2)  # noqa: DTZ001 - Parquet holds times without a zone


def test_types(tmp_path, read_all):
    path = tmp_path / "a.parquet"
    table = pa.table(
        {
            "i": pa.array([1, None], pa.int32()),
            "d": pa.array([Decimal("1.10"), None], pa.decimal128(10, 2)),
            "s": pa.array(["x", "y"], pa.large_string()),
            "b": pa.array([b"\x00\xff", None], pa.binary()),
            "t": pa.array([MOMENT, None]),
            "l": pa.array([[1, 2], None]),
            "c": pa.array(["k", "k"]).dictionary_encode(),
        }
    )
    pq.write_table(table, path)
    source = open_file(path)
    frame = read_all(source)
    assert frame["_row"].to_list() == [1, 2]
    assert frame.drop("_row", "_rejected", "_excluded", "_text").row(0) == (
        1,
        "1.10",
        "x",
        b"\x00\xff",
        MOMENT,
        "[1, 2]",
        "k",
    )
    assert source.describe().datasets[0].rows == 2
    assert frame.schema["i"] == pl.Int32


def test_running_number_goes_on_over_batches(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"x": range(120_000)}).write_parquet(path)
    batches = list(open_file(path).read("file"))
    numbers = [n for b in batches for n in b.column("_row").to_pylist()]
    assert numbers == list(range(1, 120_001))
    assert max(b.num_rows for b in batches) <= 50_000


def test_no_parquet_file(write_file):
    with pytest.raises(UsageError, match="no Parquet file"):
        open_file(write_file("a.parquet", b"PAR1 nonsense")).describe()
