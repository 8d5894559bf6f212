"""Records that somebody has made in the target by hand are linked, or held back; never doubled."""

import json
import sqlite3

import polars as pl
import pytest

from crmmigrate.cli.app import run_app
from crmmigrate.model.findings import FINDING_FRAME

PEOPLE = """\
id,name,email,phone,company,status
1,Popescu Ion,ion.popescu@alfa.example,0722 123 456,1,A
3,Maria Ionescu,maria@beta.example,0744 111 222,3,A
"""
NOW = "2026-01-01T00:00:00.000000+00:00"


@pytest.fixture
def run(project, capsys, monkeypatch):
    """Run commands in a project whose CRM has its tables and nothing in them."""
    monkeypatch.chdir(project.root)
    project.write("data/people.csv", PEOPLE)

    def command(*arguments):
        code = run_app(list(arguments))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    assert command("run")[0] == 0
    assert command("load")[0] == 0
    with sqlite3.connect(project.root / "crm.db") as connection:
        connection.execute('DELETE FROM "contact"')
    return command


def make_by_hand(project, *people):
    with sqlite3.connect(project.root / "crm.db") as connection:
        connection.executemany(
            'INSERT INTO "contact" (name, email, phone, created_at, modified_at) VALUES (?, ?, ?, ?, ?)',
            [(*person, NOW, NOW) for person in people],
        )


def plan(run):
    code, out, err = run("plan", "--json")
    assert code == 0, out + err
    return json.loads(out)


def told(project):
    newest = max((project.root / ".crmmigrate" / "runs").iterdir())
    found = [pl.read_parquet(f) for f in newest.glob("plan/contact/findings-*.parquet")]
    frame = pl.concat([FINDING_FRAME.to_frame(), *found]).filter(
        pl.col("code").is_in(["PLN504", "PLN505"])
    )
    return {row["_key"]: (row["code"], row["after"]) for row in frame.to_dicts()}


@pytest.fixture
def crm(project):
    def query(text, *values):
        with sqlite3.connect(project.root / "crm.db") as connection:
            return connection.execute(text, values).fetchall()

    return query


def records(project):
    """Return all contacts by id, as they are but for the stamp of the last change."""
    with sqlite3.connect(project.root / "crm.db") as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute("SELECT * FROM contact")]
    return {row["id"]: {**row, "modified_at": None} for row in rows}


def counts(facts):
    return facts["facts"]["actions"]["contact"]


def test_a_record_made_by_hand_is_linked_and_not_made_again(run, project, crm):
    make_by_hand(
        project,
        ("Ion Popescu", "ION.POPESCU@alfa.example", "0722-123.456"),
        ("Elena Vasile", "elena@other.example", "0733 999 888"),
    )
    (there,) = crm("SELECT id FROM contact WHERE name = 'Ion Popescu'")[0]
    before = records(project)
    facts = plan(run)
    assert told(project) == {"shop:contact:people/1": ("PLN504", str(there))}
    assert (counts(facts)["link"], counts(facts)["create"]) == (1, 1)
    assert "1 to link" in facts["notes"][0]
    code, out, err = run("load", "--json")
    assert code == 0, out + err
    assert json.loads(out)["facts"]["objects"]["contact"]["linked"] == 1
    linked = crm("SELECT id, email FROM contact WHERE external_id = 'shop:contact:people/1'")
    assert linked == [(there, "ion.popescu@alfa.example")]
    assert crm("SELECT count(*) FROM contact") == [(3,)]
    assert run("verify")[0] == 0
    assert plan(run)["facts"]["pending"] == 0

    code, out, err = run("rollback", facts["run_id"], "--yes")
    assert code == 0, out + err
    assert {i: row for i, row in records(project).items() if i in before} == before
    assert crm("SELECT count(*) FROM contact WHERE external_id IS NOT NULL") == [(0,)]


