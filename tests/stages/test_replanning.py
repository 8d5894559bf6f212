"""`load --allow-drift`: drifted records are planned anew, and only these."""

import sqlite3
from pathlib import Path

import pytest

from crmmigrate.errors import RefusedError
from crmmigrate.stages import load
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.target import open_crm
from crmmigrate.store.ledger import Ledger
from crmmigrate.store.workspace import Workspace
from crmmigrate.testing.laboratory import Killed
from crmmigrate.testing.records import record_key
from crmmigrate.testing.worlds import World

KEYS = [record_key("account", n) for n in (1, 2)]


def accounts(kind, **fields):
    first = {"_key": KEYS[0], "name": "N1", "kind": kind, **fields}
    return {"account": [first, {"_key": KEYS[1], "name": "N2", "kind": kind, "parent": KEYS[0]}]}


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def crm(world, statement):
    with sqlite3.connect(world.root / "crm.db") as connection:
        return connection.execute(statement).fetchall()


def table(world):
    return crm(
        world,
        "SELECT a.name, a.kind, a.phone, p.name FROM account a LEFT JOIN account p"
        " ON p.id = a.parent_id ORDER BY a.name",
    )


def load_anyway(world, run):
    options = {"allow_drift": True}
    workspace = Workspace(world.root)
    return load.run(StageContext(world.project, workspace, run, world.clock, options=options))


@pytest.fixture
def planned(world):
    """An update of two records, planned and not loaded."""
    world.unfed = frozenset({"account.phone"})
    world.bring(accounts("customer"))
    run = world.new_run(accounts("supplier"))
    world.plan(run)
    return run


def test_what_somebody_changed_elsewhere_stays_and_ours_is_written(world, planned):
    crm(world, "UPDATE account SET phone = '+40722', kind = NULL WHERE name = 'N1'")
    with pytest.raises(RefusedError, match="1 record of"):
        world.load(planned)
    report = load_anyway(world, planned)
    assert table(world) == [("N1", "supplier", "+40722", None), ("N2", "supplier", None, "N1")]
    assert any("compared again" in note and KEYS[0] in note for note in report.notes)
    assert all(gate.passed for gate in world.verify(planned).gates)
    world.rollback(planned)
    assert table(world) == [("N1", None, "+40722", None), ("N2", "customer", None, "N1")]


def test_a_change_that_was_made_by_hand_is_not_written_again(world, planned):
    crm(world, "UPDATE account SET kind = 'supplier' WHERE name = 'N1'")
    report = load_anyway(world, planned)
    assert report.books[0].balanced
    assert [row[1] for row in table(world)] == ["supplier", "supplier"]


def test_a_record_that_is_gone_is_created_again_with_its_reference(world, planned):
    crm(world, "DELETE FROM account WHERE name = 'N2'")
    report = load_anyway(world, planned)
    assert any("created again" in note for note in report.notes)
    assert table(world) == [("N1", "supplier", None, None), ("N2", "supplier", None, "N1")]
    assert all(gate.passed for gate in world.verify(planned).gates)
    assert world.plan(world.new_run(accounts("supplier"))).facts["pending"] == 0


def test_a_record_that_came_to_be_is_updated_and_not_doubled(world):
    world.bring({"account": [{"_key": record_key("account", 9), "name": "N9"}]})
    run = world.new_run(accounts("supplier"))
    world.plan(run)
    crm(
        world,
        "INSERT INTO account (external_id, name, phone, created_at, modified_at)"
        f" VALUES ('{KEYS[1]}', 'by hand', '+40722', '2026-01-01', '2026-01-01')",
    )
    report = load_anyway(world, run)
    assert any("not created" in note for note in report.notes)
    assert ("N2", "supplier", "+40722", "N1") in table(world)
    assert len(table(world)) == 3
    assert (
        world.plan(world.new_run(accounts("supplier"))).facts["actions"]["account"]["create"] == 0
    )


def test_without_drift_the_plan_is_loaded_as_it_is(world, planned):
    assert not any("since the plan" in note for note in load_anyway(world, planned).notes)
    assert [row[1] for row in table(world)] == ["supplier", "supplier"]


def test_it_says_no_to_another_configuration(world, planned):
    world.policies = {"account": {"kind": "target_wins"}}
    with pytest.raises(RefusedError, match="configuration"):
        load_anyway(world, planned)


def everything(world):
    return crm(world, "SELECT name, kind, phone FROM account ORDER BY name")


@pytest.mark.parametrize("step", range(4))
def test_a_crash_while_the_plan_is_exchanged_leaves_one_that_loads(
    world, planned, monkeypatch, step
):
    """Killed before the first rename, between the two, after both, and before the ledger knows."""
    crm(world, "UPDATE account SET phone = '+40722', kind = NULL WHERE name = 'N1'")
    calls = []
    rename = Path.replace

    def killed(path, target):
        if "plan" in {Path(path).name, Path(target).name}:
            calls.append(path)
            if len(calls) == step + 1:
                raise Killed
        return rename(path, target)

    if step < 2:
        monkeypatch.setattr(Path, "replace", killed)
    elif step == 2:
        monkeypatch.setattr(load, "_end_superseded", lambda *_: None)
        monkeypatch.setattr(Ledger, "end_plan", stop)
    else:
        opened = Ledger.open_plan
        monkeypatch.setattr(
            Ledger, "open_plan", lambda *a: stop() if calls else calls.append(0) or opened(*a)
        )
    with pytest.raises(Killed):
        load_anyway(world, planned)
    monkeypatch.undo()
    load_anyway(world, planned)
    assert everything(world) == [("N1", "supplier", "+40722"), ("N2", "supplier", None)]
    assert not [p for p in planned.dir.iterdir() if p.name.startswith(".plan")]
    assert world.verify(planned).gates[0].passed
    with open_crm(world.context(planned)) as opened_crm:
        entries = [e for e in opened_crm.ledger.plans(planned.id) if e.kind == "load"]
    assert all(entry.ended for entry in entries)
    world.rollback(planned)
    assert everything(world) == [("N1", None, "+40722"), ("N2", "customer", None)]


def stop(*_):
    raise Killed


def test_drift_of_the_configuration_names_the_files_that_were_written_since(world, planned):
    path = world.root / "mappings" / "account.yaml"
    path.parent.mkdir()
    path.write_text("changed")
    world.policies = {"account": {"kind": "target_wins"}}
    with pytest.raises(RefusedError, match="configuration has changed since the plan") as told:
        world.load(planned)
    assert any("mappings/account.yaml (20" in cause for cause in told.value.causes)
