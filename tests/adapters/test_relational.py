import os
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import event

from crmmigrate.adapters.embedded import open_target
from crmmigrate.adapters.relational.schema import build_schema
from crmmigrate.adapters.relational.sqlite import SQLite
from crmmigrate.config.canonical import load_model
from crmmigrate.errors import ConfigError, CorruptError, RemoteError, StorageError, UsageError
from crmmigrate.model.canonical import CanonicalModel, Field, ObjectType
from crmmigrate.model.semantic import SemanticType
from crmmigrate.testing.contract import operations_frame
from crmmigrate.testing.worlds import small_model

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))


def crm(folder, model=None, clock=lambda: NOON):
    options = {"path": "crm.db", "model": model or small_model(), "clock": clock}
    return open_target(options, folder)


def create(target, object_, *records):
    return target.write(object_, "create", operations_frame(list(records)))


def account(number, **fields):
    return {"external_id": f"a:account:x/{number}", "name": f"N{number}", **fields}


def fetched(target, object_, **options):
    batches = target.fetch(object_, None, "id", **options)
    return pl.concat([pl.DataFrame(pl.from_arrow(b)) for b in batches])


@pytest.mark.parametrize(
    ("object_", "record", "code", "field"),
    [
        ("account", {"name": None}, "REQUIRED_FIELD_MISSING", "name"),
        ("account", {"name": ""}, "REQUIRED_FIELD_MISSING", "name"),
        ("account", {"kind": "Customer"}, "NOT_IN_PICKLIST", "kind"),
        ("account", {"name": "ă" * 41}, "TOO_LONG", "name"),
        ("account", {"revenue_amount": "1,5"}, "INVALID_NUMBER", "revenue_amount"),
        ("account", {"revenue_amount": "1.5.0"}, "INVALID_NUMBER", "revenue_amount"),
        ("account", {"revenue_amount": "-"}, "INVALID_NUMBER", "revenue_amount"),
        ("account", {"parent": "account:99"}, "LINKED_RECORD_MISSING", "parent"),
        ("account", {"parent": "user:1"}, "INVALID_LINK", "parent"),
        ("account", {"parent": "a:account:x/7"}, "INVALID_LINK", "parent"),
        ("contact", {"born": "2001-02-29"}, "INVALID_DATE", "born"),
        ("contact", {"born": "29.02.2000"}, "INVALID_DATE", "born"),
        ("contact", {"born": "12000-01-01"}, "INVALID_DATE", "born"),
        ("contact", {"seen": "12:00"}, "INVALID_DATETIME", "seen"),
        ("contact", {"seen": "2001-02-29T12:00:00"}, "INVALID_DATETIME", "seen"),
        ("contact", {"active": "maybe"}, "INVALID_BOOLEAN", "active"),
        ("invoice", {}, "REQUIRED_FIELD_MISSING", "account"),
        ("note", {"about": "invoice:1"}, "INVALID_LINK", "about"),
        ("note", {"body": "b", "about": "account:99"}, "LINKED_RECORD_MISSING", "about"),
    ],
)
def test_refuses_what_a_crm_refuses(tmp_path, object_, record, code, field):
    given = (
        {"external_id": "k", "name": "N", **record}
        if object_ in {"account", "contact"}
        else {"external_id": "k", "body": "b", **record}
    )
    if object_ == "invoice":
        given.pop("body")
    told = create(crm(tmp_path), object_, given).row(0, named=True)
    assert (told["status"], told["error_code"], told["error_field"]) == ("rejected", code, field)
    assert told["message"]


@pytest.mark.parametrize(
    "value",
    ["2024-02-29T23:59:59Z", "2024-02-29T23:59:59.123456+14:00", "2024-02-29 01:02:03-12:00"],
)
def test_points_in_time_come_back_as_they_were(tmp_path, value):
    target = crm(tmp_path)
    create(target, "contact", {"external_id": "k", "name": "N", "seen": value})
    assert fetched(target, "contact")["seen"].to_list() == [value]


