"""The commands that look at a run: trace, explain, report."""

import json

import pytest

from crmmigrate.cli.app import run_app
from crmmigrate.config.codes import load_rules


@pytest.mark.parametrize("code", sorted(load_rules()))
def test_every_rule_can_be_explained(code, capsys):
    assert run_app(["explain", code.lower()]) == 0
    out = capsys.readouterr().out
    rule = load_rules()[code]
    assert out.startswith(f"{code} {rule.name.replace('_', ' ')}\nseverity: {rule.severity}")
    assert " ".join(rule.doc.split()[:3]) in out
    assert ("cases:" in out) == bool(rule.cases)
    assert max(map(len, out.splitlines())) <= 80 or rule.cases


def test_a_rule_is_found_by_name_and_as_json(capsys):
    rule = next(iter(load_rules().values()))
    assert run_app(["explain", rule.name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["code"] == rule.code


def test_all_rules_are_listed(capsys):
    assert run_app(["explain", "all"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(load_rules())
    assert run_app(["explain", "all", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["rules"]) == len(load_rules())


def test_an_unknown_code_suggests_one(capsys):
    code = next(iter(load_rules()))
    assert run_app(["explain", f"{code}0"]) == 2
    err = capsys.readouterr().err
    assert f"error: there is no rule '{code}0'; did you mean {code[:3]}" in err
    assert "hint: list all with: crmmigrate explain all" in err
    assert run_app(["explain", "#"]) == 2


def test_nothing_has_run_yet(project):
    for arguments in (("report",), ("trace", "shop:people:1")):
        done = project.cli(*arguments, code=2)
        assert "error:" in done.stderr
        assert "nothing has run here yet" in done.stderr
        assert "hint: start with: crmmigrate run" in done.stderr


def test_report_is_written_and_named(project):
    project.cli("run", "--load")
    done = project.cli("report", "-o", "handover")
    assert done.stdout.splitlines()[-1] == "report: handover/index.html"
    document = json.loads((project.root / "handover/report.json").read_text(encoding="utf-8"))
    assert document["totals"]["unaccounted"] == 0
    assert document["verdict"]["sentence"] in " ".join(done.stdout.split())
    page = (project.root / "handover/index.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    for secret in ("Ionescu", "ion.popescu", "722123456", "722 123 456"):
        assert secret not in page
    printed = json.loads(project.cli("report", "--json").stdout)
    assert printed["totals"] == document["totals"]


def test_trace_finds_rows_records_and_near_keys(project):
    project.cli("run", "--load")
    row = json.loads(project.cli("trace", "shop:people:4", "--json").stdout)
    assert row["source"]["email"] == "radu@beta.example"
    (record,) = row["records"]
    assert record["fate"] == "create: succeeded"
    assert record["operation"]["target_id"]
    assert "MAP301" in {finding["code"] for finding in record["findings"]}
    golden = json.loads(project.cli("trace", "shop:contact:people/4", "--json").stdout)
    assert golden["records"] == row["records"]
    rejected = project.cli("trace", "shop:people:5").stdout
    assert "rejected" in rejected
    unknown = project.cli("trace", "shop:people:22", code=2)
    assert "did you mean shop:people:2?" in unknown.stderr
