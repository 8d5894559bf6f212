import sqlite3

import pytest

from crmmigrate.store.artifacts import read
from crmmigrate.testing.records import made_up_records, record_key
from crmmigrate.testing.worlds import World


def account(number, **fields):
    return {"_key": record_key("account", number), "name": f"N{number}", **fields}


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def edit(tmp_path, statement):
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute(statement)


def codes(report):
    return {f.code: f.count for f in report.findings}


def test_all_agrees_after_a_load(world):
    records = made_up_records(60)
    report = world.verify(world.bring(records))
    assert report.gates[0].passed
    assert report.findings == ()
    for object_, rows in records.items():
        facts = report.facts["objects"][object_]
        assert facts["values"] + facts["links"] > 0
        assert {k: v for k, v in facts.items() if k not in {"values", "links"}} == {
            "records": len(rows),
            "expected": len(rows),
            "found": len(rows),
            "matched": len(rows),
            "differing": 0,
            "missing": 0,
            "extra": 0,
            "others": 0,
        }
    assert all(line.balanced for line in report.books)


@pytest.mark.parametrize(
    ("statement", "code", "field"),
    [
        ("UPDATE account SET name = 'Other' WHERE name = 'N1'", {"VER611", "VER616"}, "name"),
        ("UPDATE account SET phone = NULL WHERE name = 'N1'", {"VER612", "VER616"}, "phone"),
        ("UPDATE account SET parent_id = NULL WHERE name = 'N1'", {"VER622", "VER616"}, "parent"),
        ("UPDATE account SET parent_id = id WHERE name = 'N1'", {"VER621", "VER616"}, "parent"),
    ],
)
def test_a_difference_fails_the_gate(world, tmp_path, statement, code, field):
    run = world.bring(
        {"account": [account(1, phone="+40722123456", parent=record_key("account", 2)), account(2)]}
    )
    edit(tmp_path, statement)
    report = world.verify(run)
    assert not report.gates[0].passed
    assert set(codes(report)) <= code
    facts = report.facts["objects"]["account"]
    assert (facts["differing"], facts["matched"]) == (1, 1)
    found = read(run.dir, "verify", "account", "differences").to_dicts()
    assert [(f["external_id"], f["field"]) for f in found] == [(record_key("account", 1), field)]


def test_a_later_edit_is_told_as_one(world, tmp_path):
    run = world.bring({"account": [account(1)]})
    edit(tmp_path, "UPDATE account SET name = 'Other', modified_at = '2999-01-01T00:00:00+00:00'")
    assert codes(world.verify(run)) == {"VER616": 1}


def test_a_lost_record_is_missing(world, tmp_path):
    run = world.bring({"account": [account(1), account(2)]})
    edit(tmp_path, "DELETE FROM account WHERE name = 'N1'")
    report = world.verify(run)
    assert codes(report) == {"VER601": 1}
    assert not report.gates[0].passed
    assert report.facts["objects"]["account"]["missing"] == 1


def test_a_soft_deleted_record_is_missing(world, tmp_path):
    run = world.bring({"account": [account(1)]})
    edit(tmp_path, "UPDATE account SET deleted_at = 'x'")
    assert codes(world.verify(run)) == {"VER601": 1}


def test_changes_of_the_target_that_lose_nothing_pass(world, tmp_path):
    run = world.bring(
        {"contact": [{"_key": record_key("contact", 1), "name": "C", "email": "Ana@Example.org"}]}
    )
    stamp = "(SELECT modified_at FROM contact)"
    edit(tmp_path, "DROP TRIGGER stamp_contact")
    edit(tmp_path, f"UPDATE contact SET email = lower(email), modified_at = {stamp}")
    report = world.verify(run)
    assert codes(report) == {"VER614": 1}
    assert report.gates[0].passed


def test_a_cut_text_fails(world, tmp_path):
    run = world.bring({"contact": [{"_key": record_key("contact", 1), "name": "Constantin"}]})
    edit(tmp_path, "DROP TRIGGER stamp_contact")
    edit(tmp_path, "UPDATE contact SET name = 'Const'")
    assert codes(world.verify(run)) == {"VER613": 1}


def test_records_of_others_are_counted_but_are_no_fault(world, tmp_path):
    run = world.bring({"account": [account(1)]})
    edit(tmp_path, "INSERT INTO account (name, created_at, modified_at) VALUES ('theirs', '', '')")
    report = world.verify(run)
    assert report.gates[0].passed
    assert report.facts["objects"]["account"]["others"] == 1


def test_records_nobody_asks_for_any_more_are_told(world):
    world.bring({"account": [account(1), account(2)]})
    run = world.bring({"account": [account(1)]})
    report = world.verify(run)
    assert codes(report) == {"VER604": 1}
    assert report.facts["objects"]["account"]["extra"] == 1
    assert report.gates[0].passed


def test_a_load_that_has_not_begun_leaves_all_missing(world):
    run = world.new_run({"account": [account(1)]})
    world.plan(run)
    report = world.verify(run)
    assert not report.gates[0].passed
    assert report.facts["objects"]["account"]["missing"] == 1