def test_stamps_come_from_the_clock_in_utc(tmp_path):
    target = crm(tmp_path)
    create(target, "account", account(1))
    stamps = sqlite3.connect(tmp_path / "crm.db").execute(
        "SELECT created_at, modified_at, deleted_at FROM account"
    )
    assert stamps.fetchone() == ("2026-03-01T10:00:00.000000+00:00",) * 2 + (None,)


def test_an_edit_behind_our_back_moves_the_stamp(tmp_path):
    target = crm(tmp_path)
    create(target, "account", account(1))
    with sqlite3.connect(tmp_path / "crm.db") as other:
        other.execute("UPDATE account SET name = 'edited'")
    assert fetched(target, "account")["_modified_at"][0] != "2026-03-01T10:00:00.000000+00:00"


def test_deleted_records_stay_in_the_table(tmp_path):
    target = crm(tmp_path)
    number = create(target, "account", account(1))["target_id"][0]
    target.write(
        "account",
        "delete",
        operations_frame([{"external_id": "a:account:x/1", "target_id": number}]),
    )
    rows = sqlite3.connect(tmp_path / "crm.db").execute(
        "SELECT name, deleted_at IS NOT NULL FROM account"
    )
    assert rows.fetchall() == [("N1", 1)]
    assert target.describe().dataset("account").rows == 0


def test_the_database_itself_guards_its_rules(tmp_path):
    target = crm(tmp_path)
    create(target, "account", account(1))
    create(target, "note", {"external_id": "n", "body": "b", "about": "account:1"})
    other = sqlite3.connect(tmp_path / "crm.db")
    other.execute("PRAGMA foreign_keys = ON")
    for statement in (
        "INSERT INTO account (external_id, created_at, modified_at) VALUES ('z', '', '')",
        "UPDATE account SET kind = 'enemy'",
        "UPDATE note SET about_id = 99",
        "UPDATE note SET about_type = NULL",
        "UPDATE note SET about_type = 'user'",
        "DELETE FROM account",
        "INSERT INTO account (external_id, name, created_at, modified_at) SELECT external_id, name, '', '' FROM account",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            other.execute(statement)


def test_many_bad_rows_leave_the_good_ones(tmp_path):
    target = crm(tmp_path)
    rows = [account(i, kind="enemy" if i % 3 == 0 else "customer") for i in range(1000)]
    told = create(target, "account", *rows)
    assert told.filter(pl.col("status") == "rejected").height == 334
    assert fetched(target, "account").height == 666


def test_since_gives_what_changed(tmp_path):
    times = iter([NOON, NOON + timedelta(hours=1)])
    target = crm(tmp_path, clock=lambda: next(times))
    create(target, "account", account(1))
    create(target, "account", account(2))
    found = list(
        target.read(
            "account", ["name"], since=NOON.astimezone(UTC).isoformat(timespec="microseconds")
        )
    )
    assert [r["name"] for b in found for r in b.to_pylist()] == ["N2"]


def test_a_newer_model_adds_columns_and_objects(tmp_path):
    old = small_model()
    create(crm(tmp_path, old), "account", account(1))
    fields = {
        **old.objects["account"].fields,
        "rating": Field("rating", SemanticType.CHOICE, choices=("a", "b")),
        "partner": Field("partner", SemanticType.REFERENCE, references=("account",)),
    }
    extra = ObjectType("thing", "Thing", "Things", "", {"name": Field("name", SemanticType.TEXT)})
    newer = CanonicalModel(
        1, {**old.objects, "account": ObjectType("account", "", "", "", fields), "thing": extra}
    )
    target = crm(tmp_path, newer)
    assert fetched(target, "account")["rating"].to_list() == [None]
    told = create(
        target,
        "account",
        account(2, rating="a", partner="account:1"),
        account(3, rating="c"),
        account(4, partner="account:77"),
    )
    assert told["status"].to_list() == ["succeeded", "rejected", "rejected"]
    assert create(target, "thing", {"external_id": "t", "name": "T"})["status"].to_list() == [
        "succeeded"
    ]
    assert fetched(target, "account")["partner"].to_list() == [None, "account:1"]


def test_the_canonical_model_makes_a_crm(tmp_path):
    model = load_model()
    target = crm(tmp_path, model)
    create(target, "account", {"external_id": "k", "name": "N"})
    create(target, "order", {"external_id": "o", "number": "1", "account": "account:1"})
    tables = {
        r[0]
        for r in sqlite3.connect(tmp_path / "crm.db").execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        )
    }
    assert set(model.objects) <= tables
    assert fetched(target, "order")["account"].to_list() == ["account:1"]
    assert [d.name for d in target.describe().datasets] == list(model.objects)


