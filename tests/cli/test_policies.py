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
