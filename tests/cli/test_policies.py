"""`policies:` in migration.yaml, through the commands."""

import json
import sqlite3

import pytest
from support.small_project import MIGRATION

from crmmigrate.cli.app import run_app


@pytest.fixture
def run(project, capsys, monkeypatch):
    monkeypatch.chdir(project.root)

    def command(*arguments):
        code = run_app(list(arguments))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return command


def test_what_the_client_has_corrected_stays(run, project):
    assert run("run", "--load")[0] == 0
    with sqlite3.connect(project.root / "crm.db") as crm:
        crm.execute("UPDATE contact SET email = 'by.hand@client.example' WHERE name LIKE 'Maria%'")
    project.write("migration.yaml", MIGRATION + "policies: {contact: {email: fill_blanks}}\n")
    code, out, err = run("plan", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert told["facts"]["pending"] == 0
    assert told["facts"]["kept"] == {"contact": 1}
    assert run("load")[0] == 0
    assert run("verify")[0] == 0
    assert "PLN520" in run("explain", "PLN520")[1]


def test_the_side_that_was_changed_last_counts(run, project):
    people = (
        "id,name,email,phone,company,status,changed\n"
        "1,Ion Popescu,ion@alfa.example,0722 123 456,1,A,{one}\n"
        "2,Ana Marin,ana@alfa.example,0722 123 457,1,A,{two}\n"
        "3,Maria Ionescu,maria@beta.example,0744 111 222,3,A,\n"
    )
    told = MIGRATION.replace("people.csv, key: [id]", "people.csv, key: [id], modified_at: changed")
    assert told != MIGRATION
    project.write("migration.yaml", told + "policies: {contact: {'*': newest}}\n")
    project.write("data/people.csv", people.format(one="2020-01-01", two="2020-01-01"))
    assert run("run", "--load")[0] == 0
    later, earlier = "2999-01-01T00:00:00+02:00", "2020-01-02 10:00:00"
    changed = people.format(one=later, two=earlier).replace("@", ".new@")
    project.write("data/people.csv", changed)
    assert run("run", "--load")[0] == 0
    with sqlite3.connect(project.root / "crm.db") as crm:
        emails = dict(crm.execute("SELECT external_id, email FROM contact"))
    assert emails["shop:contact:people/1"] == "ion.new@alfa.example"
    assert emails["shop:contact:people/2"] == "ana@alfa.example"
    assert emails["shop:contact:people/3"] == "maria@beta.example"  # when is not known
    assert run("verify")[0] == 0


@pytest.mark.parametrize(
    ("policies", "says"),
    [
        ("{contcat: {email: overwrite}}", "unknown object 'contcat'"),
        ("{contact: {emial: overwrite}}", "unknown field 'emial'"),
        ("{contact: {email: newer}}", "policies.contact.email"),
    ],
)
def test_wrong_policies_are_told_with_their_line(run, project, policies, says):
    project.write("migration.yaml", MIGRATION + f"policies: {policies}\n")
    code, _, err = run("plan")
    assert code == 2
    assert says in err
    assert "migration.yaml:" in err
