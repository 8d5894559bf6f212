import os
import sqlite3
from datetime import UTC, datetime

import polars as pl
import pytest

from crmmigrate.errors import CorruptError, LockHeldError, RefusedError, StorageError
from crmmigrate.model.operations import OUTCOME
from crmmigrate.store.crosswalk import CROSSWALK
from crmmigrate.store.ledger import Ledger

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NO_LINKS = CROSSWALK.to_frame()


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "ledger.db") as opened:
        yield opened


def operations(*numbers, object_="account", action="create", pass_=1):
    return pl.DataFrame(
        {
            "op_id": [f"{object_}.{pass_}.{n}" for n in numbers],
            "object": object_,
            "action": action,
            "pass": pass_,
            "external_id": [f"k{n}" for n in numbers],
            "target_id": pl.Series([None] * len(numbers), dtype=pl.String),
        }
    )


def outcomes(ops, status="succeeded", code=None):
    return ops.select(
        "op_id",
        pl.lit(status).alias("status"),
        pl.col("external_id").str.slice(1).alias("target_id"),
        pl.lit(code, pl.String).alias("error_code"),
        pl.lit("name" if code else None, pl.String).alias("error_field"),
        pl.lit("why" if code else None, pl.String).alias("message"),
        pl.lit(value=False).alias("retriable"),
        pl.lit(1).alias("attempt"),
    ).cast(OUTCOME)


def links(*numbers, object_="account"):
    return pl.DataFrame(
        {
            "source_key": [f"k{n}" for n in numbers],
            "golden_key": [f"k{n}" for n in numbers],
            "object": object_,
            "target_id": [str(n) for n in numbers],
        }
    )


def opened(ledger, plan_id="p1", kind="load"):
    return ledger.open_plan(plan_id, "run-1", kind, "sqlite:crm.db", NOW)


def rows(ledger, entry):
    return {r["op_id"]: r for f in ledger.operations(entry) for r in f.to_dicts()}


def test_a_plan_is_registered_once(ledger):
    assert opened(ledger) == opened(ledger)
    assert opened(ledger, "p2").number != opened(ledger).number
    assert [e.plan_id for e in ledger.plans("run-1")] == ["p1", "p2"]
    assert ledger.plans("run-2") == []


def test_sent_then_succeeded(ledger):
    entry, ops = opened(ledger), operations(1, 2)
    ledger.mark_sent(entry, ops)
    assert {r["status"] for r in rows(ledger, entry).values()} == {"sent"}
    ledger.record(entry, ops, outcomes(ops), links(1, 2), NOW)
    found = rows(ledger, entry)
    assert {r["status"] for r in found.values()} == {"succeeded"}
    assert found["account.1.2"]["target_id"] == "2"
    assert ledger.crosswalk.by_source("sqlite:crm.db", pl.Series(["k1", "zz"]))[
        "target_id"
    ].to_list() == ["1"]
    assert ledger.reasons(entry, "account").is_empty()


def test_sending_again_counts_attempts(ledger):
    entry, ops = opened(ledger), operations(1)
    ledger.mark_sent(entry, ops)
    ledger.mark_sent(entry, ops)
    assert rows(ledger, entry)["account.1.1"]["attempt"] == 2


def test_refusals_keep_their_reason_and_the_last_attempt_counts(ledger):
    entry, ops = opened(ledger), operations(1, 2)
    ledger.mark_sent(entry, ops)
    ledger.record(entry, ops, outcomes(ops, "rejected", "TOO_LONG"), NO_LINKS, NOW)
    assert ledger.reasons(entry, "account")["error_code"].to_list() == ["TOO_LONG"] * 2
    assert set(ledger.rejected_among(entry, pl.Series(["k1", "k9"]))) == {"k1"}
    again = ops.head(1)
    ledger.mark_sent(entry, again)
    ledger.record(entry, again, outcomes(again), links(1), NOW)
    assert ledger.reasons(entry, "account")["op_id"].to_list() == ["account.1.2"]


def test_counts(ledger):
    entry, ops = opened(ledger), operations(1, 2, 3)
    ledger.mark_sent(entry, ops)
    ledger.record(entry, ops.head(2), outcomes(ops.head(2)), NO_LINKS, NOW)
    counts = {(r["action"], r["status"]): r["rows"] for r in ledger.counts(entry).to_dicts()}
    assert counts == {("create", "succeeded"): 2, ("create", "sent"): 1}


