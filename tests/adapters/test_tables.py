"""Tables that are there already, in a SQLite file: what is written, refused, described and read."""

import polars as pl
import pytest
import sqlalchemy as sa
from support.customer_tables import MAPPING, make
from support.small_project import ACCOUNT, COMPANIES, CONTACT, MIGRATION, PEOPLE, Project

from crmmigrate.adapters.tables import open_native
from crmmigrate.errors import ConfigError, UsageError
from crmmigrate.testing.contract import operations_frame

STAGES = ("extract", "map", "standardize", "dedupe", "validate")


@pytest.fixture
def engine(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'customer.db'}", poolclass=sa.NullPool)
    make(engine, "sqlite")
    return engine


@pytest.fixture
def target(tmp_path, engine):
    return open_native({"url": "sqlite:///customer.db", "external_id": "legacy_id"}, tmp_path)


def ready_project(tmp_path):
    """Return a small project with the customer's tables as its target."""
    project = Project(tmp_path)
    entry = (
        'target: {adapter: tables, url: "sqlite:///customer.db", options: {external_id: legacy_id}}'
    )
    told = [entry if line.startswith("target:") else line for line in MIGRATION.splitlines()]
    project.write("migration.yaml", "\n".join(told))
    project.write("mappings/tables/from_canonical.yaml", MAPPING)
    project.write("mappings/company.yaml", ACCOUNT)
    project.write("mappings/person.yaml", CONTACT)
    project.write("data/companies.csv", COMPANIES)
    project.write("data/people.csv", PEOPLE)
    return project


def create(target, table, *records):
    return target.write(table, "create", operations_frame(list(records)))


def fetched(target, table, keys=None, by="external_id"):
    wanted = None if keys is None else pl.Series(keys, dtype=pl.String)
    frames = [pl.DataFrame(pl.from_arrow(b)) for b in target.fetch(table, wanted, by)]
    return pl.concat(frames) if frames else pl.DataFrame()


def test_it_describes_what_can_be_written(target):
    catalog = target.describe()
    assert [d.name for d in catalog.datasets] == ["firms", "people"]
    columns = {c.name: c for c in catalog.dataset("people").columns}
    assert columns["firm"].references == ("firms",)
    assert columns["full_name"].nullable is False
    assert columns["full_name"].max_length == 80
    assert catalog.dataset("firms").rows == 1
    told = {check.name: check for check in target.connect()}
    assert "no column legacy_id" in told["settings"].says
    assert "ADD COLUMN" in told["settings"].hint


def test_what_went_in_comes_out(target):
    firm = {
        "external_id": "a",
        "title": "Ünï 😀",
        "turnover": "12.50",
        "made": "2024-03-31T02:30:00+02:00",
    }
    number = create(target, "firms", firm)["target_id"][0]
    person = {
        "external_id": "p",
        "full_name": "N",
        "firm": f"firms:{number}",
        "active": "true",
        "born": "1912-02-29",
    }
    assert create(target, "people", person)["status"].to_list() == ["succeeded"]
    found = fetched(target, "firms", ["a"]).row(0, named=True)
    assert (found["title"], found["_id"]) == ("Ünï 😀", number)
    assert found["made"] == "2024-03-31T00:30:00Z"
    assert float(found["turnover"]) == 12.5
    found = fetched(target, "people").row(0, named=True)
    assert (found["firm"], found["active"], found["born"]) == (
        f"firms:{number}",
        "true",
        "1912-02-29",
    )


@pytest.mark.parametrize(
    ("table", "record", "code", "field"),
    [
        ("firms", {"title": None}, "REQUIRED_FIELD_MISSING", "title"),
        ("firms", {"kind": "X"}, "CHECK_FAILED", None),
        ("firms", {"turnover": "1.005"}, "INVALID_NUMBER", "turnover"),
        ("firms", {"turnover": "much"}, "INVALID_NUMBER", "turnover"),
        ("firms", {"made": "yesterday"}, "INVALID_DATETIME", "made"),
        ("people", {"firm": "firms:99"}, "LINKED_RECORD_MISSING", None),
        ("people", {"firm": "people:1"}, "INVALID_LINK", "firm"),
        ("people", {"active": "maybe"}, "INVALID_BOOLEAN", "active"),
        ("people", {"born": "29.02.2000"}, "INVALID_DATE", "born"),
    ],
)
def test_bad_rows_are_alone(target, table, record, code, field):
    needed = {"firms": "title", "people": "full_name"}[table]
    rows = [{"external_id": f"k{n}", needed: "N"} for n in range(9)]
    rows[4] |= record
    told = create(target, table, *rows)
    bad = told.filter(pl.col("status") == "rejected").to_dicts()
    assert [(b["op_id"], b["error_code"], b["error_field"]) for b in bad] == [("op.5", code, field)]
    assert bad[0]["message"]
    assert fetched(target, table, [f"k{n}" for n in range(9)]).height == 8


def test_a_value_that_is_there_is_told(target):
    create(target, "people", {"external_id": "a", "full_name": "N", "mail": "x@y.example"})
    told = create(target, "people", {"external_id": "b", "full_name": "M", "mail": "x@y.example"})
    assert told.row(0, named=True)["error_code"] == "DUPLICATE_VALUE"
    assert told.row(0, named=True)["error_field"] == "mail"


