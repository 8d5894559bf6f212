"""Artifacts are whole or absent, and damage is noticed."""

import errno

import polars as pl
import pytest

from crmmigrate.errors import CorruptError, StorageError, UsageError
from crmmigrate.store.artifacts import (
    UnitWriter,
    has_unit,
    manifest,
    parts,
    read,
    scan,
    unit_dir,
    units,
)
from crmmigrate.store.files import read_json, storage_errors, write_json

FRAME = pl.DataFrame({"_key": ["a", "b"]})


def write(run_dir, unit="erp.Order Details/ไทย"):
    with UnitWriter(run_dir, "extract", unit) as writer:
        writer.write("rows", FRAME)
        writer.write("rows", FRAME)
        writer.write("rejected", FRAME.clear())
        writer.finish(rows_in=4)
    return unit


def test_any_name_round_trips(tmp_path):
    unit = write(tmp_path)
    assert units(tmp_path, "extract") == [unit]
    assert read(tmp_path, "extract", unit, "rows")["_key"].to_list() == ["a", "b", "a", "b"]
    assert manifest(tmp_path, "extract", unit)["counts"] == {"rows_in": 4}
    assert read(tmp_path, "extract", unit, "nothing") is None
    assert scan(tmp_path, "extract", unit, "nothing") is None


def test_an_empty_part_keeps_the_schema_once(tmp_path):
    unit = write(tmp_path)
    assert [p.schema for p in parts(tmp_path, "extract", unit, "rejected")] == [FRAME.schema]


def test_a_broken_off_unit_is_absent(tmp_path):
    with pytest.raises(KeyboardInterrupt), UnitWriter(tmp_path, "map", "u") as writer:
        writer.write("rows", FRAME)
        raise KeyboardInterrupt
    assert not has_unit(tmp_path, "map", "u")
    assert list((tmp_path / "map").iterdir()) == []


def test_a_broken_off_rewrite_keeps_the_old_unit(tmp_path):
    unit = write(tmp_path)
    with pytest.raises(RuntimeError), UnitWriter(tmp_path, "extract", unit) as writer:
        writer.write("rows", FRAME.head(1))
        raise RuntimeError
    assert read(tmp_path, "extract", unit, "rows").height == 4


@pytest.mark.parametrize("damage", ["truncate", "delete", "overwrite"])
def test_damage_is_noticed(tmp_path, damage):
    unit = write(tmp_path)
    path = unit_dir(tmp_path, "extract", unit) / "rows-00001.parquet"
    size = path.stat().st_size
    if damage == "delete":
        path.unlink()
    else:
        path.write_bytes(b"x" * (size if damage == "overwrite" else size // 2))
    with pytest.raises(CorruptError, match="damaged"):
        read(tmp_path, "extract", unit, "rows")


def test_files_are_private(tmp_path):
    unit = write(tmp_path)
    folder = unit_dir(tmp_path, "extract", unit)
    assert folder.stat().st_mode & 0o077 == 0
    assert all(p.stat().st_mode & 0o077 == 0 for p in folder.iterdir())


def test_a_full_disk_is_told(tmp_path):
    with pytest.raises(StorageError, match="no space left"), storage_errors(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_missing_permission_is_told(tmp_path):
    with pytest.raises(UsageError, match="no permission"), storage_errors(tmp_path):
        raise PermissionError(errno.EACCES, "denied")


def test_json_is_written_whole(tmp_path):
    write_json(tmp_path / "x.json", {"a": "ș"})
    assert read_json(tmp_path / "x.json") == {"a": "ș"}
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]
    (tmp_path / "x.json").write_text("{", encoding="utf-8")
    with pytest.raises(CorruptError):
        read_json(tmp_path / "x.json")