def test_two_of_them_are_doubtful_and_held_until_somebody_decides(run, project, crm):
    person = ("Ion Popescu", "ion.popescu@alfa.example", "0722123456")
    make_by_hand(project, person, person)
    facts = plan(run)
    assert {code for code, _ in told(project).values()} == {"PLN505"}
    assert (counts(facts)["held"], counts(facts)["create"]) == (1, 1)
    line = next(b for b in facts["books"] if b["object"] == "contact")
    assert (line["rows_in"], line["rows_out"], line["excluded"]) == (2, 1, 1)
    assert run("load")[0] == 0
    assert crm("SELECT count(*) FROM contact") == [(3,)]
    code, out, _ = run("verify", "--json")
    assert code == 0
    found = json.loads(out)["facts"]["differences"]
    assert [(d["code"], d["key"]) for d in found] == [("VER605", "shop:contact:people/1")]

    code, out, err = run("review", "--json")
    assert code == 0, err
    pairs = [p for p in json.loads(out)["pairs"] if p["key_b"].startswith("target:contact:")]
    assert len(pairs) == 2
    (first, second) = sorted(p["key_b"] for p in pairs)
    project.write(
        "decisions/contact.csv",
        "key_a,key_b,judgement,why\n"
        f"shop:contact:people/1,{first},match,\n"
        f"shop:contact:people/1,{second},no_match,\n",
    )
    assert run("run")[0] == 0
    facts = plan(run)
    assert (counts(facts)["held"], counts(facts)["link"]) == (0, 1)
    assert run("load")[0] == 0
    linked = crm("SELECT id FROM contact WHERE external_id = 'shop:contact:people/1'")
    assert linked == [(int(first.rsplit(":", 1)[1]),)]


@pytest.mark.parametrize(("existing", "expected"), [("create", (0, 2, 0)), ("hold", (0, 1, 1))])
def test_the_project_says_what_becomes_of_them(run, project, existing, expected):
    make_by_hand(project, ("Ion Popescu", "ion.popescu@alfa.example", "0722123456"))
    path = project.root / "migration.yaml"
    text = path.read_text()
    assert text.count("adapter: sqlite,") == 1
    path.write_text(text.replace("adapter: sqlite,", f"adapter: sqlite, existing: {existing},"))
    found = counts(plan(run))
    assert (found["link"], found["create"], found["held"]) == expected


def test_a_record_that_was_changed_before_the_load_is_drift(run, project, crm):
    make_by_hand(project, ("Ion Popescu", "ION.POPESCU@alfa.example", "0722-123.456"))
    plan(run)
    with sqlite3.connect(project.root / "crm.db") as connection:
        connection.execute("UPDATE contact SET phone = '0799' WHERE name = 'Ion Popescu'")
    code, _, err = run("load")
    assert code == 4
    assert "people/1: phone" in err
    assert crm("SELECT count(*) FROM contact WHERE external_id IS NOT NULL") == [(0,)]


def test_a_key_given_by_somebody_else_is_drift(run, project):
    make_by_hand(project, ("Ion Popescu", "ion.popescu@alfa.example", "0722123456"))
    plan(run)
    with sqlite3.connect(project.root / "crm.db") as connection:
        connection.execute("UPDATE contact SET external_id = 'other:7'")
    assert run("load")[0] == 4


def test_our_blanks_are_told_before_they_clear_anything(run, project):
    project.write("data/people.csv", PEOPLE.replace("0722 123 456", ""))
    assert run("run")[0] == 0
    make_by_hand(project, ("Ion Popescu", "ion.popescu@alfa.example", "0722123456"))
    facts = plan(run)
    assert counts(facts)["link"] == 1
    assert any("clears 1 value " in note for note in facts["notes"])


def test_given_our_key_it_is_updated_and_not_created(run, project):
    make_by_hand(project, ("Ion Popescu", "ion.popescu@alfa.example", "0722123456"))
    with sqlite3.connect(project.root / "crm.db") as connection:
        connection.execute("UPDATE \"contact\" SET external_id = 'shop:contact:people/1'")
    plan(run)
    assert told(project) == {}
    assert run("load")[0] == 0
    with sqlite3.connect(project.root / "crm.db") as connection:
        assert connection.execute('SELECT count(*) FROM "contact"').fetchone() == (2,)
