import sqlite3

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmmigrate.adapters.relational.target import RelationalCrm
from crmmigrate.errors import InterruptedRunError, RemoteError, UsageError
from crmmigrate.stages.target import open_crm
from crmmigrate.store.artifacts import read
from crmmigrate.testing.records import made_up_records, record_key
from crmmigrate.testing.worlds import World


def account(number, **fields):
    return {"_key": record_key("account", number), "name": f"N{number}", **fields}


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def sql(tmp_path, statement):
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        return connection.execute(statement).fetchall()


def rows_in_tables(world):
    return {o: sql(world.root, f'SELECT count(*) FROM "{o}"')[0][0] for o in world.model.objects}


def test_it_gives_the_empty_crm_back(world):
    run = world.bring(made_up_records(60))
    report = world.rollback(run)
    assert set(rows_in_tables(world).values()) == {0}
    assert report.gates[0].passed
    assert all(line.balanced for line in report.books)
    assert sum(f["removed"] for f in report.facts["objects"].values()) > 60


def test_looking_first_changes_nothing(world):
    run = world.bring(made_up_records(20))
    before = world.contents()
    report = world.rollback(run, dry_run=True)
    assert world.contents() == before
    assert report.facts["planned"]
    assert sum(f["removed"] for f in report.facts["objects"].values()) == sum(
        map(len, before.values())
    )


def test_after_it_a_plan_creates_again(world):
    records = made_up_records(20)
    run = world.bring(records)
    before = world.contents()
    world.rollback(run)
    again = world.new_run(records)
    report = world.plan(again)
    assert report.facts["pending"] == sum(map(len, records.values()))
    world.load(again)
    assert world.contents() == before


def test_the_same_plan_can_be_loaded_again_after_it(world):
    run = world.bring(made_up_records(20))
    before = world.contents()
    world.rollback(run)
    world.load(run)
    assert world.contents() == before
    world.rollback(run)
    assert set(rows_in_tables(world).values()) == {0}


def test_updates_get_their_before_images_back(world):
    one, two = record_key("account", 1), record_key("account", 2)
    records = {
        "user": [{"_key": record_key("user", 1), "name": "U"}],
        "account": [account(1, kind="customer", parent=two), account(2)],
        "contact": [
            {"_key": record_key("contact", 1), "name": "C", "account": one, "active": "true"}
        ],
    }
    world.bring(records)
    before = world.contents()
    changed = {
        "user": records["user"],
        "account": [
            account(1, kind=None, parent=one),
            account(2, parent=one, owner=record_key("user", 1)),
        ],
        "contact": [
            {"_key": record_key("contact", 1), "name": "D", "account": two, "active": None}
        ],
    }
    run = world.bring(changed)
    assert world.contents() != before
    report = world.rollback(run)
    assert world.contents() == before
    assert report.facts["objects"]["account"]["restored"] == 2


def test_edited_records_are_spared_and_listed(world):
    run = world.bring({"account": [account(1), account(2), account(3)]})
    sql(world.root, "UPDATE account SET phone = '+40722123456' WHERE name = 'N2'")
    report = world.rollback(run)
    assert [r["name"] for r in world.contents()["account"]] == ["N2"]
    assert report.facts["spared"]["account"] == [record_key("account", 2)]
    spared = read(run.dir, "rollback", "account", "spared").to_dicts()
    assert spared == [
        {
            "external_id": record_key("account", 2),
            "code": "RBK701",
            "fields": "phone",
            "action": "create",
        }
    ]
    assert [(f.code, f.count) for f in report.findings] == [("RBK701", 1)]


def test_an_edit_of_an_updated_record_spares_it(world):
    world.bring({"account": [account(1), account(2)]})
    run = world.bring({"account": [account(1, kind="customer"), account(2, kind="customer")]})
    sql(world.root, "UPDATE account SET kind = 'supplier' WHERE name = 'N1'")
    world.rollback(run)
    assert sql(world.root, "SELECT kind FROM account ORDER BY name") == [("supplier",), (None,)]


def test_an_edit_of_another_field_of_an_updated_record_is_kept(world):
    world.bring({"account": [account(1)]})
    run = world.bring({"account": [account(1, kind="customer")]})
    sql(world.root, "UPDATE account SET phone = '1'")
    world.rollback(run)
    assert sql(world.root, "SELECT kind, phone FROM account") == [(None, "1")]


