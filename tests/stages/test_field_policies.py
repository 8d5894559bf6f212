"""Field policies: whose value counts in a record that the target has already."""

import sqlite3

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.changes.policies import apply_policies
from crmmigrate.model.policies import Policy
from crmmigrate.model.semantic import SemanticType
from crmmigrate.store.artifacts import read
from crmmigrate.testing.records import record_key
from crmmigrate.testing.worlds import World

KEY = record_key("account", 1)


def account(**fields):
    return {"account": [{"_key": KEY, "name": "N1", **fields}]}


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def phone(world, value=...):
    with sqlite3.connect(world.root / "crm.db") as crm:
        if value is not ...:
            crm.execute('UPDATE "account" SET phone = ?', (value,))
        return crm.execute('SELECT phone FROM "account"').fetchone()[0]


def replanned(world, policy, theirs, ours):
    """Load a record, have its telephone changed by somebody, and plan it again."""
    world.bring(account(phone="+40211111111"))
    phone(world, theirs)
    world.policies = {"account": {"phone": policy}}
    run = world.new_run(account(phone=ours))
    return run, world.plan(run)


@pytest.mark.parametrize(
    ("policy", "theirs", "ours", "then"),
    [
        ("overwrite", "+40722", "+40733", "+40733"),
        ("overwrite", "+40722", None, None),
        ("never_blank", "+40722", "+40733", "+40733"),
        ("never_blank", "+40722", None, "+40722"),
        ("fill_blanks", "+40722", "+40733", "+40722"),
        ("fill_blanks", None, "+40733", "+40733"),
        ("fill_blanks", "", "+40733", "+40733"),
        ("target_wins", "+40722", "+40733", "+40722"),
        ("target_wins", None, "+40733", None),
    ],
)
def test_it_decides_what_is_written_and_verify_agrees(world, policy, theirs, ours, then):
    run, report = replanned(world, policy, theirs, ours)
    kept = then != ours
    assert report.facts["kept"] == ({"account": 1} if kept else {})
    assert report.facts["pending"] == (0 if kept else 1)
    assert [f.count for f in report.findings if f.code == "PLN520"] == ([1] if kept else [])
    world.load(run)
    assert phone(world) == then
    checked = world.verify(run)
    assert all(gate.passed for gate in checked.gates)


def test_a_kept_value_is_told_with_both_values(world):
    run, report = replanned(world, "fill_blanks", "+40722", "+40733")
    found = read(run.dir, "plan", "account", "findings").filter(pl.col("code") == "PLN520")
    (told,) = found.to_dicts()
    assert (told["field"], told["before"], told["after"]) == ("phone", "+40722", "+40733")
    assert "account 1" in "".join(report.notes)


def test_a_new_record_gets_every_value(world):
    world.policies = {"account": {"*": "target_wins"}}
    world.bring(account(phone="+40733"))
    assert phone(world) == "+40733"


def test_what_was_filled_and_changed_afterwards_is_a_difference(world):
    run, _ = replanned(world, "fill_blanks", None, "+40733")
    world.load(run)
    phone(world, "+40999")
    assert not all(gate.passed for gate in world.verify(run).gates)


def test_rollback_leaves_what_a_policy_kept(world):
    world.bring(account(phone="+40211", kind="customer"))
    phone(world, "+40722")
    world.policies = {"account": {"phone": "fill_blanks"}}
    run = world.new_run(account(phone="+40733", kind="supplier"))
    world.plan(run)
    world.load(run)
    phone(world, "+40999")
    world.rollback(run)
    with sqlite3.connect(world.root / "crm.db") as crm:
        assert crm.execute('SELECT phone, kind FROM "account"').fetchall() == [
            ("+40999", "customer")
        ]


def test_references_have_policies_too(world):
    user = {"_key": record_key("user", 1), "name": "U1"}
    other = {"_key": record_key("user", 2), "name": "U2"}
    world.bring({"user": [user, other], **account(owner=user["_key"])})
    world.policies = {"account": {"owner": "target_wins"}}
    run = world.new_run({"user": [user, other], **account(owner=other["_key"])})
    assert world.plan(run).facts["pending"] == 0
    assert all(gate.passed for gate in world.verify(run).gates)


_VALUES = st.sampled_from([None, "", "a", "b", "ü"])


@given(st.lists(st.tuples(_VALUES, _VALUES), max_size=6), st.sampled_from(Policy))
def test_every_record_comes_out_once_and_a_second_time_changes_nothing(pairs, policy):
    keys = [f"k{n}" for n in range(len(pairs))]
    text = {"external_id": pl.String, "_external_id": pl.String, "x": pl.String}
    ours = pl.DataFrame({"external_id": keys, "x": [p[0] for p in pairs]}, schema_overrides=text)
    theirs = pl.DataFrame(
        {"_external_id": keys[1:], "x": [p[1] for p in pairs[1:]]}, schema_overrides=text
    )
    ours = ours.with_columns(_modified_at=pl.lit("2026-01-02 10:00:00"))
    theirs = theirs.with_columns(_modified_at=pl.lit("2026-01-02T10:00:00+00:00"))
    kinds, policies = {"x": SemanticType.TEXT}, {"x": policy}
    allowed, kept = apply_policies(ours, theirs, kinds, policies)
    assert allowed["external_id"].to_list() == keys
    assert allowed[:1].equals(ours[:1])
    assert apply_policies(allowed, theirs, kinds, policies)[0].equals(allowed)
    for row in kept.to_dicts():
        assert (row["before"] or None) != (row["after"] or None)
