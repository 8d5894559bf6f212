import json
import stat

import polars as pl
import pytest

from crmmigrate.errors import ConfigError, UsageError
from crmmigrate.model.canonical import CanonicalModel, Field, ObjectType
from crmmigrate.model.semantic import SemanticType
from crmmigrate.stages.plan_file import read_plan
from crmmigrate.store.artifacts import read
from crmmigrate.testing.records import made_up_records, record_key
from crmmigrate.testing.worlds import World


def account(number, **fields):
    return {"_key": record_key("account", number), "name": f"N{number}", **fields}


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def operations(run, object_="account", channel="operations"):
    frame = read(run.dir, "plan", object_, channel)
    return {} if frame is None else {r["external_id"]: r for r in frame.to_dicts()}


def test_a_first_plan_creates_everything_and_writes_nothing(world, tmp_path):
    run = world.new_run({"account": [account(1), account(2)]})
    report = world.plan(run)
    assert report.facts["pending"] == 2
    assert report.facts["actions"]["account"]["create"] == 2
    assert report.books[0].balanced
    assert not (tmp_path / "crm.db").exists()
    assert report.next_command == "crmmigrate load"


def test_a_second_plan_on_unchanged_data_has_nothing_to_do(world):
    records = made_up_records(40)
    world.bring(records)
    report = world.plan(world.new_run(records))
    assert report.facts["pending"] == 0
    assert all(
        not c["create"] + c["update"] + c["second_pass"] for c in report.facts["actions"].values()
    )
    assert "nothing to do" in report.notes[0]


def test_it_shows_changes_field_by_field(world):
    world.bring({"account": [account(1, kind="customer"), account(2)]})
    run = world.new_run({"account": [account(1, kind="supplier"), account(2)]})
    report = world.plan(run)
    found = operations(run)
    key = record_key("account", 1)
    assert found[key]["action"] == "update"
    assert found[key]["changed"] == ["kind"]
    assert (found[key]["was.kind"], found[key]["to.kind"]) == ("customer", "supplier")
    assert found[record_key("account", 2)]["action"] == "unchanged"
    assert report.facts["diffs"] == [
        {
            "object": "account",
            "action": "update",
            "key": key,
            "name": "N1",
            "fields": {"kind": ["customer", "supplier"]},
        }
    ]


def test_fields_that_nothing_feeds_are_left_alone(world):
    world.bring({"account": [account(1, phone="+40722123456")]})
    world.unfed = frozenset({"account.phone"})
    run = world.new_run({"account": [account(1)]})
    assert world.plan(run).facts["pending"] == 0
    world.unfed = frozenset()
    assert world.plan(world.new_run({"account": [account(1)]})).facts["pending"] == 1


def test_vanished_records_are_listed_not_deleted(world):
    world.bring({"account": [account(1), account(2)]})
    report = world.plan(world.new_run({"account": [account(1)]}))
    assert report.facts["pending"] == 0
    assert report.facts["actions"]["account"]["vanished"] == 1
    assert [(f.code, f.count) for f in report.findings] == [("PLN501", 1)]


def test_plan_files_are_for_the_owner_only(world):
    run = world.new_run({"account": [account(1)]})
    world.plan(run)
    for path in (run.dir / "plan").rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(run.dir.stat().st_mode) == 0o700


def test_every_record_has_one_operation_of_the_first_pass(world):
    records = made_up_records(60)
    run = world.new_run(records)
    world.plan(run)
    for object_, rows in records.items():
        found = read(run.dir, "plan", object_, "operations")
        assert sorted(found["external_id"]) == sorted(r["_key"] for r in rows)
        assert found["op_id"].n_unique() == found.height
        assert set(found["pass"]) <= {1}


def test_the_report_is_json(world):
    run = world.new_run(made_up_records(20))
    document = json.loads(json.dumps(world.plan(run).to_json()))
    assert document["facts"]["order"][0] == "user"


def test_the_plan_id_binds_the_content(world):
    records = {"account": [account(1)]}
    first, other = world.new_run(records), world.new_run({"account": [account(1, kind="customer")]})
    world.plan(first)
    world.plan(other)
    assert read_plan(first.dir).plan_id != read_plan(other.dir).plan_id
    assert set(read_plan(first.dir).files) == {
        "account/operations-00000.parquet",
        "account/deferred-00000.parquet",
    }


def test_a_record_keeps_its_external_id_when_another_one_represents_it(world):
    old, new = record_key("account", 1), record_key("account", 2)
    world.bring(
        {
            "account": [account(1)],
            "contact": [{"_key": record_key("contact", 1), "name": "C", "account": old}],
        }
    )
    run = world.new_run(
        {
            "account": [account(2)],
            "contact": [{"_key": record_key("contact", 1), "name": "C", "account": new}],
        },
        merged={"account": {old: new}},
    )
    report = world.plan(run)
    assert operations(run)[old]["action"] == "update"
    assert operations(run)[old]["golden_key"] == new
    assert report.facts["actions"]["contact"]["update"] == 0
    world.load(run)
    assert [r["_external_id"] for r in world.contents()["account"]] == [old]
    assert (
        world.plan(world.new_run({"account": [account(2)]}, merged={"account": {old: new}})).facts[
            "pending"
        ]
        == 0
    )