def test_what_a_spared_record_needs_stays_however_far(world):
    keys = [record_key("account", n) for n in range(4)]
    run = world.bring(
        {
            "account": [
                account(0),
                account(1, parent=keys[0]),
                account(2, parent=keys[1]),
                account(3),
            ],
            "contact": [{"_key": record_key("contact", 1), "name": "C", "account": keys[2]}],
        }
    )
    sql(world.root, "UPDATE contact SET name = 'edited'")
    report = world.rollback(run)
    there = world.contents()
    assert [r["name"] for r in there["contact"]] == ["edited"]
    assert [(r["name"], r["parent"]) for r in there["account"]] == [
        ("N0", None),
        ("N1", keys[0]),
        ("N2", keys[1]),
    ]
    assert {f.code: f.count for f in report.findings} == {"RBK701": 1, "RBK702": 3}


def test_what_others_need_stays(world):
    run = world.bring({"account": [account(1), account(2)]})
    sql(
        world.root,
        "INSERT INTO note (body, about_id, about_type, created_at, modified_at) SELECT 'theirs', id, 'account', '', '' FROM account WHERE name = 'N1'",
    )
    report = world.rollback(run)
    assert [r["name"] for r in world.contents()["account"]] == ["N1"]
    assert {f.code for f in report.findings} == {"RBK703"}
    assert not report.gates[0].passed
    sql(world.root, "DELETE FROM note")
    world.rollback(run)
    assert rows_in_tables(world)["account"] == 0


def test_records_that_are_gone_are_no_problem(world):
    run = world.bring({"account": [account(1), account(2)]})
    sql(world.root, "DELETE FROM account WHERE name = 'N1'")
    report = world.rollback(run)
    assert report.facts["objects"]["account"]["gone"] == 1
    assert rows_in_tables(world)["account"] == 0


def test_records_of_other_runs_stay(world):
    world.bring({"account": [account(1)]})
    run = world.bring({"account": [account(1), account(2)]})
    world.rollback(run)
    assert [r["name"] for r in world.contents()["account"]] == ["N1"]


def test_an_older_run_under_a_newer_one_is_spared(world):
    first = world.bring({"account": [account(1), account(2)]})
    world.bring({"account": [account(1, kind="customer"), account(2)]})
    world.rollback(first)
    assert [r["name"] for r in world.contents()["account"]] == ["N1"]


@pytest.mark.parametrize("deletes", [False, True])
def test_a_merge_is_undone_with_the_children_it_moved(world, deletes):
    one, two = record_key("account", 1), record_key("account", 2)
    note = {"_key": record_key("note", 1), "body": "B"}

    def records(parent, *accounts):
        return {
            "account": [*accounts, account(3, parent=parent)],
            "contact": [{"_key": record_key("contact", 1), "name": "C", "account": parent}],
            "note": [{**note, "about": parent}],
        }

    old = records(two, account(1), account(2))
    world.bring(old)
    before = world.contents()
    if deletes:
        world.deletes, world.gates = {"account": "delete"}, {"max_deleted": "50%"}
    run = world.new_run(records(one, account(1, phone="+40722123456")), {"account": {two: one}})
    world.plan(run)
    world.load(run)
    left = [r["_external_id"] for r in world.contents()["account"]]
    assert (two in left) is not deletes
    assert [r["account"] for r in world.contents()["contact"]] == [one]
    assert [r["about"] for r in world.contents()["note"]] == [one]
    report = world.rollback(run)
    assert world.contents() == before
    assert report.findings == ()
    again = world.new_run(old)
    assert world.plan(again).facts["pending"] == 0
    world.load(again)
    assert world.verify(again).gates[0].passed


def test_children_moved_by_a_merge_come_back_alone(world):
    one, two = record_key("account", 1), record_key("account", 2)
    contact = {"_key": record_key("contact", 1), "name": "C"}
    world.bring({"account": [account(1), account(2)], "contact": [{**contact, "account": two}]})
    before = world.contents()
    merged = {"account": [account(1, phone="1")], "contact": [{**contact, "account": one}]}
    run = world.new_run(merged, {"account": {two: one}})
    world.plan(run)
    world.load(run)
    world.rollback(run, select="contact")
    assert world.contents()["contact"] == before["contact"]
    assert world.contents()["account"] != before["account"]


def test_one_object_only(world):
    run = world.bring(
        {"account": [account(1)], "contact": [{"_key": record_key("contact", 1), "name": "C"}]}
    )
    world.rollback(run, select="contact")
    assert rows_in_tables(world)["contact"] == 0
    assert rows_in_tables(world)["account"] == 1
    with pytest.raises(UsageError, match="no object 'dragon'"):
        world.rollback(run, select="dragon")


