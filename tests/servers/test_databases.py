"""A CRM of ours in PostgreSQL and in MariaDB: the contract of targets, crashes, and all zones."""

from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from servers import postgresql_server
from support import customer_tables

from crmmigrate.adapters.registry import open_target
from crmmigrate.adapters.relational.target import RelationalCrm
from crmmigrate.adapters.tables import open_native
from crmmigrate.errors import ConfigError, RemoteError, UsageError
from crmmigrate.store.ledger import Ledger
from crmmigrate.testing.contract import TargetContract, operations_frame
from crmmigrate.testing.records import made_up_records
from crmmigrate.testing.worlds import World, small_model, utc_now


def opened(server, **more):
    given = {"model": small_model(), "clock": utc_now, **more}
    return open_target(server.options(**given), Path())


def create(target, object_, *records):
    return target.write(object_, "create", operations_frame(list(records)))


def account(number, **fields):
    return {"external_id": f"a:account:x/{number}", "name": f"N{number}", **fields}


def fetched(target, object_):
    frames = [pl.DataFrame(pl.from_arrow(b)) for b in target.fetch(object_, None, "id")]
    return pl.concat(frames) if frames else pl.DataFrame({"name": []})


class _OnServer(TargetContract):
    kind = ""

    @pytest.fixture(autouse=True)
    def fresh(self, request):
        self.server = request.getfixturevalue(self.kind)
        self.server.renew()

    def open(self, folder):
        return open_target(self.server.options(model=small_model(), clock=utc_now), folder)


class TestPostgreSQL(_OnServer):
    kind = "postgresql"


class TestMariaDB(_OnServer):
    kind = "mariadb"


del _OnServer, TargetContract


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
        ("contact", {"born": "2001-02-29"}, "INVALID_DATE", "born"),
        ("contact", {"born": "29.02.2000"}, "INVALID_DATE", "born"),
        ("contact", {"born": "12000-01-01"}, "INVALID_DATE", "born"),
        ("contact", {"seen": "12:00"}, "INVALID_DATETIME", "seen"),
        ("contact", {"seen": "2001-02-29T12:00:00"}, "INVALID_DATETIME", "seen"),
        ("contact", {"active": "maybe"}, "INVALID_BOOLEAN", "active"),
        ("invoice", {}, "REQUIRED_FIELD_MISSING", "account"),
        ("note", {"about": "invoice:1", "body": "b"}, "INVALID_LINK", "about"),
    ],
)
def test_refuses_what_a_crm_refuses(server, object_, record, code, field):
    start = {"external_id": "x"} | ({} if object_ in {"invoice", "note"} else {"name": "N"})
    target = opened(server)
    told = create(target, object_, {**start, **record}).row(0, named=True)
    assert (told["status"], told["error_code"], told["error_field"]) == ("rejected", code, field)
    assert told["message"]


