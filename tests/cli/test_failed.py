"""`failed` and `retry`: what was refused, why, and loading only that again with corrections."""

import csv
import json
import sqlite3

import pytest

from crmmigrate.cli.app import run_app

ACCOUNT = """\
source: shop
dataset: companies
object: account
fields:
  name: {from: name}
  phone: {from: phone}
  type: {from: kind}
ignore: {id: the key}
"""
COMPANIES = """\
id,name,phone,kind
1,Alfa Construct SRL,021 318 20 00,customer
2,Beta Trans SA,0264 593 100,custmer
3,Gama SRL,0264 593 101,prospekt
4,,0264 593 102,prospect
"""
PEOPLE = """\
id,name,email,phone,company,status
1,Ion Popescu,ion@alfa.example,0722 123 456,1,A
3,Maria Ionescu,maria@beta.example,0744 111 222,2,A
"""
KEY = "shop:account:companies/{}"


@pytest.fixture
def run(project, capsys, monkeypatch):
    """Run commands in a project three of whose companies are refused."""
    monkeypatch.chdir(project.root)
    project.write("mappings/account.yaml", ACCOUNT)
    project.write("data/companies.csv", COMPANIES)
    project.write("data/people.csv", PEOPLE)

    def command(*arguments):
        code = run_app(list(arguments))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return command


def rows(project, sql):
    with sqlite3.connect(project.root / "crm.db") as connection:
        return connection.execute(sql).fetchall()


def fill_in(path, corrections):
    with path.open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    for row in table:
        row["correction"] = corrections.get((row["key"], row["field"]), "")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, table[0])
        writer.writeheader()
        writer.writerows(table)


def test_only_what_was_refused_is_loaded_again_with_what_was_corrected(run, project):
    assert run("run", "--load")[0] == 0
    code, out, _ = run("failed", "--json", "-o", "remedy.csv")
    assert code == 0
    found = json.loads(out)
    assert found["records"] == 3
    near = {group["value"]: group["suggestion"] for group in found["groups"] if group["value"]}
    assert near == {"custmer": "customer", "prospekt": "prospect"}
    text = run("failed")[1]
    assert max(map(len, text.splitlines())) <= 80

    corrections = {(KEY.format(2), "type"): "Customer", (KEY.format(4), "name"): "Delta s.r.l."}
    fill_in(project.root / "remedy.csv", corrections)
    code, out, _ = run("retry", "--remedy", "remedy.csv", "--json")
    assert code == 0
    plan = json.loads(out)["reports"][1]
    assert plan["facts"]["actions"]["account"] == {
        "create": 2, "update": 0, "link": 0, "unchanged": 0, "held": 0, "conflict": 0, "merge-redirect": 0, "delete": 0, "second_pass": 0, "merged": 0, "vanished": 0
    }  # fmt: skip
    assert plan["facts"]["actions"]["contact"]["update"] == 1  # its company is there now
    assert set(rows(project, "select name, type from account")) == {
        ("Alfa Construct SRL", "customer"), ("Beta Trans SA", "customer"), ("Delta SRL", "prospect")
    }  # fmt: skip
    assert rows(project, "select count(*) from contact where account_id is null") == [(0,)]
    assert run("verify")[0] == 0

    left = json.loads(run("failed", "--json")[1])
    assert [group["value"] for group in left["groups"]] == ["prospekt"]
    again = json.loads(run("run", "--load", "--json")[1])["reports"]
    assert next(s for s in again if s["stage"] == "plan")["facts"]["pending"] == 0


def test_what_the_target_refused_is_told_with_its_words_and_can_be_retried(run, project):
    project.write(
        "data/companies.csv",
        COMPANIES.splitlines()[0] + "\n1,Alfa SRL,,customer\n2,Beta SA,,customer\n",
    )
    assert run("plan")[0] == 2
    assert run("run", "--load")[0] == 0
    with sqlite3.connect(project.root / "crm.db") as crm:
        crm.execute(
            "create trigger no before insert on account when new.name like 'Gama%' "
            "begin select raise(abort, 'no Gamas here'); end"
        )
    project.write(
        "data/companies.csv",
        COMPANIES.splitlines()[0]
        + "\n1,Alfa SRL,,customer\n2,Beta SA,,customer\n5,Gama SRL,,customer\n",
    )
    assert run("run", "--load")[0] == 1
    (group,) = json.loads(run("failed", "--json")[1])["groups"]
    assert (group["stage"], group["code"]) == ("load", "LOD510")
    assert "no Gamas here" in group["reason"]
    assert run("retry")[0] == 1
    with sqlite3.connect(project.root / "crm.db") as crm:
        crm.execute("drop trigger no")
    assert run("retry")[0] == 0
    assert ("Gama SRL",) in rows(project, "select name from account")


def test_corrections_stay_and_can_empty_a_field(run, project):
    project.write(
        "corrections/account.csv", f"key,field,value,why\n{KEY.format(1)},phone,<blank>,wrong\n"
    )
    assert run("run", "--load")[0] == 0
    assert rows(project, "select phone, phone_e164 from account") == [(None, None)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("key,field\n", "corrections/account.csv:1"),
        ("key,field,value\nx,nme,y\n", "did you mean 'name'?"),
        ("key,field,value\nx,name,\n", "<blank> empties the field"),
        ("key,field,value\n,name,y\n", "the key is missing"),
    ],
)
def test_a_broken_file_of_corrections_is_a_configuration_error(run, project, text, told):
    project.write("corrections/account.csv", text)
    code, _, err = run("check")
    assert code == 2
    assert told in err


def test_a_remedy_that_cannot_be_is_refused(run, project):
    assert run("failed")[0] == 2
    assert run("run", "--load")[0] == 0
    project.write("remedy.csv", "object,key,field,correction\naccount,x,nme,y\n")
    code, _, err = run("retry", "--remedy", "remedy.csv")
    assert code == 2
    assert "row" in err
    assert "did you mean 'name'?" in err
    assert "the column object is missing" in run("retry", "--remedy", "data/people.csv")[2]


def test_rows_that_never_became_records_are_told(run, project):
    project.write("data/people.csv", PEOPLE + "4,Radu Stan,,,1,X\n")
    assert run("run", "--load")[0] == 0
    assert json.loads(run("failed", "--json")[1])["rejected_before"] == 1
    assert "1 row was rejected before" in run("failed")[1]


def test_nothing_is_taken_where_nothing_was_refused(run, project):
    project.write(
        "data/companies.csv", "id,name,phone,kind\n1,Alfa SRL,,customer\n2,Beta SA,,customer\n"
    )
    assert run("run", "--load")[0] == 0
    project.write(
        "remedy.csv", f"object,key,field,correction\naccount,{KEY.format(1)},name,Omega\n"
    )
    assert run("retry", "--remedy", "remedy.csv")[0] == 2
    assert not (project.root / "corrections").exists()
