"""Records that were loaded apart and merged since are told in the plan, with who stands for them."""

import csv
import json
import sqlite3

import pytest

from crmmigrate.cli.app import run_app

ALFA, SHOP = "shop:account:companies/1", "shop:account:companies/2"
COMPANIES = """\
id,name,phone,city
1,S.C. Alfa Construct S.R.L.,021 318 20 00,București
2,Gamma Shop SA,0256 111 222,Timișoara
3,Beta Trans SA,0264 593 100,Cluj-Napoca
"""
PEOPLE = """\
id,name,email,phone,company,status
1,Popescu Ion,ion.popescu@alfa.example,0722 123 456,1,A
2,Elena Vasile,elena@gamma.example,0733 999 888,2,A
3,Maria Ionescu,maria@gamma.example,0744 111 222,2,A
"""


@pytest.fixture
def run(project, capsys, monkeypatch):
    """Run commands in a project that has loaded two companies, which are one by decision since."""
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("COLUMNS", "80")
    project.write("data/companies.csv", COMPANIES)
    project.write("data/people.csv", PEOPLE)

    def command(*arguments):
        code = run_app(list(arguments))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    assert command("run", "--load")[0] == 0
    assert command("decide", ALFA, SHOP, "match")[0] == 0
    assert command("run")[0] == 0
    return command


@pytest.fixture
def crm(project):
    def query(text, *values):
        with sqlite3.connect(project.root / "crm.db") as connection:
            return connection.execute(text, values).fetchall()

    return query


def plan(run):
    code, out, err = run("plan", "--json")
    assert code == 0, out + err
    return json.loads(out)


def parents(crm):
    return dict(
        crm(
            "SELECT c.external_id, a.external_id FROM contact c JOIN account a ON a.id = c.account_id"
        )
    )


def test_the_loser_the_winner_and_the_children_are_told(run, project, crm):
    facts = plan(run)
    (record,) = (d for d in facts["facts"]["diffs"] if d["action"] == "merge-redirect")
    (there,) = crm("SELECT id FROM account WHERE external_id = ?", SHOP)[0]
    assert record["key"] == SHOP
    assert record["fields"] == {"leads_to": [f"account:{there}", ALFA]}
    assert facts["facts"]["redirected"] == {"account": {SHOP: {"contact.account": 2}}}
    counts = facts["facts"]["actions"]["account"]
    assert (counts["merge-redirect"], counts["vanished"]) == (1, 0)
    codes = {f["code"]: f["count"] for f in facts["findings"]}
    assert codes["PLN506"] == 1
    assert "PLN501" not in codes
    line = next(b for b in facts["books"] if b["object"] == "account")
    assert line["rows_in"] == line["rows_out"] == 2

    code, out, _ = run("plan", "--csv", "plan.csv", "--html", "plan.html")
    assert code == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert f"> {SHOP}" in lines
    assert "re-pointed contact.account of 2" in lines
    assert max(map(len, out.splitlines())) <= 80
    rows = list(csv.DictReader((project.root / "plan.csv").read_text().splitlines()))
    (row,) = (r for r in rows if r["action"] == "merge-redirect")
    assert (row["key"], row["field"], row["after"]) == (SHOP, "leads_to", ALFA)
    page = (project.root / "plan.html").read_text(encoding="utf-8")
    assert "contact.account: 2 records" in page
    assert "leads_to" in run("plan", "--select", "account:merge-redirect")[1]


def test_the_load_does_it_and_the_next_plan_says_no_more(run, crm):
    plan(run)
    assert run("load")[0] == 0
    assert parents(crm)["shop:contact:people/2"] == ALFA
    assert crm("SELECT count(*) FROM account WHERE external_id = ?", SHOP) == [(1,)]  # it stays
    assert run("run")[0] == 0
    facts = plan(run)
    assert facts["facts"]["actions"]["account"]["merge-redirect"] == 0
    assert facts["facts"]["pending"] == 0


def test_with_the_policy_the_loser_is_deleted_too(run, project, crm):
    path = project.root / "migration.yaml"
    path.write_text(path.read_text() + "deletes: {account: delete}\ngates: {max_deleted: 50%}\n")
    assert run("run")[0] == 0
    counts = plan(run)["facts"]["actions"]["account"]
    assert (counts["merge-redirect"], counts["delete"]) == (1, 1)
    assert run("load")[0] == 0
    assert crm(
        "SELECT count(*) FROM account WHERE external_id = ? AND deleted_at IS NULL", SHOP
    ) == [(0,)]
    assert set(parents(crm).values()) == {ALFA}


def test_records_that_were_never_loaded_are_merged_without_a_word(project, capsys, monkeypatch):
    monkeypatch.chdir(project.root)
    project.write("data/companies.csv", COMPANIES)
    project.write("data/people.csv", PEOPLE)
    assert run_app(["decide", ALFA, SHOP, "match"]) == 0
    assert run_app(["run"]) == 0
    capsys.readouterr()
    assert run_app(["plan", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["facts"]
    assert facts["actions"]["account"]["merge-redirect"] == 0
