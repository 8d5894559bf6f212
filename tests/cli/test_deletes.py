"""Records that no source has any more are deleted by policy alone, and can be brought back."""

import json
import sqlite3

import pytest

from crmmigrate.cli.app import run_app

PEOPLE = """\
id,name,email,phone,company,status
1,Popescu Ion,ion.popescu@alfa.example,0722 123 456,1,A
3,Maria Ionescu,maria@beta.example,0744 111 222,3,A
"""


@pytest.fixture
def run(project, capsys, monkeypatch):
    """Run commands in a project that is loaded; one command with its report as JSON."""
    monkeypatch.chdir(project.root)
    project.write("data/people.csv", PEOPLE)

    def command(*arguments, expect=0):
        if arguments == ("run",):
            assert run_app(["run"]) == expect
            capsys.readouterr()
            arguments = ("plan",)
        code = run_app([*arguments, "--json"])
        shown = capsys.readouterr()
        assert code == expect, shown.out + shown.err
        return json.loads(shown.out)

    command("run")
    command("load")
    return command


def contacts(project):
    with sqlite3.connect(project.root / "crm.db") as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute("SELECT * FROM contact WHERE deleted_at IS NULL")
        return {row["external_id"]: {**row, "modified_at": None} for row in map(dict, rows)}


def configure(project, text):
    path = project.root / "migration.yaml"
    path.write_text(path.read_text() + text)


POLICY = "deletes: {contact: delete}\n"
HALF = "gates: {max_deleted: 50%}\n"
LEFT = "\n".join(PEOPLE.splitlines()[:2]) + "\n"
GONE = "shop:contact:people/3"


def test_without_a_policy_nothing_is_deleted(run, project):
    project.write("data/people.csv", LEFT)
    facts = run("run")["facts"]["actions"]["contact"]
    assert (facts["delete"], facts["vanished"]) == (0, 1)
    run("load")
    assert GONE in contacts(project)


def test_by_policy_what_no_source_has_is_deleted_and_comes_back(run, project):
    before = contacts(project)
    configure(project, POLICY + HALF)
    project.write("data/people.csv", LEFT)
    report = run("run")
    facts = report["facts"]["actions"]["contact"]
    assert (facts["delete"], facts["vanished"]) == (1, 0)
    assert "1 to delete" in report["notes"][0]
    deletes = [d["key"] for d in report["facts"]["diffs"] if d["action"] == "delete"]
    assert deletes == [GONE]
    assert GONE in contacts(project)
    loaded = run("load")
    assert loaded["facts"]["objects"]["contact"]["deleted"] == 1
    assert GONE not in contacts(project)
    run("verify")
    assert run("plan")["facts"]["pending"] == 0

    run("rollback", report["run_id"], "--yes")
    assert contacts(project) == before
    project.write("data/people.csv", PEOPLE)
    assert run("run")["facts"]["actions"]["contact"]["create"] == 0


def test_a_source_that_is_cut_short_deletes_nothing(run, project):
    configure(project, POLICY)
    project.write("data/people.csv", LEFT)
    report = run("run", expect=1)
    assert report["facts"]["actions"]["contact"]["delete"] == 0
    gate = next(g for g in report["gates"] if g["name"] == "contact.max_deleted")
    assert (gate["passed"], gate["limit"]) == (False, "10%")


def test_a_row_that_was_set_aside_is_still_in_the_source(run, project):
    configure(project, POLICY + HALF)
    project.write("data/people.csv", PEOPLE.replace("Maria Ionescu,maria@beta.example", ","))
    facts = run("run")["facts"]["actions"]["contact"]
    assert (facts["delete"], facts["vanished"]) == (0, 1)


def test_rows_that_could_not_be_read_delete_nothing(run, project):
    configure(project, POLICY + HALF)
    project.write("data/people.csv", LEFT + "5,too,many,cells,in,this,row,here\n")
    facts = run("run")["facts"]["actions"]["contact"]
    assert (facts["delete"], facts["vanished"]) == (0, 1)


def test_what_somebody_has_changed_since_the_plan_is_not_deleted(run, project):
    configure(project, POLICY + HALF)
    project.write("data/people.csv", LEFT)
    run("run")
    with sqlite3.connect(project.root / "crm.db") as connection:
        connection.execute("UPDATE contact SET phone = '1' WHERE external_id = ?", (GONE,))
    run("load", expect=4)
    assert GONE in contacts(project)
