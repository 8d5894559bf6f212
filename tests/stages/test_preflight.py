"""What the target would refuse is told before it is asked."""

from dataclasses import replace

import polars as pl
import pytest

from crmmigrate.adapters.relational.target import RelationalCrm
from crmmigrate.changes.admission import object_to
from crmmigrate.model.catalog import Catalog, Column
from crmmigrate.store.artifacts import read
from crmmigrate.testing.records import made_up_records, record_key
from crmmigrate.testing.worlds import World


def account(number, **fields):
    return {"_key": record_key("account", number), "name": f"N{number}", **fields}


def user(number, **fields):
    return {"_key": record_key("user", number), "name": f"U{number}", **fields}


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.fixture
def told(world):
    """Return a function that plans records and gives code, field and suggestion of each finding."""

    def planned(records):
        run = world.new_run(records)
        world.report = world.plan(run)
        frames = [read(run.dir, "plan", o, "findings") for o in records]
        rows = [row for frame in frames if frame is not None for row in frame.to_dicts()]
        return {(r["_key"], r["code"], r["field"], r["after"]) for r in rows}

    return planned


@pytest.fixture
def describe(monkeypatch):
    """Return a function that changes what the target says of its columns."""

    def changed(**columns):
        plain = RelationalCrm.describe

        def other(self):
            def column(dataset, told):
                return replace(told, **columns.get(f"{dataset.name}__{told.name}", {}))

            return Catalog(
                tuple(
                    replace(d, columns=tuple(column(d, c) for c in d.columns))
                    for d in plain(self).datasets
                )
            )

        monkeypatch.setattr(RelationalCrm, "describe", other)

    return changed


def test_what_it_objects_to_is_what_the_target_refuses(world):
    records = {
        "account": [
            account(1),
            account(2, name="x" * 41),
            account(3, name=None),
            account(4, kind="custmer"),
            account(5, name="x" * 40, kind="supplier"),
        ]
    }
    run = world.new_run(records)
    report = world.plan(run)
    findings = read(run.dir, "plan", "account", "findings")
    assert sorted(findings["code"]) == ["PLN512", "PLN513", "PLN514"]
    assert {f.code: f.count for f in report.findings} == dict.fromkeys(findings["code"], 1)
    world.load(run)
    there = {r["_external_id"] for r in world.contents()["account"]}
    assert there == {r["_key"] for r in records["account"]} - set(findings["_key"])


def test_the_nearest_value_is_suggested_and_only_a_near_one(told):
    found = told({"account": [account(1, kind="custmer"), account(2, kind="zzz")]})
    assert found == {
        (record_key("account", 1), "PLN514", "kind", "customer"),
        (record_key("account", 2), "PLN514", "kind", None),
    }


def test_what_stays_as_it_is_is_not_looked_at(world, told):
    world.bring({"account": [account(1, kind="customer")]})
    assert told({"account": [account(1, kind="customer")]}) == set()
    assert told({"account": [account(1, kind="customers")]}) == {
        (record_key("account", 1), "PLN514", "kind", "customer")
    }


def test_records_that_fit_give_no_findings(told, world):
    assert told(made_up_records(40)) == set()
    assert "preflight" not in world.report.facts


def test_fields_that_are_read_only_are_told_where_they_are_written(told, describe):
    describe(account__phone={"read_only": True})
    found = told({"account": [account(1), account(2, phone="+40722123456")]})
    assert found == {(record_key("account", 2), "PLN511", "phone", None)}


def test_a_lost_reference_is_told_and_one_in_the_target_is_not(world, told):
    world.bring({"user": [user(1)]})
    records = {
        "user": [user(2)],
        "account": [
            account(1, owner=record_key("user", 1)),
            account(2, owner=record_key("user", 2)),
            account(3, owner=record_key("user", 3)),
        ],
    }
    found = {row for row in told(records) if row[1] != "PLN501"}
    assert found == {(record_key("account", 3), "PLN515", "owner", None)}


def test_unique_values_are_compared_within_the_plan_and_with_the_target(world, told, describe):
    describe(account__phone={"unique": True})
    numbers = {n: f"+4072212345{n}" for n in range(4)}
    world.bring({"account": [account(1, phone=numbers[1]), account(2, phone=numbers[2])]})
    found = told(
        {
            "account": [
                account(1, phone=numbers[1]),
                account(2, phone=numbers[0]),  # gives its number up
                account(3, phone=numbers[1]),
                account(4, phone=numbers[3]),
                account(5, phone=numbers[3]),
                account(6, phone=numbers[2]),
                account(7),
                account(8),
            ]
        }
    )
    assert found == {(record_key("account", n), "PLN517", "phone", None) for n in (3, 4, 5)}


def test_notes_and_facts_tell_the_same(told, world):
    told({"account": [account(n, kind="custmer") for n in range(3)]})
    facts = world.report.facts["preflight"]
    assert facts == [{"object": "account", "code": "PLN514", "field": "kind", "rows": 3}]
    assert any(note.startswith("account.kind: 3 values") for note in world.report.notes)


def test_bytes_have_no_length_and_clearing_a_duty_is_told():
    operations = pl.DataFrame(
        {
            "external_id": ["a", "b", "c"],
            "action": ["create", "update", "update"],
            "changed": [[], ["body"], ["content"]],
            "to.content": [b"\xff" * 9, None, b""],
            "to.body": ["", None, "kept"],
        }
    )
    columns = [
        Column("content", nullable=False, max_length=3, choices=("x",)),
        Column("body", nullable=False),
        Column("elsewhere", nullable=False),
    ]
    found = object_to(operations, columns).select("external_id", "code", "field").rows()
    assert set(found) == {
        ("c", "PLN512", "content"),
        ("a", "PLN512", "body"),
        ("b", "PLN512", "body"),
    }


def test_the_forecast_learns_from_the_last_load(world):
    records = {"account": [account(n) for n in range(150)]}
    first = world.new_run(records)
    report = world.plan(first)
    assert report.facts["forecast"] == {"records": 150, "calls": 1, "seconds": None, "by": ""}
    assert "known after the first load" in " ".join(report.notes)
    world.load(first)
    again = {"account": [account(n, kind="customer") for n in range(150)]}
    told = world.plan(world.new_run(again)).facts["forecast"]
    assert told["records"] == 150
    assert told["seconds"] is not None
    assert told["by"] == "as fast as the last loads into it"
