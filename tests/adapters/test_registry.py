"""Adapters by name, and files by suffix or content."""

import polars as pl
import pytest

from crmmigrate.adapters import registry
from crmmigrate.adapters.base import Source
from crmmigrate.errors import ConfigError, UsageError


def test_built_in_adapters_are_registered():
    assert {"csv", "excel", "json", "parquet", "sql", "sqlite"} <= set(registry.adapter_names())


def test_unknown_adapter_is_told_with_the_nearest(tmp_path):
    with pytest.raises(ConfigError, match="did you mean 'parquet'"):
        registry.open_source({"adapter": "parket"}, tmp_path)
    with pytest.raises(ConfigError, match="unknown adapter ''"):
        registry.open_source({}, tmp_path)


def test_a_source_is_no_target(tmp_path):
    with pytest.raises(ConfigError, match="no target"):
        registry.open_target({"adapter": "csv"}, tmp_path)


def test_an_adapter_that_cannot_be_loaded(tmp_path, monkeypatch):
    from importlib.metadata import EntryPoint

    broken = EntryPoint("broken", "crmmigrate.nowhere:open_source", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [broken])
    with pytest.raises(ConfigError, match="cannot be loaded"):
        registry.open_source({"adapter": "broken"}, tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", b"x;y\n1;2\n", ["x", "y"]),
        ("a.dat", b"x\ty\n1\t2\n", ["x", "y"]),
        ("a.data", b'[{"x": 1}]', ["x"]),
        ("a.txt", b"x|y\n1|2\n", ["x", "y"]),
    ],
)
def test_kind_of_file(write_file, name, content, expected):
    source = registry.open_file(write_file(name, content))
    assert isinstance(source, Source)
    assert [c.name for c in source.describe().datasets[0].columns] == expected


def test_content_goes_before_suffix(tmp_path):
    path = tmp_path / "really.csv"
    pl.DataFrame({"x": [1]}).write_parquet(path)
    assert registry.open_file(path).describe().datasets[0].rows == 1


def test_database_is_no_table(write_file):
    with pytest.raises(UsageError, match="SQLite database"):
        registry.open_file(write_file("a.bin", b"SQLite format 3\0" + b"\0" * 100))