def test_create_twice_update_and_delete(target):
    one = create(target, "firms", {"external_id": "a", "title": "first"})["target_id"][0]
    assert create(target, "firms", {"external_id": "a", "title": "again"})["target_id"][0] == one
    change = {"external_id": "a", "target_id": one, "changed": ["tel"], "title": "no", "tel": "1"}
    target.write("firms", "update", operations_frame([change]))
    row = fetched(target, "firms", [one], "id").row(0, named=True)
    assert (row["title"], row["tel"]) == ("first", "1")
    lost = {**change, "target_id": "4711"}
    told = target.write("firms", "update", operations_frame([lost]))
    assert told["error_code"].to_list() == ["RECORD_MISSING"]
    gone = operations_frame([{"external_id": "a", "target_id": one}])
    for _ in range(2):
        assert target.write("firms", "delete", gone)["status"].to_list() == ["succeeded"]
    assert fetched(target, "firms")["title"].to_list() == ["Old Firm"]


def test_a_table_without_our_column_is_told(target):
    with pytest.raises(UsageError, match="no table 'settings' with a column 'legacy_id'"):
        list(target.fetch("settings", None, "id"))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, r"target\.url is missing"),
        ({"url": "sqlite:///none.db"}, "no such SQLite file"),
        ({"url": "oracle://x/y"}, "cannot be a target"),
        ({"url": "sqlite:///customer.db", "external_id": ""}, "must name a column"),
        ({"url": "sqlite:///customer.db", "batch_size": 0}, "batch_size"),
    ],
)
def test_wrong_options_are_told(tmp_path, engine, options, says):
    with pytest.raises(ConfigError, match=says):
        open_native(options, tmp_path)


def test_a_project_goes_in_and_out(tmp_path, engine):
    project = ready_project(tmp_path)
    for stage in STAGES:
        project.cli(stage)
    project.cli("plan")
    project.cli("load")
    with engine.connect() as connection:
        query = "SELECT p.full_name, f.title, p.active FROM people p JOIN firms f ON f.no = p.firm ORDER BY 1"
        rows = [tuple(r) for r in connection.execute(sa.text(query))]
    assert ("Ion Popescu", "Alfa Construct SRL", 1) in rows or (
        "Ion Popescu",
        "SC Alfa Construct SRL",
        1,
    ) in rows
    assert "exactly as they should be" in project.cli("verify").stdout
    assert "nothing to do" in project.cli("plan").stdout
    run = min((project.root / ".crmmigrate" / "runs").iterdir()).name
    project.cli("rollback", run, "--yes")
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT title FROM firms")).fetchall() == [("Old Firm",)]


@pytest.fixture
def keyless(tmp_path):
    """Tables without a column for our key."""
    (tmp_path / "customer.db").unlink(missing_ok=True)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'customer.db'}", poolclass=sa.NullPool)
    make(engine, "sqlite", keyed=False)
    return engine


@pytest.fixture
def keyless_target(tmp_path, keyless):
    return open_native({"url": "sqlite:///customer.db", "external_id": "legacy_id"}, tmp_path)


def test_the_column_for_our_key_is_made_on_demand_only_and_once(tmp_path, keyless):
    project = ready_project(tmp_path)
    said = " ".join(project.cli("connect").stdout.split())
    assert "no column legacy_id" in said
    assert "--create-field` adds it" in said
    assert "legacy_id" not in columns_of(keyless, "firms"), "nothing is made unasked"
    said = " ".join(project.cli("connect", "target", "--create-field").stdout.split())
    assert (
        "firms.legacy_id: made: ALTER TABLE firms ADD COLUMN legacy_id TEXT; CREATE UNIQUE" in said
    )
    assert "our key is kept in legacy_id" in said
    assert "legacy_id" in columns_of(keyless, "people")
    assert "legacy_id" not in columns_of(keyless, "settings"), "the mapping does not name it"
    said = " ".join(project.cli("connect", "target", "--create-field").stdout.split())
    assert "firms.legacy_id: is there already" in said
    for stage in (*STAGES, "plan", "load", "verify"):
        project.cli(stage)
    assert "nothing to do" in project.cli("plan").stdout


def test_what_was_broken_off_between_column_and_index_goes_on(keyless, keyless_target):
    target = keyless_target
    with keyless.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE firms ADD COLUMN legacy_id TEXT")
    assert "no unique index" in {c.name: c.says for c in target.connect()}["firms"]
    told = [(c.name, c.state.value) for c in target.make_key_fields({"firms": "", "nowhere": ""})]
    assert told == [("firms.legacy_id", "ok"), ("nowhere", "warning")]
    assert {c.name: c.says for c in target.connect()}["firms"] == "our key is kept in legacy_id"


def test_a_column_that_cannot_be_made_unique_is_told_with_its_statement(keyless, keyless_target):
    with keyless.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE firms ADD COLUMN legacy_id TEXT")
        connection.exec_driver_sql(
            "INSERT INTO firms (title, legacy_id) VALUES ('a', 'x'), ('b', 'x')"
        )
    (told,) = keyless_target.make_key_fields({"firms": ""})
    assert told.state.value == "failed"
    assert "UNIQUE" in told.says
    assert "CREATE UNIQUE INDEX firms_legacy_id_key ON firms (legacy_id)" in told.hint


def columns_of(engine, table):
    return {c["name"] for c in sa.inspect(engine).get_columns(table)}