def test_a_split_cluster_gives_the_external_id_to_who_holds_it(world):
    one, two = record_key("account", 1), record_key("account", 2)
    run = world.new_run({"account": [account(1)]}, merged={"account": {two: one}})
    world.plan(run)
    world.load(run)
    again = world.new_run({"account": [account(2), account(1)]})
    world.plan(again)
    found = operations(again)
    assert found[one]["action"] == "unchanged"
    assert found[two]["action"] == "create"


def test_heirs_of_a_vanished_representative_do_not_share_it(world):
    keys = [record_key("account", n) for n in (1, 2, 3)]
    run = world.new_run(
        {"account": [account(1)]}, merged={"account": {keys[1]: keys[0], keys[2]: keys[0]}}
    )
    world.plan(run)
    world.load(run)
    again = world.new_run({"account": [account(2), account(3)]})
    report = world.plan(again)
    assert report.facts["actions"]["account"]["update"] == 1
    assert report.facts["actions"]["account"]["create"] == 1
    world.load(again)
    assert sorted(r["name"] for r in world.contents()["account"]) == ["N2", "N3"]


def test_a_lost_ledger_is_rebuilt_from_the_target(world, tmp_path):
    records = made_up_records(30)
    world.bring(records)
    for path in (tmp_path / ".crmmigrate").glob("ledger.db*"):
        path.unlink()
    run = world.new_run(records)
    report = world.plan(run)
    assert report.facts["pending"] == 0
    world.load(run)
    more = {
        **records,
        "contact": [
            *records["contact"],
            {"_key": record_key("contact", 999), "name": "C", "account": record_key("account", 0)},
        ],
    }
    added = world.bring(more)
    assert world.verify(added).gates[0].passed


def test_a_lost_target_is_filled_again(world, tmp_path):
    records = made_up_records(30)
    world.bring(records)
    before = world.contents()
    for path in tmp_path.glob("crm.db*"):
        path.unlink()
    run = world.bring(records)
    assert world.contents() == before
    assert world.verify(run).gates[0].passed


def test_required_references_in_a_circle_are_refused(tmp_path):
    fields = {
        "a": {"b": Field("b", SemanticType.REFERENCE, required=True, references=("b",))},
        "b": {"a": Field("a", SemanticType.REFERENCE, required=True, references=("a",))},
    }
    world = World(
        tmp_path,
        model=CanonicalModel(1, {n: ObjectType(n, n, n, "", f) for n, f in fields.items()}),
    )
    run = world.new_run({"a": [{"_key": "l:a:a/1"}], "b": [{"_key": "l:b:b/1"}]})
    with pytest.raises(ConfigError, match="circle"):
        world.plan(run)


def test_without_a_plan_there_is_nothing_to_read(world):
    with pytest.raises(UsageError, match="no complete plan"):
        read_plan(world.new_run({}).dir)


def test_before_images_hold_references_as_external_ids(world):
    one, two = record_key("account", 1), record_key("account", 2)
    world.bring(
        {
            "account": [account(1), account(2)],
            "contact": [{"_key": record_key("contact", 1), "name": "C", "account": one}],
        }
    )
    run = world.new_run(
        {
            "account": [account(1), account(2)],
            "contact": [{"_key": record_key("contact", 1), "name": "C", "account": two}],
        }
    )
    world.plan(run)
    found = operations(run, "contact")[record_key("contact", 1)]
    assert (found["was.account"], found["to.account"]) == (one, two)


def test_a_reference_to_a_record_of_others_is_kept_by_its_id(world, tmp_path):
    import sqlite3

    world.policies = {"contact": {"*": "overwrite"}}
    world.bring(
        {"contact": [{"_key": record_key("contact", 1), "name": "C"}], "account": [account(1)]}
    )
    with sqlite3.connect(tmp_path / "crm.db") as other:
        other.execute(
            "INSERT INTO account (name, created_at, modified_at) VALUES ('by hand', '', '')"
        )
        other.execute(
            "UPDATE contact SET account_id = (SELECT id FROM account WHERE name = 'by hand')"
        )
    run = world.new_run(
        {
            "contact": [
                {"_key": record_key("contact", 1), "name": "C", "account": record_key("account", 1)}
            ]
        }
    )
    world.plan(run)
    assert operations(run, "contact")[record_key("contact", 1)]["was.account"] == "account:2"


def test_blobs_are_compared_by_content(world):
    key = record_key("attachment", 1)
    world.bring({"attachment": [{"_key": key, "content": b"\x00\x01"}]})
    assert (
        world.plan(world.new_run({"attachment": [{"_key": key, "content": b"\x00\x01"}]})).facts[
            "pending"
        ]
        == 0
    )
    changed = world.new_run({"attachment": [{"_key": key, "content": b"\x00\x02"}]})
    assert world.plan(changed).facts["pending"] == 1
    assert world.plan(changed).facts["diffs"][0]["fields"] == {"content": ["2 bytes", "2 bytes"]}
    assert read(changed.dir, "plan", "attachment", "operations").schema["to.content"] == pl.Binary
