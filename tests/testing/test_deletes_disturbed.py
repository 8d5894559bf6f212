"""Whatever goes wrong while records are deleted and brought back: the target ends as it should."""

import os

import pytest

from crmmigrate.testing.faults import TARGET_FAULTS, Schedule
from crmmigrate.testing.laboratory import disturbed, load_through
from crmmigrate.testing.records import record_key
from crmmigrate.testing.worlds import World

SCHEDULES = int(os.environ.get("CRMMIGRATE_FAULT_SCHEDULES", "5"))


def accounts():
    """A chain of accounts, each under the one before; the first points to a contact below it."""
    person = record_key("contact", 0)
    return [
        {
            "_key": record_key("account", n),
            "name": f"N{n}",
            "parent": record_key("account", n - 1) if n else None,
            "main_contact": None if n else person,
        }
        for n in range(5)
    ]


def contacts():
    return [
        {"_key": record_key("contact", n), "name": f"C{n}", "account": record_key("account", n)}
        for n in range(5)
    ]


@pytest.mark.parametrize("seed", range(max(4, SCHEDULES // 4)))
def test_deletes(tmp_path, seed):
    target = {"adapter": "sqlite", "path": "crm.db", "options": {"batch_size": 2}}
    world = World(tmp_path, target=target)
    kept = {"_key": record_key("account", 9), "name": "kept"}
    world.bring({"account": [*accounts(), kept], "contact": contacts()})
    before = world.contents()
    world.deletes, world.gates = {"*": "delete"}, {"max_deleted": "100%"}
    run = world.new_run({"account": [kept], "contact": []})
    world.plan(run)
    schedule = Schedule(seed, TARGET_FAULTS, most=12)
    with disturbed(schedule):
        load_through(world, run, world.load)
    after = world.contents()
    assert [row["_external_id"] for row in after["account"]] == [kept["_key"]], schedule.drawn
    assert after["contact"] == []
    with disturbed(Schedule(seed + 1000, TARGET_FAULTS, most=12)):
        load_through(world, run, world.rollback)
    assert world.contents() == before, schedule.drawn
