"""The report tells who signed the reconciliation, what it showed, and why values differ."""

import json
import re
import sqlite3

import pytest

from crmmigrate.cli.app import run_app


@pytest.fixture
def run(project, capsys, monkeypatch):
    monkeypatch.chdir(project.root)

    def command(*arguments):
        code = run_app(list(arguments))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    for stage in ("run", "load"):
        code, out, err = command(stage)
        assert code == 0, out + err
    return command


def told(run, tmp_path):
    code, _, err = run("report", "-o", str(tmp_path / "report"), "--json")
    assert code in {0, 1}, err
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    return json.loads((tmp_path / "report" / "report.json").read_text()), page


def change(project, statement):
    with sqlite3.connect(project.root / "crm.db") as connection:
        connection.execute(statement)


def test_nobody_has_signed_what_was_read_back(run, tmp_path):
    assert run("verify")[0] == 0
    report, page = told(run, tmp_path)
    assert report["signed"] is None
    assert "Nobody has signed" in page
    assert [line["level"] for line in report["levels"]] == ["counts", "fields", "references"]
    assert all(line["checked"] for line in report["levels"][:2])
    assert report["differences"] == []


def test_a_signature_is_told_with_what_was_signed(run, project, tmp_path):
    assert run("verify", "--signed-by", "Ana <b>Pop</b>")[0] == 0
    report, page = told(run, tmp_path)
    signed = report["signed"]
    assert signed["signed_by"] == "Ana <b>Pop</b>"
    assert signed["run"] == report["run"]["id"]
    assert signed["agrees"] is signed["intact"] is signed["current"] is True
    assert signed["levels"] == report["levels"]
    assert "Ana &lt;b&gt;Pop&lt;/b&gt;" in page
    assert signed["sha256"] in page
    assert "looked at again" not in page


def test_differences_are_told_with_their_explanation_and_without_values(run, project, tmp_path):
    stamp = "2000-01-01T00:00:00.000000+00:00"
    change(
        project, f"UPDATE contact SET email = upper(email), modified_at = '{stamp}' WHERE id = 1"
    )
    change(project, "DELETE FROM contact WHERE id IN (SELECT max(id) FROM contact)")
    assert run("verify")[0] == 1
    report, page = told(run, tmp_path)
    lines = {(d["object"], d["field"], d["code"]): d for d in report["differences"]}
    assert lines["contact", "email", "VER614"]["count"] == 1
    assert lines["contact", "", "VER601"]["severity"] == "error"
    assert report["differences"][0]["severity"] == "error"  # faults first
    section = re.search(r'<section id="verify".*?</section>', page, re.DOTALL)
    assert section is not None
    assert lines["contact", "email", "VER614"]["why"][:30] in section.group()
    assert "@" not in section.group()


def test_a_later_look_with_another_result_and_a_changed_file_are_told(run, project, tmp_path):
    assert run("verify", "--signed-by", "Ana Pop")[0] == 0
    change(project, "UPDATE contact SET email = NULL WHERE id = 1")
    assert run("verify")[0] == 1
    report, page = told(run, tmp_path)
    assert report["signed"]["current"] is False
    assert report["signed"]["intact"] is True
    assert "looked at again" in page

    (path,) = (project.root / ".crmmigrate" / "runs").glob("*/verify/signed-*.json")
    document = json.loads(path.read_text())
    document["signed_by"] = "Ion Rus"
    path.write_text(json.dumps(document))
    report, page = told(run, tmp_path)
    assert report["signed"]["intact"] is False
    assert "not what was signed" in page