def test_columns_that_collide_are_a_config_error():
    fields = {
        "parent_id": Field("parent_id", SemanticType.TEXT),
        "parent": Field("parent", SemanticType.REFERENCE, references=("a",)),
    }
    with pytest.raises(ConfigError, match="parent_id"):
        build_schema(CanonicalModel(1, {"a": ObjectType("a", "A", "As", "", fields)}), SQLite())


def test_a_locked_database_is_a_remote_error(tmp_path, monkeypatch):
    monkeypatch.setattr("crmmigrate.adapters.relational.sqlite.BUSY_MS", 50)
    target = crm(tmp_path)
    create(target, "account", account(1))
    other = sqlite3.connect(tmp_path / "crm.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RemoteError, match="locked") as caught:
        create(crm(tmp_path), "account", account(2))
    assert caught.value.exit_code == 3
    other.execute("ROLLBACK")
    assert create(target, "account", account(2))["status"].to_list() == ["succeeded"]


def test_a_full_disk_is_told_and_leaves_nothing_half_done(tmp_path):
    target = crm(tmp_path)
    create(target, "account", account(1))

    def limit(connection, _record):
        connection.execute("PRAGMA max_page_count = 110")

    event.listen(target._database._engine, "connect", limit)
    with pytest.raises(StorageError, match="no space left"):
        create(target, "account", *[account(i) for i in range(20_000)])
    assert fetched(target, "account")["name"].to_list() == ["N1"]


def test_a_damaged_file_is_told(tmp_path):
    (tmp_path / "crm.db").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(CorruptError, match="damaged") as caught:
        crm(tmp_path).describe()
    assert "crm.db" in caught.value.where
    assert caught.value.hint


def test_damage_in_the_middle_is_told(tmp_path):
    target = crm(tmp_path)
    create(target, "account", *[account(i) for i in range(2000)])
    connection = sqlite3.connect(tmp_path / "crm.db")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray((tmp_path / "crm.db").read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    (tmp_path / "crm.db").write_bytes(content)
    with pytest.raises(CorruptError):
        fetched(crm(tmp_path), "account")


def test_another_database_is_not_touched(tmp_path):
    with sqlite3.connect(tmp_path / "crm.db") as other:
        other.execute("CREATE TABLE account (id INTEGER)")
    before = (tmp_path / "crm.db").read_bytes()
    for work in (lambda t: t.describe(), lambda t: create(t, "account", account(1))):
        with pytest.raises(UsageError, match="no embedded CRM"):
            work(crm(tmp_path))
    assert (tmp_path / "crm.db").read_bytes() == before


def test_looking_makes_no_file(tmp_path):
    target = crm(tmp_path)
    target.describe()
    list(target.fetch("account", None, "id"))
    assert not (tmp_path / "crm.db").exists()


def test_a_missing_folder_is_told(tmp_path):
    options = {"path": "no/such/crm.db", "model": small_model(), "clock": lambda: NOON}
    with pytest.raises(RemoteError, match="cannot be opened"):
        create(open_target(options, tmp_path), "account", account(1))


@pytest.mark.parametrize("path", [None, "", "."])
def test_a_path_is_needed(tmp_path, path):
    with pytest.raises(ConfigError, match=r"target\.path"):
        open_target({"path": path, "model": small_model(), "clock": lambda: NOON}, Path(tmp_path))


def test_an_unknown_object_is_told(tmp_path):
    with pytest.raises(UsageError, match="no object 'dragon'"):
        list(crm(tmp_path).fetch("dragon", None, "id"))
