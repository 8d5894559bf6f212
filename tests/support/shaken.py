"""One fault schedule: two loads and a rollback, disturbed; and what they must end in."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from crmmigrate.adapters.registry import open_target
from crmmigrate.testing.faults import HTTP_FAULTS, PROXY_FAULTS, Schedule
from crmmigrate.testing.laboratory import disturbed, load_through
from crmmigrate.testing.records import made_up_records
from crmmigrate.testing.worlds import World

SIZE = 14
VARIANTS = 4


def first_records(variant):
    return made_up_records(SIZE, seed=variant)


def second_records(variant):
    """The same records later: some changed, some blanked, some new."""
    later = made_up_records(SIZE + 5, seed=variant + 100)
    found = {}
    for object_, rows in first_records(variant).items():
        known = {row["_key"]: dict(row) for row in rows}
        for number, row in enumerate(known.values()):
            if object_ == "contact" and number % 3 == 0:
                row["name"] = f"{row['name']} later"
                row["born"] = None
            if object_ == "account" and number % 2 == 0:
                row["kind"] = "supplier"
                row["parent"] = None
        if object_ in {"contact", "note"}:
            known |= {r["_key"]: r for r in later[object_] if r["_key"] not in known}
            for row in known.values():
                for link in ("account", "about"):
                    if str(row.get(link) or "").partition(":")[2] not in _keys(variant):
                        row[link] = None if link in row else row.get(link)
        found[object_] = [{k: v for k, v in r.items() if k in r} for r in known.values()]
    return found


@cache
def _keys(variant):
    return {
        str(row["_key"]).partition(":")[2]
        for rows in first_records(variant).values()
        for row in rows
    }


@cache
def calm(variant):
    """Return contents after the first load and after the second, undisturbed, embedded."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.bring(first_records(variant))
        before = world.contents()
        world.bring(second_records(variant))
        return before, world.contents()


@dataclass(frozen=True)
class Tale:
    """What is loaded first and second, and what the target holds afterwards if all goes well."""

    first: dict
    second: dict
    before: dict
    after: dict


def shake(world, seed, kinds, *, opener=None, simulator=None, tale=None):
    """Do both loads and the rollback of the second under one schedule; check each state.

    With a simulator its server misbehaves, and the ledger; else the calls of the target do.
    """
    variant = seed % VARIANTS
    tale = tale or Tale(first_records(variant), second_records(variant), *calm(variant))
    before, after = tale.before, tale.after
    schedule = Schedule(seed, kinds, most=0)
    if simulator is not None:
        simulator.draw = lambda _: schedule.draw(*HTTP_FAULTS, *PROXY_FAULTS)

    def disturb(work, run):
        schedule.most = len(schedule.drawn) + 12
        with disturbed(schedule, opener, target_too=simulator is None):
            report = load_through(world, run, work)
        schedule.most = 0
        return report

    with patch("crmmigrate.stages.target.open_target", opener or open_target):
        for records, wanted in ((tale.first, before), (tale.second, after)):
            run = world.new_run(records)
            world.plan(run)
            report = disturb(world.load, run)
            assert world.contents() == wanted, f"seed {seed}: {schedule.drawn}"
            assert report.facts["pending"] == 0
            assert world.verify(run).gates[0].passed
        again = world.new_run(tale.second)
        assert not world.plan(again).facts["pending"], "a second run plans nothing"
        disturb(world.rollback, run)
        assert world.contents() == before, f"seed {seed}: rollback: {schedule.drawn}"
    return schedule