HOURS = [f"{'-' if h < 0 else '+'}{abs(h):02}:00" for h in range(-12, 15)]


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Asia/Kathmandu", "Pacific/Kiritimati"])
def test_points_in_time_do_not_shift_in_any_zone(server, zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setenv("PGTZ", zone)
    target = opened(server)
    moments = [f"2024-03-31T02:30:00{hour}" for hour in HOURS]
    rows = [
        {"external_id": f"c/{n}", "name": "N", "seen": moment, "born": "1912-02-29"}
        for n, moment in enumerate(moments)
    ]
    assert set(create(target, "contact", *rows)["status"]) == {"succeeded"}
    found = fetched(target, "contact")
    assert found["seen"].to_list() == moments
    assert set(found["born"]) == {"1912-02-29"}


def test_texts_come_back_as_they_were(server):
    texts = [
        "a ",
        " a",
        "a",
        "A",
        "é",
        "e",
        "\\N",
        "\\",
        "%s %",
        '"',
        "'",
        "😀👨‍👩‍👧",
        "x\ty\r\nz",
        "NULL",
        ";--",
    ]
    target = opened(server)
    rows = [account(n, name=text, phone="y" * 100_000) for n, text in enumerate(texts)]
    keyed = [{**row, "external_id": f"k:{row['name']}"} for row in rows]
    assert set(create(target, "account", *keyed)["status"]) == {"succeeded"}
    assert fetched(target, "account")["name"].to_list() == texts
    assert set(fetched(target, "account")["phone"]) == {"y" * 100_000}
    keys = pl.Series([f"k:{text}" for text in texts])
    frames = [pl.DataFrame(pl.from_arrow(b)) for b in target.fetch("account", keys, "external_id")]
    assert pl.concat(frames)["_external_id"].to_list() == keys.to_list()


def test_many_bad_rows_leave_the_good_ones(server):
    target = opened(server)
    rows = [account(i, kind="enemy" if i % 3 == 0 else "customer") for i in range(300)]
    told = create(target, "account", *rows)
    assert told.filter(pl.col("status") == "rejected").height == 100
    assert fetched(target, "account").height == 200


def test_a_text_the_database_cannot_hold_is_refused_alone(postgresql):
    postgresql.renew()
    target = opened(postgresql)
    told = create(target, "account", account(1), account(2, name="a\x00b"))
    assert told["status"].to_list() == ["succeeded", "rejected"]
    assert told["error_code"].to_list() == [None, "INVALID_TEXT"]


def test_an_edit_behind_our_back_moves_the_stamp(server):
    target = opened(server)
    create(target, "account", account(1))
    before = fetched(target, "account")["_modified_at"][0]
    server.run("UPDATE \"account\" SET name = 'edited'")
    assert fetched(target, "account")["_modified_at"][0] > before


def test_the_database_itself_guards_its_rules(server):
    target = opened(server)
    create(target, "account", account(1))
    create(target, "note", {"external_id": "n", "body": "b", "about": "account:1"})
    for statement in (
        "INSERT INTO \"account\" (external_id, created_at, modified_at) VALUES ('z', '', '')",
        "UPDATE \"account\" SET kind = 'enemy'",
        'UPDATE "note" SET about_id = 99',
        'UPDATE "note" SET about_type = NULL',
        "UPDATE \"note\" SET about_type = 'user'",
        'DELETE FROM "account"',
    ):
        with pytest.raises(sa.exc.DBAPIError):
            server.run(statement)


def test_a_newer_model_adds_columns(server):
    old = small_model()
    create(opened(server), "account", account(1))
    from crmmigrate.model.canonical import CanonicalModel, Field, ObjectType
    from crmmigrate.model.semantic import SemanticType

    fields = {
        **old.objects["account"].fields,
        "rating": Field("rating", SemanticType.CHOICE, choices=("a", "100 %")),
    }
    changed = ObjectType("account", "", "", "", fields)
    target = opened(server, model=CanonicalModel(1, {**old.objects, "account": changed}))
    told = create(target, "account", account(2, rating="100 %"), account(3, rating="c"))
    assert told["status"].to_list() == ["succeeded", "rejected"]
    assert fetched(target, "account")["rating"].to_list() == [None, "100 %"]


def test_another_database_is_not_touched(server):
    server.run("CREATE TABLE account (id INTEGER)")
    for work in (lambda t: t.describe(), lambda t: create(t, "account", account(1))):
        with pytest.raises(UsageError, match="no embedded CRM"):
            work(opened(server))


def test_looking_makes_nothing(server):
    target = opened(server)
    target.describe()
    assert list(target.fetch("account", None, "id")) == []
    tables = (
        "SELECT count(*) FROM information_schema.tables WHERE table_schema IN ('public', 'crm')"
    )
    assert server.run(tables) == [(0,)]


def test_wrong_password_and_lost_server_are_told_apart(server):
    url = sa.make_url(server.url)
    if server.kind == "mariadb":
        wrong = url.set(username="nobody", password="hunter2")
        with pytest.raises(ConfigError, match="refuses the user") as caught:
            open_target({**server.options(), "url": wrong.render_as_string(hide_password=False),
                         "model": small_model(), "clock": utc_now}, Path()).describe()  # fmt: skip
        assert "hunter2" not in str(caught.value)
    absent = url.set(database="no_such")
    with pytest.raises(ConfigError, match="no such database"):
        open_target({**server.options(), "url": absent.render_as_string(), "model": small_model(),
                     "clock": utc_now}, Path()).describe()  # fmt: skip
    away = url.set(port=postgresql_server.free_port())
    with pytest.raises(RemoteError, match="cannot be reached"):
        open_target({**server.options(), "url": away.render_as_string(), "model": small_model(),
                     "clock": utc_now}, Path()).describe()  # fmt: skip


class Crash(BaseException):
    """Stands for the death of the process: nothing in the code may catch it."""


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(
    ("kind", "name"), [(Ledger, "mark_sent"), (RelationalCrm, "write"), (Ledger, "record")]
)
def test_dying_at_every_other_transition(server, tmp_path, monkeypatch, kind, name, before):
    records = made_up_records(30, seed=7)
    calm = World(tmp_path / "calm", target={"adapter": "sqlite", "path": "crm.db"})
    calm.root.mkdir()
    calm.bring(records)
    world = World(tmp_path / "shaken", target={**server.options(), "options": {"batch_size": 20}})
    world.root.mkdir()
    run = world.new_run(records)
    world.plan(run)
    deaths = 0
    while True:
        calls, method = [], getattr(kind, name)

        def dying(self, *arguments, calls=calls, method=method):
            calls.append(1)
            if before and len(calls) == 2:
                raise Crash
            result = method(self, *arguments)
            if not before and len(calls) == 2:
                raise Crash
            return result

        monkeypatch.setattr(kind, name, dying)
        try:
            report = world.load(run)
        except Crash:
            deaths += 1
            continue
        finally:
            monkeypatch.undo()
        break
    assert deaths >= 3
    assert world.contents() == calm.contents()
    assert report.facts["pending"] == 0
    assert world.verify(run).gates[0].passed
    world.rollback(run)
    assert not any(world.contents().values())


def test_tables_of_a_customer_on_a_server(server, tmp_path):
    engine = sa.create_engine(server.url, poolclass=sa.NullPool)
    customer_tables.make(engine, server.kind)
    target = open_native({"url": server.url, "external_id": "legacy_id"}, tmp_path)
    assert [d.name for d in target.describe().datasets] == ["firms", "people"]
    firm = {
        "external_id": "a",
        "title": "Ünï 😀",
        "turnover": "12.50",
        "made": "2024-03-31T02:30:00+02:00",
        "kind": "C",
    }
    bad = [
        {**firm, "external_id": "b", "kind": "X"},
        {**firm, "external_id": "c", "turnover": "1.005"},
        {**firm, "external_id": "d", "title": None},
        {**firm, "external_id": "e", "title": "x" * 61},
        {**firm, "external_id": "f", "made": "2024-02-30T10:00:00Z"},
    ]
    told = create(target, "firms", firm, *bad)
    assert told["status"].to_list() == ["succeeded", *["rejected"] * 5], told["message"].to_list()
    assert told["message"].null_count() == 1
    number = told["target_id"][0]
    person = {
        "external_id": "p",
        "full_name": "N",
        "firm": f"firms:{number}",
        "active": "true",
        "born": "1912-02-29",
        "photo": b"\x00\xff",
    }
    lost = {**person, "external_id": "q", "firm": "firms:4711"}
    frame = operations_frame([person, lost], photo=pl.Binary())
    told = target.write("people", "create", frame)
    assert told["error_code"].to_list() == [None, "LINKED_RECORD_MISSING"]
    assert told["error_field"].to_list() == [None, "firm"]
    found = {r["title"]: r for r in fetched(target, "firms").to_dicts()}
    assert found["Ünï 😀"]["made"] == "2024-03-31T00:30:00Z"
    assert found["Ünï 😀"]["turnover"] == "12.50"
    row = fetched(target, "people").row(0, named=True)
    assert (row["firm"], row["active"], row["born"]) == (f"firms:{number}", "true", "1912-02-29")
    assert row["photo"] == b"\x00\xff"
    change = {
        "external_id": "a",
        "target_id": number,
        "changed": ["made", "tel"],
        "made": None,
        "tel": "1",
    }
    assert target.write("firms", "update", operations_frame([change]))["status"].to_list() == [
        "succeeded"
    ]
    held = operations_frame([{"external_id": "a", "target_id": number}])
    assert target.write("firms", "delete", held)["error_code"].to_list() == ["STILL_REFERENCED"]
    gone = operations_frame([{"external_id": "p", "target_id": row["_id"]}])
    target.write("people", "delete", gone)
    assert target.write("firms", "delete", held)["status"].to_list() == ["succeeded"]


def test_the_column_for_our_key_is_made_and_tells_letters_apart(server, tmp_path):
    engine = sa.create_engine(server.url, poolclass=sa.NullPool)
    customer_tables.make(engine, server.kind)
    server.run("ALTER TABLE people DROP COLUMN legacy_id")
    target = open_native({"url": server.url, "external_id": "legacy_id"}, tmp_path)
    told = {c.name: c for c in target.connect()}
    assert "ADD COLUMN legacy_id" in told["people"].hint
    assert [d.name for d in target.describe().datasets] == ["firms"], "nothing is made unasked"
    for words in ("made: ALTER TABLE people ADD COLUMN legacy_id", "is there already"):
        (check,) = target.make_key_fields({"people": ""})
        assert check.says.startswith(words), check
    people = [{"external_id": key, "full_name": "N"} for key in ("a", "A", "ä", "a ")]
    assert create(target, "people", *people)["status"].to_list() == ["succeeded"] * 4
    keys = pl.Series(["A", "a "])
    rows = [pl.DataFrame(pl.from_arrow(b)) for b in target.fetch("people", keys, "external_id")]
    assert sorted(pl.concat(rows)["_external_id"]) == ["A", "a "]
    target.close()


def test_rights_that_are_missing_are_told(postgresql, tmp_path):
    postgresql.renew()
    engine = sa.create_engine(postgresql.url, poolclass=sa.NullPool)
    customer_tables.make(engine, "postgresql")
    postgresql.run("DROP ROLE IF EXISTS guest")
    postgresql.run("CREATE ROLE guest LOGIN", "ALTER TABLE people DROP COLUMN legacy_id")
    postgresql.run("GRANT USAGE ON SCHEMA public TO guest")
    postgresql.run("GRANT SELECT, INSERT ON firms, people TO guest")
    try:
        url = (
            sa.make_url(postgresql.url).set(username="guest").render_as_string(hide_password=False)
        )
        target = open_native({"url": url, "external_id": "legacy_id"}, tmp_path)
        told = {c.name: c for c in target.connect()}
        assert told["firms"].says == "our user may not UPDATE, DELETE"
        (check,) = target.make_key_fields({"people": ""})
        assert (check.state.value, "must be owner" in check.says) == ("failed", True), check
        assert "ask who owns the table: ALTER TABLE people" in check.hint
        target.close()
    finally:
        postgresql.renew()
        postgresql.run("DROP ROLE guest")


def test_a_rule_of_the_customer_sees_every_new_row(postgresql, tmp_path):
    # COPY would pass by the rule.
    postgresql.renew()
    postgresql.run(
        "CREATE TABLE firms (id serial PRIMARY KEY, legacy_id text UNIQUE, title text)",
        "CREATE TABLE seen (title text)",
        "CREATE RULE tell AS ON INSERT TO firms DO ALSO INSERT INTO seen VALUES (NEW.title)",
    )
    target = open_native({"url": postgresql.url, "external_id": "legacy_id"}, tmp_path)
    told = create(target, "firms", *({"external_id": k, "title": k.upper()} for k in "ab"))
    assert told["status"].to_list() == ["succeeded"] * 2, told["message"].to_list()
    assert postgresql.run("SELECT title FROM seen ORDER BY title") == [("A",), ("B",)]


def test_a_new_batch_with_one_bad_row_and_one_known_keeps_the_others(postgresql):
    postgresql.renew()
    target = opened(postgresql)
    create(target, "account", account(1))
    told = create(target, "account", account(1), account(2, name="x" * 41), account(3))
    assert told["status"].to_list() == ["succeeded", "rejected", "succeeded"]
    assert told["target_id"][0] == target_id(target, 1)
    assert sorted(fetched(target, "account")["name"]) == ["N1", "N3"]


def target_id(target, number):
    key = pl.Series([f"a:account:x/{number}"])
    return pl.DataFrame(pl.from_arrow(next(target.fetch("account", key, "external_id"))))["_id"][0]