def test_an_outcome_and_its_links_are_one_transaction(ledger):
    entry, ops = opened(ledger), operations(1)
    ledger.mark_sent(entry, ops)
    broken = links(1).with_columns(target_id=pl.lit(None, pl.String))
    with pytest.raises(StorageError):
        ledger.record(entry, ops, outcomes(ops), broken, NOW)
    assert rows(ledger, entry)["account.1.1"]["status"] == "sent"


def test_undoing_hides_operations_and_forgets_records(ledger):
    load, ops = opened(ledger), operations(1, 2)
    ledger.mark_sent(load, ops)
    ledger.record(load, ops, outcomes(ops), links(1, 2), NOW)
    undo = opened(ledger, "u1", "rollback")
    inverse = operations(1).with_columns(op_id=pl.lit("undo.1"))
    ledger.mark_sent(undo, inverse)
    undone = pl.DataFrame(
        {"plan": [load.number], "op_id": ["account.1.1"], "object": ["account"], "target_id": ["1"]}
    )
    ledger.record_undone(undo, inverse, outcomes(inverse), undone, NOW)
    assert list(rows(ledger, load)) == ["account.1.2"]
    assert ledger.crosswalk.by_source("sqlite:crm.db", pl.Series(["k1", "k2"]))[
        "source_key"
    ].to_list() == ["k2"]
    ledger.mark_sent(load, ops.head(1))
    assert set(rows(ledger, load)) == {"account.1.1", "account.1.2"}


def test_the_crosswalk_finds_by_record_and_object(ledger):
    ledger.crosswalk.add("t", links(1, 2))
    ledger.crosswalk.add("t", links(3, object_="contact"))
    ledger.crosswalk.add("other", links(1))
    assert ledger.crosswalk.by_id("t", "account", pl.Series(["1", "3"]))[
        "source_key"
    ].to_list() == ["k1"]
    assert sum(f.height for f in ledger.crosswalk.of_object("t", "account")) == 2
    ledger.crosswalk.remove("t", "account", pl.Series(["1", "2"]))
    assert ledger.crosswalk.is_empty("t", "account")
    assert not ledger.crosswalk.is_empty("other", "account")


def test_it_is_private_and_has_a_version(tmp_path, ledger):
    path = tmp_path / "ledger.db"
    assert path.stat().st_mode & 0o777 == 0o600
    assert sqlite3.connect(path).execute("PRAGMA user_version").fetchone() == (1,)
    assert sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("content", [b"no database" * 500, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_rubbish_is_corrupt(tmp_path, content):
    (tmp_path / "ledger.db").write_bytes(content)
    with pytest.raises(CorruptError, match="damaged") as caught:
        Ledger(tmp_path / "ledger.db")
    assert caught.value.exit_code == 4
    assert "plan" in caught.value.hint


def test_damage_in_the_middle_is_found_at_opening(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        entry, ops = opened(ledger), operations(*range(5000))
        ledger.mark_sent(entry, ops)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(path.read_bytes())
    content[40_000:80_000] = os.urandom(40_000)
    path.write_bytes(content)
    with pytest.raises(CorruptError, match="damaged"):
        Ledger(path)


def test_an_empty_file_becomes_a_ledger(tmp_path):
    (tmp_path / "ledger.db").touch()
    with Ledger(tmp_path / "ledger.db") as ledger:
        assert ledger.plans() == []


def test_a_newer_ledger_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(RefusedError, match="newer"):
        Ledger(tmp_path / "ledger.db")


def test_another_database_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("CREATE TABLE mine (x)")
    with pytest.raises(CorruptError, match="other tables"):
        Ledger(tmp_path / "ledger.db")


def test_a_locked_ledger_is_told(ledger, tmp_path):
    ledger._file.connection.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LockHeldError, match="locked"):
        opened(ledger)
    other.execute("ROLLBACK")
    opened(ledger)


def test_a_full_disk_is_told_and_leaves_nothing_half_done(ledger):
    entry = opened(ledger)
    pages = ledger._file.connection.execute("PRAGMA page_count").fetchone()[0]
    ledger._file.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="no space left") as caught:
        ledger.mark_sent(entry, operations(*range(10_000)))
    assert caught.value.exit_code == 3
    ledger._file.connection.execute("PRAGMA max_page_count = 100000")
    assert rows(ledger, entry) == {}
