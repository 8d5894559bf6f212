import sqlite3

import polars as pl
import pytest

from crmmigrate.adapters.outcome_frames import Refusal, refused, unknown
from crmmigrate.adapters.registry import open_target
from crmmigrate.adapters.relational.target import RelationalCrm
from crmmigrate.errors import (
    CorruptError,
    InternalError,
    InterruptedRunError,
    RefusedError,
    RemoteError,
)
from crmmigrate.stages.target import open_crm
from crmmigrate.store.artifacts import read, unit_dir
from crmmigrate.store.ledger import Ledger
from crmmigrate.testing.records import made_up_records, record_key
from crmmigrate.testing.worlds import World

SMALL_BATCHES = {"adapter": "sqlite", "path": "crm.db", "options": {"batch_size": 7}}


def account(number, **fields):
    return {"_key": record_key("account", number), "name": f"N{number}", **fields}


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def sql(tmp_path, statement):
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        return connection.execute(statement).fetchall()


def statuses(world, run):
    with Ledger(world.root / ".crmmigrate" / "ledger.db") as ledger:
        return {
            (r["object"], r["status"]): r["rows"]
            for e in ledger.plans(run.id)
            for r in ledger.counts(e).to_dicts()
        }


def test_everything_arrives_with_its_references(world):
    records = made_up_records(80)
    run = world.bring(records)
    there = world.contents()
    for object_, rows in records.items():
        assert {r["_external_id"] for r in there[object_]} == {r["_key"] for r in rows}
        by_key = {r["_external_id"]: r for r in there[object_]}
        for row in rows:
            assert {k: v for k, v in row.items() if k != "_key"}.items() <= by_key[
                row["_key"]
            ].items()
    assert run.sealed


def test_the_books_of_a_load(world):
    one = record_key("account", 1)
    run = world.new_run(
        {"account": [account(1), account(2, kind="enemy")]},
        merged={"account": {record_key("account", 3): one}},
    )
    world.plan(run)
    report = world.load(run)
    facts = report.facts["objects"]["account"]
    assert facts == {
        "rows_in": 3, "golden": 2, "created": 1, "updated": 0, "linked": 0, "deleted": 0, "not_deleted": 0, "unchanged": 0, "merged": 1, "rejected": 1, "pending": 0,
    }  # fmt: skip
    assert report.books[0].balanced
    assert (report.books[0].rows_in, report.books[0].rows_out, report.books[0].rejected) == (
        2,
        1,
        1,
    )


def test_merged_source_keys_are_known_under_the_golden_record(world):
    one, three = record_key("account", 1), record_key("account", 3)
    run = world.new_run({"account": [account(1)]}, merged={"account": {three: one}})
    world.plan(run)
    world.load(run)
    with open_crm(world.context(run)) as crm:
        found = crm.ledger.crosswalk.by_source(crm.name, pl.Series([one, three]))
    assert set(found["golden_key"]) == {one}
    assert set(found["target_id"]) == {"1"}


def test_a_merge_found_later_reaches_the_crosswalk(world):
    one, three = record_key("account", 1), record_key("account", 3)
    world.bring({"account": [account(1)]})
    run = world.new_run({"account": [account(1)]}, merged={"account": {three: one}})
    assert world.plan(run).facts["pending"] == 0
    world.load(run)
    with open_crm(world.context(run)) as crm:
        assert crm.ledger.crosswalk.by_source(crm.name, pl.Series([three]))[
            "golden_key"
        ].to_list() == [one]


def test_dead_letters_have_code_field_reason_and_values(world):
    run = world.new_run({"account": [account(1), account(2, kind="enemy")]})
    world.plan(run)
    report = world.load(run)
    dead = read(run.dir, "load", "account", "rejected").to_dicts()
    assert [(d["_key"], d["code"]) for d in dead] == [(record_key("account", 2), "LOD512")]
    assert "picklist" in dead[0]["message"]
    assert '"kind":"enemy"' in dead[0]["raw"]
    outcomes = read(run.dir, "load", "account", "outcomes")
    assert sorted(outcomes["status"]) == ["rejected", "succeeded"]
    gate = report.gates[0]
    assert (gate.name, gate.passed, gate.actual) == ("dead_letters", False, "1")
    assert [(f.code, f.severity, f.count) for f in report.findings] == [("LOD512", "error", 1)]


