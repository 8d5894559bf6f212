"""Whatever goes wrong, a load that is run again ends as if nothing had: nothing lost, nothing twice.

`CRMMIGRATE_FAULT_SCHEDULES` says how many schedules are run for each target; the nightly run takes
thousands.
"""

import os

import pytest
from support.shaken import VARIANTS, calm, shake
from support.small_crms import ESPO, SUITE, espo_crm, suite_crm

from crmmigrate.adapters.rest import open_target
from crmmigrate.testing.faults import HTTP_FAULTS, PROXY_FAULTS, TARGET_FAULTS, Fault, Schedule
from crmmigrate.testing.simulators import PlainCrm, Simulator
from crmmigrate.testing.simulators.plain import PLAIN_OPTIONS, plain_description
from crmmigrate.testing.worlds import World, small_model

SCHEDULES = int(os.environ.get("CRMMIGRATE_FAULT_SCHEDULES", "5"))
SERVER_KINDS = (*HTTP_FAULTS, Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.DISK_FULL)
EMBEDDED = {"adapter": "sqlite", "path": "crm.db", "options": {"batch_size": 5}}


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_embedded_crm(tmp_path, seed):
    schedule = shake(World(tmp_path, target=EMBEDDED), seed, TARGET_FAULTS)
    assert schedule.drawn


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_http_simulator(tmp_path, seed):
    model = small_model()
    folder = tmp_path / "mappings" / "plain"
    folder.mkdir(parents=True)
    told = plain_description(model)
    # Every other CRM does not tell how many records it has.
    (folder / "rest.yaml").write_text(told.replace("total: total", "") if seed % 2 else told)
    crm = PlainCrm(tmp_path / "plain.db", model)
    with Simulator(crm) as simulator:
        options = {**PLAIN_OPTIONS, "batch_size": 5}
        target = {"adapter": "rest", "url": simulator.url, "options": options}
        world = World(tmp_path, target=target)
        schedule = shake(world, seed, SERVER_KINDS, opener=open_target, simulator=simulator)
        assert schedule.drawn
    keys = [(r.object, r.fields["legacy_key"]) for r in crm.store.everything()]
    crm.store.close()
    assert len(keys) == len(set(keys)), "no record twice, deleted ones included"


ONCE = tuple(kind for kind in SERVER_KINDS if kind is not Fault.DUPLICATE_DELIVERY)
"""EspoCRM gives a record that is delivered twice two ids, and nothing can tell it otherwise."""


@pytest.mark.parametrize("seed", range(max(4, SCHEDULES // 3)))
@pytest.mark.parametrize(
    ("make", "options", "kinds"),
    [(espo_crm, ESPO, ONCE), (suite_crm, SUITE, SERVER_KINDS)],
    ids=["espocrm", "suitecrm"],
)
def test_described_crms(tmp_path, make, options, kinds, seed):
    crm = make(tmp_path)
    with Simulator(crm) as simulator:
        given = {**options, "batch_size": 5, "max_parallel": 1 + seed % 3}
        target = {"adapter": "rest", "url": simulator.url, "options": given}
        world = World(tmp_path, target=target)
        schedule = shake(world, seed, kinds, opener=open_target, simulator=simulator)
        assert schedule.drawn
    crm.store.close()


def test_the_two_loads_differ():
    for variant in range(VARIANTS):
        before, after = calm(variant)
        assert before != after
        assert sum(map(len, after.values())) > sum(map(len, before.values()))


def test_schedules_are_the_same_for_the_same_seed():
    one, two = (Schedule(7, TARGET_FAULTS) for _ in range(2))
    assert [one.draw() for _ in range(200)] == [two.draw() for _ in range(200)]
    assert len(one.drawn) == one.most
    assert set(one.drawn) <= set(TARGET_FAULTS)


def test_every_fault_can_be_drawn():
    schedule = Schedule(1, [*TARGET_FAULTS, *HTTP_FAULTS, *PROXY_FAULTS], share=1.0, most=2000)
    for _ in range(2000):
        schedule.draw()
    assert set(schedule.drawn) == set(Fault)
