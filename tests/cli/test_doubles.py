"""`plan` tells which new records the target holds already, made by hand there."""

import json
import sqlite3

import polars as pl
import pytest

from crmmigrate.cli.app import run_app

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
    frame = pl.concat(found).filter(pl.col("code").is_in(["PLN504", "PLN505"]))
    return {row["_key"]: (row["code"], row["after"]) for row in frame.to_dicts()}


def test_a_record_made_by_hand_is_told_with_its_id(run, project):
    make_by_hand(
        project,
        ("Ion Popescu", "ION.POPESCU@alfa.example", "0722-123.456"),
        ("Elena Vasile", "elena@other.example", "0733 999 888"),
    )
    facts = plan(run)
    with sqlite3.connect(project.root / "crm.db") as connection:
        found = connection.execute("SELECT id FROM \"contact\" WHERE name = 'Ion Popescu'")
        (there,) = found.fetchone()
    assert told(project) == {"shop:contact:people/1": ("PLN504", str(there))}
    assert "1 records to create are in the target already" in json.dumps(facts)


def test_two_of_them_are_doubtful(run, project):
    person = ("Ion Popescu", "ion.popescu@alfa.example", "0722123456")
    make_by_hand(project, person, person)
    plan(run)
    assert {code for code, _ in told(project).values()} == {"PLN505"}


def test_given_our_key_it_is_updated_and_not_created(run, project):
    make_by_hand(project, ("Ion Popescu", "ion.popescu@alfa.example", "0722123456"))
    with sqlite3.connect(project.root / "crm.db") as connection:
        connection.execute("UPDATE \"contact\" SET external_id = 'shop:contact:people/1'")
    plan(run)
    assert told(project) == {}
    assert run("load")[0] == 0
    with sqlite3.connect(project.root / "crm.db") as connection:
        assert connection.execute('SELECT count(*) FROM "contact"').fetchone() == (2,)