def test_children_of_refused_parents(world):
    bad = record_key("account", 2)
    run = world.new_run(
        {
            "account": [account(1), account(2, kind="enemy")],
            "contact": [{"_key": record_key("contact", 1), "name": "C", "account": bad}],
            "invoice": [{"_key": record_key("invoice", 1), "account": bad}],
            "invoice_line": [
                {"_key": record_key("invoice_line", 1), "invoice": record_key("invoice", 1)}
            ],
        }
    )
    world.plan(run)
    report = world.load(run)
    there = world.contents()
    assert [r["account"] for r in there["contact"]] == [None]
    assert there["invoice"] == there["invoice_line"] == []
    codes = {f.code: f.count for f in report.findings}
    assert codes == {"LOD501": 2, "LOD503": 1, "LOD512": 1}
    assert bad in read(run.dir, "load", "invoice", "rejected")["message"][0]
    verified = world.verify(run)
    assert {f.code for f in verified.findings} == {"VER602", "VER623"}


def test_a_dangling_required_reference_is_told_apart(world):
    run = world.new_run(
        {"invoice": [{"_key": record_key("invoice", 1), "account": record_key("account", 77)}]}
    )
    world.plan(run)
    assert {f.code for f in world.load(run).findings} == {"LOD502"}


def test_the_second_pass_of_a_refused_record_is_no_second_dead_letter(world):
    run = world.new_run(
        {
            "user": [
                {"_key": record_key("user", 1), "name": None, "manager": record_key("user", 2)},
                {"_key": record_key("user", 2), "name": "B"},
            ]
        }
    )
    world.plan(run)
    report = world.load(run)
    assert report.facts["objects"]["user"]["rejected"] == 1
    assert read(run.dir, "load", "user", "rejected").height == 1
    assert report.facts["pending"] == 0


def test_loading_again_does_nothing(world):
    run = world.bring(made_up_records(30))
    before = world.contents()
    report = world.load(run)
    assert world.contents() == before
    assert report.facts["pending"] == 0


def test_when_the_parent_is_repaired_the_child_follows(world):
    bad, child = (
        record_key("account", 2),
        {"_key": record_key("contact", 1), "name": "C", "account": record_key("account", 2)},
    )
    world.bring({"account": [account(2, kind="enemy")], "contact": [child]})
    world.bring({"account": [account(2, kind="customer")], "contact": [child]})
    assert [r["account"] for r in world.contents()["contact"]] == [bad]


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE account SET name = 'by hand' WHERE name = 'N1'",
        "UPDATE account SET phone = '1' WHERE name = 'N1'",
        "DELETE FROM account WHERE name = 'N1'",
        "UPDATE account SET deleted_at = 'now' WHERE name = 'N1'",
    ],
)
def test_a_record_changed_since_the_plan_is_drift(world, tmp_path, edit):
    world.bring({"account": [account(1), account(2)]})
    run = world.new_run({"account": [account(1, kind="customer"), account(2)]})
    world.plan(run)
    sql(tmp_path, edit)
    before = sql(tmp_path, "SELECT * FROM account")
    with pytest.raises(RefusedError, match="has changed since the plan") as caught:
        world.load(run)
    assert caught.value.exit_code == 4
    assert record_key("account", 1) in caught.value.causes[0]
    assert sql(tmp_path, "SELECT * FROM account") == before
    assert not run.sealed


def test_a_record_that_appeared_since_the_plan_is_drift(world):
    first, second = (
        world.new_run({"account": [account(1)]}),
        world.new_run({"account": [account(1)]}),
    )
    world.plan(first)
    world.plan(second)
    world.load(second)
    with pytest.raises(RefusedError, match="1 record of"):
        world.load(first)


def test_what_the_plan_does_not_touch_may_change(world, tmp_path):
    world.bring({"account": [account(1), account(2)]})
    run = world.new_run({"account": [account(1, kind="customer"), account(2)]})
    world.plan(run)
    sql(tmp_path, "UPDATE account SET phone = '1' WHERE name = 'N2'")
    sql(tmp_path, "INSERT INTO account (name, created_at, modified_at) VALUES ('theirs', '', '')")
    assert world.load(run).facts["objects"]["account"]["updated"] == 1


def test_another_configuration_makes_the_plan_stale(world):
    run = world.new_run({"account": [account(1)]})
    world.plan(run)
    world.target = {"adapter": "sqlite", "path": "other.db"}
    with pytest.raises(RefusedError, match="configuration"):
        world.load(run)


def test_a_changed_plan_is_refused(world, tmp_path):
    run = world.new_run({"account": [account(1)]})
    world.plan(run)
    path = next(unit_dir(run.dir, "plan", "account").glob("operations-*.parquet"))
    pl.read_parquet(path).with_columns(pl.lit("evil").alias("to.name")).write_parquet(path)
    with pytest.raises(CorruptError, match="changed or damaged"):
        world.load(run)
    assert not (tmp_path / "crm.db").exists()


def test_a_missing_part_of_the_plan_is_refused(world):
    run = world.new_run({"account": [account(1)]})
    world.plan(run)
    next(unit_dir(run.dir, "plan", "account").glob("operations-*.parquet")).unlink()
    with pytest.raises(CorruptError):
        world.load(run)


