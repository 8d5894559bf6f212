"""Whatever goes wrong while records are taken over: each is linked once, and can be let go again."""

import os

import polars as pl
import pytest

from crmmigrate.config.bundled import bundled_path
from crmmigrate.config.matching import load_match_rules
from crmmigrate.stages.target import open_crm
from crmmigrate.store.workspace import Run
from crmmigrate.testing.contract import operations_frame
from crmmigrate.testing.faults import TARGET_FAULTS, Schedule
from crmmigrate.testing.laboratory import disturbed, load_through
from crmmigrate.testing.records import record_key
from crmmigrate.testing.worlds import World

SCHEDULES = int(os.environ.get("CRMMIGRATE_FAULT_SCHEDULES", "5"))
NAMES = ("Ana Popescu", "Bjørn Hansen", "Chloé Martin", "Łukasz Nowak", "Zoë Smith", "Ion Marin")
MADE_BY_HAND = 3


@pytest.fixture(scope="module")
def rules():
    return {"contact": load_match_rules(bundled_path("rules/match/contact.yaml"))}


def contacts():
    return [
        {
            "_key": record_key("contact", number),
            "name": name,
            "email": f"{name.split()[1].lower()}{number}@alfa.example",
            "born": f"19{70 + number}-0{number + 1}-11",
        }
        for number, name in enumerate(NAMES)
    ]


def make_by_hand(world):
    """Put some of the people into the target, without a key and without the birth date."""
    with open_crm(world.context(Run("none", world.root))) as crm:
        rows = [
            {"external_id": f"hand/{n}", "name": r["name"], "email": r["email"].upper()}
            for n, r in enumerate(contacts()[:MADE_BY_HAND])
        ]
        made = crm.target.write("contact", "create", operations_frame(rows))
        free = made.select("op_id", "target_id").with_columns(external_id=pl.lit(None, pl.String))
        assert set(crm.target.claim("contact", free)["status"]) == {"succeeded"}


def everything(world):
    with open_crm(world.context(Run("none", world.root))) as crm:
        frames = [pl.DataFrame(pl.from_arrow(b)) for b in crm.target.fetch("contact", None, "id")]
    rows = pl.concat(frames).drop("_modified_at").to_dicts()
    return {row["_id"]: row for row in rows}


@pytest.mark.parametrize("seed", range(max(4, SCHEDULES // 4)))
def test_links(tmp_path, rules, seed):
    target = {"adapter": "sqlite", "path": "crm.db", "options": {"batch_size": 2}}
    world = World(tmp_path, target=target, match_rules=rules)
    make_by_hand(world)
    before = everything(world)
    run = world.new_run({"contact": contacts()})
    counts = world.plan(run).facts["actions"]["contact"]
    assert (counts["link"], counts["create"]) == (MADE_BY_HAND, len(NAMES) - MADE_BY_HAND)
    schedule = Schedule(seed, TARGET_FAULTS, most=12)
    with disturbed(schedule):
        load_through(world, run, world.load)
    after = everything(world)
    assert sorted(row["_external_id"] for row in after.values()) == sorted(
        record["_key"] for record in contacts()
    ), schedule.drawn
    assert set(before) <= set(after)
    assert {row["born"] for row in after.values()} == {r["born"] for r in contacts()}
    assert world.verify(run).gates[0].passed
    assert not world.plan(world.new_run({"contact": contacts()})).facts["pending"]
    with disturbed(Schedule(seed + 1000, TARGET_FAULTS, most=12)):
        load_through(world, run, world.rollback)
    assert everything(world) == before, schedule.drawn
