"""A load that is killed anywhere and run again ends as if it had never been disturbed."""

import random
import signal
import subprocess
import sys
import time

import pytest

from crmmigrate.adapters.relational.target import RelationalCrm
from crmmigrate.store.ledger import Ledger
from crmmigrate.testing.records import made_up_records
from crmmigrate.testing.worlds import World

TARGET = {"adapter": "sqlite", "path": "crm.db", "options": {"batch_size": 10}}
WORKER = """
import sys
from pathlib import Path
from crmmigrate.testing.worlds import World
from crmmigrate.store.workspace import Workspace
world = World(Path(sys.argv[1]), target={"adapter": "sqlite", "path": "crm.db", "options": {"batch_size": 40}})
run = Workspace(world.root).current()
print("ready", flush=True)
world.load(run)
print("done", flush=True)
"""


class Crash(BaseException):
    """Stands for the death of the process: nothing in the code may catch it."""


def crash(monkeypatch, kind, name, at, *, before):
    """Die at the `at`-th call of a method, before or after its work."""
    calls, method = [], getattr(kind, name)

    def dying(self, *arguments):
        calls.append(1)
        if before and len(calls) == at:
            raise Crash
        result = method(self, *arguments)
        if not before and len(calls) == at:
            raise Crash
        return result

    monkeypatch.setattr(kind, name, dying)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(
    ("kind", "name"), [(Ledger, "mark_sent"), (RelationalCrm, "write"), (Ledger, "record")]
)
def test_dying_at_every_other_transition(tmp_path, monkeypatch, kind, name, before):
    records = made_up_records(30, seed=7)
    calm = World(tmp_path / "calm", target=TARGET)
    calm.root.mkdir()
    calm.bring(records)
    world = World(tmp_path / "shaken", target=TARGET)
    world.root.mkdir()
    run = world.new_run(records)
    world.plan(run)
    deaths = 0
    while True:
        crash(monkeypatch, kind, name, 2, before=before)
        try:
            report = world.load(run)
        except Crash:
            deaths += 1
            continue
        finally:
            monkeypatch.undo()
        break
    assert deaths >= 5
    assert world.contents() == calm.contents()
    assert report.facts["pending"] == 0
    assert sum(f["created"] for f in report.facts["objects"].values()) == sum(
        map(len, records.values())
    )
    assert world.verify(run).gates[0].passed
    world.rollback(run)
    assert not any(world.contents().values())


@pytest.mark.slow
def test_kill_9_at_random_moments(tmp_path):
    records = made_up_records(800, seed=3)
    calm = World(tmp_path / "calm")
    calm.root.mkdir()
    calm.bring(records)
    expected = calm.contents()
    world = World(tmp_path / "shaken", target={**TARGET, "options": {"batch_size": 40}})
    world.root.mkdir()
    run = world.new_run(records)
    world.plan(run)
    moments, kills = random.Random(1), 0
    for _ in range(40):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(world.root)], stdout=subprocess.PIPE, text=True
        )
        assert worker.stdout.readline() == "ready\n"
        time.sleep(moments.uniform(0.0, 0.6))
        worker.send_signal(signal.SIGKILL)
        rest, _ = worker.communicate()
        if "done" in rest:
            break
        kills += worker.returncode == -signal.SIGKILL
        if kills == 12:
            break
    assert kills >= 10
    report = world.load(run)
    assert report.facts["pending"] == 0
    assert world.contents() == expected
    assert world.verify(run).gates[0].passed