def test_a_run_that_loaded_nothing(world):
    run = world.new_run({"account": [account(1)]})
    world.plan(run)
    with pytest.raises(UsageError, match="nothing of run"):
        world.rollback(run)


def test_references_left_out_do_not_count_as_edits(world):
    run = world.bring(
        {
            "account": [account(1, kind="enemy")],
            "contact": [
                {"_key": record_key("contact", 1), "name": "C", "account": record_key("account", 1)}
            ],
        }
    )
    report = world.rollback(run)
    assert report.findings == ()
    assert rows_in_tables(world)["contact"] == 0


def test_a_record_whose_reply_was_lost_is_undone_too(world, monkeypatch):
    run = world.new_run({"account": [account(1)]})
    world.plan(run)
    write = RelationalCrm.write

    def lost(self, *arguments):
        write(self, *arguments)
        raise RemoteError("the connection was lost")

    monkeypatch.setattr(RelationalCrm, "write", lost)
    with pytest.raises(RemoteError):
        world.load(run)
    monkeypatch.undo()
    world.rollback(run)
    assert rows_in_tables(world)["account"] == 0


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("at", [1, 4, 9])
def test_it_goes_on_after_an_interruption(world, monkeypatch, at, committed):
    world.target = {"adapter": "sqlite", "path": "crm.db", "options": {"batch_size": 6}}
    run = world.bring(made_up_records(15))
    calls, write = [], RelationalCrm.write

    def interrupted(self, *arguments):
        calls.append(1)
        if len(calls) != at:
            return write(self, *arguments)
        if committed:
            write(self, *arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(RelationalCrm, "write", interrupted)
    with pytest.raises(InterruptedRunError, match="undoing"):
        world.rollback(run)
    monkeypatch.undo()
    report = world.rollback(run)
    assert set(rows_in_tables(world).values()) == {0}
    assert report.findings == ()


SMALL = st.integers(0, 12)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=SMALL, second=SMALL, seed=st.integers(0, 10**6))
def test_plan_load_rollback_is_the_identity(tmp_path_factory, first, second, seed):
    world = World(tmp_path_factory.mktemp("world"))
    world.bring(made_up_records(first, seed))
    before = world.contents()
    records = made_up_records(second, seed + 1)
    run = world.new_run(records)
    pending = world.plan(run).facts["pending"]
    world.load(run)
    assert world.plan(world.new_run(records)).facts["pending"] == 0
    assert world.verify(run).gates[0].passed
    if pending:
        world.rollback(run)
    assert world.contents() == before


def test_what_was_deleted_in_a_circle_comes_back_with_what_it_pointed_to(world):
    one, two, three = (record_key("account", n) for n in (1, 2, 3))
    person = record_key("contact", 1)
    rest = [account(3)]
    world.bring(
        {
            "account": [account(1, main_contact=person), account(2, parent=one), *rest],
            "contact": [{"_key": person, "name": "P", "account": one}],
        }
    )
    before = world.contents()
    world.deletes, world.gates = {"*": "delete"}, {"max_deleted": "100%"}
    run = world.new_run({"account": rest, "contact": []})
    world.plan(run)
    world.load(run)
    assert [r["_external_id"] for r in world.contents()["account"]] == [three]
    report = world.rollback(run)
    assert world.contents() == before
    assert report.findings == ()
    assert report.facts["objects"]["account"]["restored"] == 2
    assert two in {r["_external_id"] for r in world.contents()["account"]}


def test_a_reference_that_cannot_be_restored_is_told(world):
    one, two = record_key("account", 1), record_key("account", 2)
    contact = {"_key": record_key("contact", 1), "name": "C"}
    both = [account(1), account(2)]
    world.bring({"account": both, "contact": [{**contact, "account": two}]})
    run = world.new_run({"account": both, "contact": [{**contact, "account": one}]})
    world.plan(run)
    world.load(run)
    with sqlite3.connect(world.root / "crm.db") as crm:
        crm.execute("DELETE FROM account WHERE external_id = ?", (two,))
    with open_crm(world.context(run)) as crm:
        (gone,) = crm.ledger.crosswalk.by_source(crm.name, pl.Series([two]))["target_id"]
        crm.ledger.crosswalk.remove(crm.name, "account", pl.Series([gone]))
    report = world.rollback(run)
    assert [f.code for f in report.findings] == ["RBK706"]
    assert report.facts["objects"]["contact"]["restored"] == 1
