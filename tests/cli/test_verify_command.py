"""`verify` explains what differs, reads a sample back, and writes a signed reconciliation."""

import csv
import json
import sqlite3

import pytest

from crmmigrate.cli.app import run_app


@pytest.fixture
def run(project, capsys, monkeypatch):
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("COLUMNS", "80")

    def command(*arguments):
        code = run_app(list(arguments))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    for stage in ("run", "load"):
        code, out, err = command(stage)
        assert code == 0, out + err
    return command


def change(project, statement):
    with sqlite3.connect(project.root / "crm.db") as connection:
        connection.execute(statement)


def table(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_three_levels_are_told(run):
    code, out, _ = run("verify")
    assert code == 0
    for level in ("counts:", "fields:", "references:"):
        assert level in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_difference_is_explained_with_both_values(run, project):
    # As a target that writes letters its own way: nobody has changed the record since the load.
    stamp = "2000-01-01T00:00:00.000000+00:00"
    change(
        project, f"UPDATE contact SET email = upper(email), modified_at = '{stamp}' WHERE id = 1"
    )
    code, out, _ = run("verify", "--json")
    assert code == 0, out  # another case of the letters is no fault
    told = [d for d in json.loads(out)["facts"]["differences"] if d["field"] == "email"]
    assert [(d["code"], d["actual"]) for d in told] == [("VER614", told[0]["expected"].upper())]


def test_a_value_that_was_lost_fails(run, project):
    change(project, "UPDATE contact SET email = NULL WHERE id = 1")
    code, out, _ = run("verify")
    assert code == 1
    assert "-> (blank)" in out


def test_the_reconciliation_is_signed_and_handed_over(run, project):
    code, out, err = run("verify", "--full", "--signed-by", "Ana Pop", "-o", "handover")
    assert code == 0, err
    assert "signed off by Ana Pop" in out
    document = json.loads((project.root / "handover" / "reconciliation.json").read_text())
    assert document["signed_by"] == "Ana Pop"
    assert document["agrees"] is True
    assert document["plan_sha256"]
    rows = table(project.root / "handover" / "reconciliation.csv")
    (contact,) = [r for r in rows if r["object"] == "contact"]
    assert contact["target_found"] == contact["target_expected"] == contact["target_matched"]
    assert {row["sha256"] for row in rows} == {document["sha256"]}
    assert table(project.root / "handover" / "differences.csv") == []
    assert (project.root / "handover" / "reconciliation.json").stat().st_mode & 0o077 == 0


def test_a_sample_reads_so_many_and_says_what_it_proves(run):
    code, out, _ = run("verify", "--sample", "1", "--json")
    assert code == 0
    told = json.loads(out)
    assert told["facts"]["objects"]["contact"]["expected"] == 1
    assert told["facts"]["objects"]["contact"]["records"] > 1
    assert any("95 % confidence" in note for note in told["notes"])


def test_a_sample_still_counts_all_records(run, project):
    change(project, "DELETE FROM contact WHERE id IN (SELECT max(id) FROM contact)")
    code, out, _ = run("verify", "--sample", "1", "--json")
    assert code == 1
    codes = {f["code"] for f in json.loads(out)["findings"]}
    assert codes & {"VER606", "VER601"}


def test_a_value_that_a_policy_keeps_is_explained_and_no_fault(run, project):
    path = project.root / "migration.yaml"
    path.write_text(path.read_text() + "policies: {contact: {email: target_wins}}\n")
    change(project, "UPDATE contact SET email = 'by.hand@client.example' WHERE id = 1")
    for stage in ("run", "load"):
        assert run(stage)[0] == 0
    code, out, _ = run("verify", "--json")
    assert code == 0, out
    told = json.loads(out)["facts"]["differences"]
    assert [(d["code"], d["field"], d["actual"]) for d in told] == [
        ("VER617", "email", "by.hand@client.example")
    ]


def test_sample_and_full_exclude_each_other(run):
    code, _, err = run("verify", "--sample", "3", "--full")
    assert code == 2
    assert "exclude each other" in err