@pytest.mark.parametrize(
    ("limit", "passed"), [("50%", True), ("1", True), ("10%", False), ("0", False)]
)
def test_the_gate_on_dead_letters(world, limit, passed):
    world.gates = {"max_rejected": limit}
    run = world.new_run({"account": [account(1), account(2, kind="enemy")]})
    world.plan(run)
    report = world.load(run)
    gate = next(g for g in report.gates if g.name == "max_rejected")
    assert gate.passed is passed


def test_over_budget_it_stops_between_batches_and_can_go_on(world):
    world.target = SMALL_BATCHES
    world.gates = {"max_rejected": "2"}
    run = world.new_run(
        {"account": [account(i, kind="enemy" if i < 5 else None) for i in range(30)]}
    )
    world.plan(run)
    report = world.load(run)
    assert report.facts["objects"]["account"]["pending"] == 23
    assert not next(g for g in report.gates if g.name == "finished").passed
    assert report.next_command == "crmmigrate failed"
    assert report.notes[-1].endswith("`load` goes on")
    world.gates = {"max_rejected": "10"}
    finished = world.load(run)
    assert (
        finished.facts["objects"]["account"] | {"pending": 0}
        == finished.facts["objects"]["account"]
    )
    assert len(world.contents()["account"]) == 25


def test_on_error_stop(world):
    world.target, world.on_error = SMALL_BATCHES, "stop"
    run = world.new_run(
        {"account": [account(i, kind="enemy" if i == 3 else None) for i in range(20)]}
    )
    world.plan(run)
    report = world.load(run)
    assert report.facts["objects"]["account"]["pending"] == 13
    assert "on_error" in next(g for g in report.gates if g.name == "finished").actual


def test_ctrl_c_tells_what_was_finished_and_the_next_load_goes_on(world, monkeypatch):
    world.target = SMALL_BATCHES
    run = world.new_run({"account": [account(i) for i in range(30)]})
    world.plan(run)
    interrupt_write(monkeypatch, at=3)
    with pytest.raises(InterruptedRunError, match="after 14 of 30") as caught:
        world.load(run)
    assert caught.value.exit_code == 130
    assert "crmmigrate load" in caught.value.hint
    assert caught.value.causes == ("account: 14 done",)
    monkeypatch.undo()
    assert world.load(run).facts["objects"]["account"]["created"] == 30
    assert len(world.contents()["account"]) == 30


def interrupt_write(monkeypatch, at):
    calls, write = [], RelationalCrm.write

    def interrupted(self, *arguments):
        calls.append(1)
        if len(calls) == at:
            raise KeyboardInterrupt
        return write(self, *arguments)

    monkeypatch.setattr(RelationalCrm, "write", interrupted)


def lose_reply(monkeypatch, at=1):
    """The target commits, but the reply never comes."""
    calls, write = [], RelationalCrm.write

    def lost(self, *arguments):
        calls.append(1)
        reply = write(self, *arguments)
        if len(calls) == at:
            raise RemoteError("the connection was lost")
        return reply

    monkeypatch.setattr(RelationalCrm, "write", lost)


def test_a_lost_reply_is_settled_by_reading_back(world, monkeypatch, tmp_path):
    run = world.new_run({"account": [account(1)]})
    world.plan(run)
    lose_reply(monkeypatch)
    with pytest.raises(RemoteError):
        world.load(run)
    assert statuses(world, run) == {("account", "sent"): 1}
    sql(tmp_path, "UPDATE account SET phone = '1'")
    monkeypatch.undo()
    assert world.load(run).facts["objects"]["account"]["created"] == 1
    assert sql(tmp_path, "SELECT name, phone FROM account") == [("N1", "1")]


def test_a_lost_reply_to_an_update(world, monkeypatch):
    world.bring({"account": [account(1)]})
    run = world.new_run({"account": [account(1, kind="customer")]})
    world.plan(run)
    lose_reply(monkeypatch)
    with pytest.raises(RemoteError):
        world.load(run)
    monkeypatch.undo()
    assert world.load(run).facts["objects"]["account"]["updated"] == 1


def test_an_edit_while_the_outcome_was_unknown_is_not_overwritten(world, monkeypatch, tmp_path):
    world.bring({"account": [account(1)]})
    run = world.new_run({"account": [account(1, kind="customer")]})
    world.plan(run)
    lose_reply(monkeypatch)
    with pytest.raises(RemoteError):
        world.load(run)
    monkeypatch.undo()
    sql(tmp_path, "UPDATE account SET kind = 'supplier'")
    report = world.load(run)
    assert {f.code for f in report.findings} == {"LOD520"}
    assert sql(tmp_path, "SELECT kind FROM account") == [("supplier",)]


