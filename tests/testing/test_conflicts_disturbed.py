"""Whatever goes wrong while deltas are loaded: edits on both sides are held back, nothing else is."""

import os
import random
import sqlite3

import pytest

from crmmigrate.testing.faults import TARGET_FAULTS, Schedule
from crmmigrate.testing.laboratory import disturbed, load_through
from crmmigrate.testing.records import record_key
from crmmigrate.testing.worlds import World

SCHEDULES = int(os.environ.get("CRMMIGRATE_FAULT_SCHEDULES", "5"))
RECORDS = 16
FIELDS = ("phone", "kind", "parent")
KINDS = ("customer", "supplier", None)


def key(number):
    return record_key("account", number)


def value(draw, name):
    if name == "kind":
        return draw.choice(KINDS)
    if name == "parent":
        return draw.choice([None, *(key(n) for n in range(RECORDS))])
    return draw.choice([None, *(f"+4072212345{n}" for n in range(10))])


def accounts(draw):
    return [
        {"_key": key(n), "name": f"Alfa {n} SRL", **{f: value(draw, f) for f in FIELDS}}
        for n in range(RECORDS)
    ]


def edit(world, draw, now):
    """Change values in the target as colleagues would; return what it holds then."""
    with sqlite3.connect(world.root / "crm.db") as crm:
        ids = dict(crm.execute("SELECT external_id, id FROM account"))
        for row in now:
            for name in FIELDS:
                if draw.random() < 0.5:
                    row[name] = value(draw, name)
                    column = "parent_id" if name == "parent" else name
                    held = ids[row[name]] if name == "parent" and row[name] else row[name]
                    crm.execute(
                        f"UPDATE account SET {column} = ?, "
                        "modified_at = '2999-01-01T00:00:00.000000+00:00' WHERE external_id = ?",
                        (held, row["_key"]),
                    )
    return now


def held(world):
    rows = world.contents()["account"]
    return {r["_external_id"]: {f: r[f] for f in FIELDS} for r in rows}


def changed(draw, rows):
    """Return what the sources want now."""
    return [{**row, **{f: value(draw, f) for f in FIELDS if draw.random() < 0.5}} for row in rows]


@pytest.mark.parametrize("seed", range(max(4, SCHEDULES // 4)))
def test_conflicts(tmp_path, seed):
    draw = random.Random(seed)
    target = {"adapter": "sqlite", "path": "crm.db", "options": {"batch_size": 5}}
    world = World(tmp_path, target=target)
    base = accounts(draw)
    first = world.new_run({"account": base})
    world.plan(first)
    with disturbed(Schedule(seed, TARGET_FAULTS, most=10)):
        load_through(world, first, world.load)
    there = edit(world, draw, [dict(row) for row in base])
    wanted = changed(draw, base)

    conflicts = {
        b["_key"]
        for b, t, w in zip(base, there, wanted, strict=True)
        if any(len({b[f], t[f], w[f]}) == len(("base", "theirs", "ours")) for f in FIELDS)
    }
    run = world.new_run({"account": wanted})
    report = world.plan(run)
    assert conflicts
    diffs = [d for d in report.facts["diffs"] if d["action"] == "conflict"]
    assert report.facts["actions"]["account"]["conflict"] == len(conflicts)
    assert {d["key"] for d in diffs} <= conflicts
    before = held(world)
    with disturbed(Schedule(seed + 1000, TARGET_FAULTS, most=10)):
        load_through(world, run, world.load)

    sides = zip(there, wanted, strict=True)
    expected = {t["_key"]: t if t["_key"] in conflicts else w for t, w in sides}
    assert held(world) == {k: {f: row[f] for f in FIELDS} for k, row in expected.items()}
    assert world.verify(run).gates[0].passed
    # What was held back is still in conflict; all else is as it should be.
    again = world.plan(world.new_run({"account": wanted})).facts
    assert (again["pending"], again["actions"]["account"]["conflict"]) == (0, len(conflicts))
    with disturbed(Schedule(seed + 2000, TARGET_FAULTS, most=10)):
        load_through(world, run, world.rollback)
    assert held(world) == before
