"""What our last load left in a record, as the plans and the ledger of earlier loads tell it."""

import shutil
import sqlite3

import polars as pl
import pytest

from crmmigrate.stages.bases import Bases
from crmmigrate.stages.target import open_crm
from crmmigrate.testing.records import record_key
from crmmigrate.testing.worlds import World

ONE, TWO, THREE = (record_key("account", n) for n in (1, 2, 3))


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def account(key, **fields):
    return {"_key": key, "name": f"N{key[-1]}", **fields}


def bases(world, *keys, columns=("phone", "parent"), object_="account"):
    run = world.new_run({})
    context = world.context(run)
    wanted = pl.Schema(dict.fromkeys(columns, pl.String()))
    with open_crm(context) as crm:
        found = Bases(context, crm).of(object_, pl.Series(keys, dtype=pl.String), wanted)
    return {
        row["external_id"]: tuple(row[f"base.{c}"] for c in columns) for row in found.to_dicts()
    }


def test_nothing_was_loaded(world):
    assert bases(world, ONE) == {}


def test_the_newest_load_counts_and_a_reference_of_the_second_pass_is_in_it(world):
    world.bring({"account": [account(ONE, parent=TWO), account(TWO, parent=ONE, phone="1")]})
    assert bases(world, ONE, TWO, THREE) == {ONE: (None, TWO), TWO: ("1", ONE)}
    world.bring(
        {"account": [account(ONE, parent=TWO, phone="2"), account(TWO, parent=ONE, phone="1")]}
    )
    assert bases(world, ONE, TWO) == {ONE: ("2", TWO), TWO: ("1", ONE)}


def test_a_load_that_was_undone_is_none(world):
    world.bring({"account": [account(ONE, phone="1")]})
    later = world.bring({"account": [account(ONE, phone="2"), account(TWO, phone="2")]})
    world.rollback(later)
    assert bases(world, ONE, TWO, columns=("phone",)) == {ONE: ("1",)}


def test_what_was_refused_is_none_and_a_reference_to_it_was_left_out(world):
    refused = {**account(TWO), "kind": "enemy"}
    world.bring(
        {
            "account": [refused],
            "contact": [{"_key": record_key("contact", 1), "name": "C", "account": TWO}],
        }
    )
    assert bases(world, TWO, columns=("phone",)) == {}
    contact = record_key("contact", 1)
    assert bases(world, contact, columns=("account",), object_="contact") == {contact: (None,)}


@pytest.mark.parametrize("what", ["the run", "a part", "the plan"])
def test_a_load_that_cannot_be_read_any_more_is_told(world, what):
    run = world.bring({"account": [account(ONE, phone="1")]})
    if what == "the run":
        shutil.rmtree(run.dir)
    elif what == "a part":
        next(run.dir.glob("plan/account/operations-*.parquet")).write_bytes(b"PAR1")
    else:
        (run.dir / "plan" / "plan.json").write_text("{}")
    assert bases(world, ONE) == {}
    report = world.plan(world.new_run({"account": [account(ONE, phone="2")]}))
    assert report.facts["actions"]["account"]["update"] == 1
    assert any("1 record is updated without knowing" in note for note in report.notes)
    assert any(run.id in note for note in report.notes)


def test_a_field_that_the_plan_does_not_have_is_unknown(world):
    world.bring({"account": [account(ONE)]})
    context = world.context(world.new_run({}))
    wanted = pl.Schema({"fax": pl.String(), "phone": pl.String()})
    with open_crm(context) as crm:
        (row,) = Bases(context, crm).of("account", pl.Series([ONE]), wanted).to_dicts()
    assert row["unknown"] == ["fax"]


def test_bytes_that_both_sides_have_changed_are_a_conflict(world, tmp_path):
    key = record_key("attachment", 1)
    world.bring({"attachment": [{"_key": key, "content": b"loaded"}]})
    with sqlite3.connect(tmp_path / "crm.db") as crm:
        crm.execute("UPDATE attachment SET content = ?", (b"theirs",))
    report = world.plan(world.new_run({"attachment": [{"_key": key, "content": b"ours\x00"}]}))
    (told,) = report.facts["diffs"]
    assert (told["action"], told["base"]) == ("conflict", {"content": "6 bytes"})