def test_a_request_that_never_arrived_is_sent_again(world, monkeypatch):
    run = world.new_run({"account": [account(1)]})
    world.plan(run)
    monkeypatch.setattr(
        RelationalCrm, "write", lambda *_: (_ for _ in ()).throw(RemoteError("no route"))
    )
    with pytest.raises(RemoteError):
        world.load(run)
    monkeypatch.undo()
    assert world.load(run).facts["objects"]["account"]["created"] == 1


def test_retriable_refusals_are_tried_again_in_the_same_load(world, monkeypatch):
    calls, write = [], RelationalCrm.write

    def busy(self, *arguments):
        calls.append(1)
        told = write(self, *arguments)
        if len(calls) > 1:
            return told
        sql(world.root, "DELETE FROM account")
        return told.with_columns(
            status=pl.lit("rejected"),
            retriable=pl.lit(value=True),
            error_code=pl.lit("LOCKED"),
            target_id=pl.lit(None, pl.String),
        )

    monkeypatch.setattr(RelationalCrm, "write", busy)
    report = world.load(planned(world, {"account": [account(1)]}))
    assert report.facts["objects"]["account"]["created"] == 1
    assert len(calls) == 2


def planned(world, records):
    run = world.new_run(records)
    world.plan(run)
    return run


def test_an_adapter_that_forgets_an_outcome_is_a_bug(world, monkeypatch):
    write = RelationalCrm.write
    monkeypatch.setattr(RelationalCrm, "write", lambda *a: write(*a).head(1))
    with pytest.raises(InternalError, match="exactly one outcome"):
        world.load(planned(world, {"account": [account(1), account(2)]}))


def test_unordered_outcomes_are_matched_by_id(world, monkeypatch):
    write = RelationalCrm.write
    monkeypatch.setattr(RelationalCrm, "write", lambda *a: write(*a).reverse())
    run = world.bring(made_up_records(30))
    monkeypatch.undo()
    assert world.verify(run).gates[0].passed


class Hesitant:
    """A target of which the first writes of some objects have no known outcome."""

    def __init__(self, target, lost):
        self.target, self.lost = target, dict(lost)

    def __getattr__(self, name):
        return getattr(self.target, name)

    def write(self, object_, action, operations):
        if self.lost.get(object_, 0):
            self.lost[object_] -= 1
            return unknown(operations["op_id"].to_list(), "the request was lost")
        return self.target.write(object_, action, operations)


@pytest.mark.parametrize("lost", [{"user": 1}, {"account": 2}, {"user": 2, "contact": 1}])
def test_records_wait_for_those_they_point_to(tmp_path, monkeypatch, lost):
    """Optional references are not dropped because the outcome of a parent is not known yet."""
    records = made_up_records(20, seed=4)
    calm, world = World(tmp_path / "calm"), World(tmp_path / "shaken")
    for one in (calm, world):
        one.root.mkdir()
    calm.bring(records)
    run = world.new_run(records)
    world.plan(run)
    monkeypatch.setattr(
        "crmmigrate.stages.target.open_target", lambda o, r: Hesitant(open_target(o, r), lost)
    )
    report = world.load(run)
    monkeypatch.undo()
    assert report.facts["pending"] == 0
    assert world.contents() == calm.contents()


def test_references_of_the_second_pass_are_pending_too(tmp_path, monkeypatch):
    world = World(tmp_path)
    records = made_up_records(20, seed=4)
    run = world.new_run(records)
    world.plan(run)

    class Deaf(Hesitant):
        def write(self, object_, action, operations):
            if action == "update":
                return unknown(operations["op_id"].to_list(), "the request was lost")
            return self.target.write(object_, action, operations)

    monkeypatch.setattr(
        "crmmigrate.stages.target.open_target", lambda o, r: Deaf(open_target(o, r), {})
    )
    report = world.load(run)
    monkeypatch.undo()
    assert report.facts["pending"] > 0
    assert world.load(run).facts["pending"] == 0
    assert any(row["main_contact"] for row in world.contents()["account"])


def test_a_deletion_that_the_target_refuses_fails_the_load(world, monkeypatch):
    world.bring({"account": [account(1), account(2)]})
    world.deletes, world.gates = {"account": "delete"}, {"max_deleted": "50%"}
    run = world.new_run({"account": [account(2)]})
    world.plan(run)
    write = RelationalCrm.write

    def refuse(self, object_, action, operations):
        if action != "delete":
            return write(self, object_, action, operations)
        why = Refusal("STILL_REFERENCED", None, "an invoice points to it")
        return refused(dict.fromkeys(operations["op_id"], why))

    monkeypatch.setattr(RelationalCrm, "write", refuse)
    report = world.load(run)
    assert report.facts["objects"]["account"]["not_deleted"] == 1
    assert [(g.name, g.passed) for g in report.gates if not g.passed] == [("deletions", False)]
    assert [f.code for f in report.findings] == ["LOD518"]
