"""One writer at a time; runs are found by the beginning of their id."""

import subprocess
import sys
from datetime import UTC, datetime

import polars as pl
import pytest

from crmmigrate.errors import LockHeldError, UsageError
from crmmigrate.store.artifacts import UnitWriter, read
from crmmigrate.store.workspace import Workspace

NOW = datetime(2026, 3, 1, 9, 15, tzinfo=UTC)

HOLDER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from crmmigrate.store.workspace import Workspace
with Workspace(Path(sys.argv[1])).locked(datetime.now(UTC)):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_lock_is_exclusive_and_dies_with_its_process(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(LockHeldError, match=f"process {holder.pid}"),
            Workspace(tmp_path).locked(NOW),
        ):
            pass
        holder.kill()
        holder.wait()
        with Workspace(tmp_path).locked(NOW):
            assert (tmp_path / ".crmmigrate" / "lock").exists()


def test_runs_are_found_by_prefix(tmp_path):
    workspace = Workspace(tmp_path)
    first = workspace.new_run(NOW, ["crmmigrate", "run"])
    second = workspace.new_run(NOW.replace(hour=10), ["crmmigrate", "run"])
    assert workspace.current() == second
    assert workspace.run(first.id[:15]) == first
    with pytest.raises(UsageError, match="no such run"):
        workspace.run("1999")
    with pytest.raises(UsageError, match="more than one"):
        workspace.run("2026")


def test_finished_stages_are_carried_over_without_a_copy(tmp_path):
    workspace = Workspace(tmp_path)
    old = workspace.new_run(NOW, [])
    with UnitWriter(old.dir, "extract", "a.b") as writer:
        writer.write("rows", pl.DataFrame({"x": [1]}))
        writer.finish()
    old.finish_stage("extract", {"fingerprint": "f"})
    new = workspace.new_run(NOW.replace(hour=11), [])
    workspace.carry_over(old, new, ["extract", "map"])
    assert new.stage("extract") == {"fingerprint": "f"}
    assert new.stage("map") is None
    part = new.dir / "extract" / "a.b" / "rows-00000.parquet"
    assert part.stat().st_nlink == 2
    assert read(new.dir, "extract", "a.b", "rows")["x"].to_list() == [1]
