"""What `crmmigrate plan` shows: marks, a few records field by field, the order, one summary line."""

import json
import shutil
import sqlite3
import stat
from types import SimpleNamespace

import polars as pl
import pytest
from rich.cells import cell_len
from support.small_project import ACCOUNT, COMPANIES, CONTACT, MIGRATION, PEOPLE, Project

from crmmigrate.cli.app import run_app

STAGES = ("extract", "map", "standardize", "dedupe", "validate")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("planned"))
    project.write("migration.yaml", MIGRATION)
    project.write(
        "mappings/company.yaml",
        ACCOUNT.replace(
            "ignore:",
            "  parent: {lookup: {object: account, dataset: companies, from: parent, on_missing: null}}\nignore:",
        ),
    )
    project.write("mappings/person.yaml", CONTACT)
    lines = COMPANIES.splitlines()
    project.write(
        "data/companies.csv",
        "\n".join([f"{lines[0]},parent", *(f"{line},3" for line in lines[1:])]) + "\n",
    )
    project.write("data/people.csv", PEOPLE)
    project.cli("run", "--load")
    project.write(
        "data/people.csv",
        PEOPLE.replace("maria@beta", "maria.i@beta") + f"6,李小龙 {'龙' * 60},,,3,A\n",
    )
    with sqlite3.connect(project.root / "crm.db") as crm:
        crm.execute("UPDATE account SET parent_id = NULL")
    for stage in STAGES:
        project.cli(stage)
    return project.root


class Here(Project):
    """The same project with commands run in this process."""

    capsys: pytest.CaptureFixture

    def cli(self, *arguments, code=0):
        found = run_app(list(arguments))
        told = self.capsys.readouterr()
        assert found == code, told.err
        return SimpleNamespace(stdout=told.out, stderr=told.err)


@pytest.fixture
def project(template, tmp_path, monkeypatch, capsys):
    shutil.copytree(template, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    here = Here(tmp_path / "project")
    object.__setattr__(here, "capsys", capsys)
    return here


def test_it_shows_records_field_by_field_within_80_columns(project):
    lines = project.cli("plan").stdout.splitlines()
    assert max(cell_len(line) for line in lines if "artifacts: " not in line) <= 80
    told = "\n".join(lines)
    assert "  contact  + 1 to create, ~ 1 to update, = 2 unchanged" in lines
    assert "    ~ shop:contact:people/3" in lines
    assert any(
        line.split() == ["email", "maria@beta.example", "->", "maria.i@beta.example"]
        for line in lines
    )
    assert "    + shop:contact:people/6" in lines
    assert "account  second pass" in told
    assert any(line.split()[:3] == ["parent", "(blank)", "->"] for line in lines)
    assert "order: account, contact; what others point to goes first" in told
    assert "account.parent" in told
    assert "another account" in told
    assert lines[-1] == "next: crmmigrate load"
    assert any(line.startswith("  plan: + 1 to create, ~ ") for line in lines)
    assert "\x1b" not in told


def test_a_selection_shows_only_that(project):
    of_object = project.cli("plan", "--select", "contact:update").stdout
    assert "people/3" in of_object
    assert "people/6" not in of_object
    assert "companies/" not in of_object
    of_key = project.cli("plan", "--select", "shop:contact:people/6").stdout
    assert "people/6" in of_key
    assert "people/3" not in of_key


def test_all_shows_every_field(project):
    few = project.cli("plan", "--select", "contact:create").stdout
    told = project.cli("plan", "--all").stdout
    assert "more fields" not in told
    assert "龙" * 10 in few
    assert "--all" not in told


@pytest.mark.parametrize(
    ("word", "says"),
    [("contcat", "did you mean 'contact'"), ("contact:updat", "did you mean 'update'")],
)
def test_what_is_not_there_is_told(project, word, says):
    assert says in project.cli("plan", "--select", word, code=2).stderr


def test_json_carries_the_same(project):
    facts = json.loads(project.cli("plan", "--json", "--select", "contact").stdout)["facts"]
    assert [(d["action"], d["key"]) for d in facts["diffs"]] == [
        ("create", "shop:contact:people/6"),
        ("update", "shop:contact:people/3"),
    ]
    assert facts["diffs"][1]["fields"]["email"] == ["maria@beta.example", "maria.i@beta.example"]
    assert facts["order"] == ["account", "contact"]
    assert facts["after"] == {"account": [], "contact": ["account"]}
    assert facts["order_told"][0].startswith("order: account, contact")
    assert len(facts["order_told"]) == 2


def test_the_run_shows_a_table_by_action(project):
    lines = project.cli("run").stdout.splitlines()
    assert max(cell_len(line) for line in lines if "artifacts: " not in line) <= 80
    head = next(line for line in lines if "+ create" in line)
    assert head.split() == ["object", "+", "create", "~", "update", "=", "unchanged"]


def rows_of(path):
    frame = pl.read_csv(path) if path.suffix == ".csv" else pl.read_excel(path)
    return frame.with_columns(pl.all().cast(pl.String)).to_dicts()


def test_views_for_the_client_are_private_and_agree(project):
    told = project.cli("plan", "--html", "p.html", "--csv", "p.csv", "--xlsx", "p.xlsx").stdout
    assert "written: p.html, p.csv, p.xlsx (readable by you only)" in told
    for name in ("p.html", "p.csv", "p.xlsx"):
        assert stat.S_IMODE((project.root / name).stat().st_mode) == 0o600
    rows = rows_of(project.root / "p.csv")
    assert rows_of(project.root / "p.xlsx") == rows
    changed = [r for r in rows if r["action"] == "update" and r["field"] == "email"]
    assert [(r["object"], r["key"], r["before"], r["after"]) for r in changed] == [
        ("contact", "shop:contact:people/3", "maria@beta.example", "maria.i@beta.example")
    ]
    assert changed[0]["name"] == "Maria Ionescu"
    assert changed[0]["target_id"]
    assert {r["pass"] for r in rows if r["field"] == "parent"} == {"2"}
    page = (project.root / "p.html").read_text()
    assert "maria@beta.example" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "<script" not in page


def test_a_view_has_every_field_of_the_plan(project):
    facts = json.loads(project.cli("plan", "--all", "--json", "--csv", "p.csv").stdout)["facts"]
    found = {
        (d["key"], field, before, after)
        for d in facts["diffs"]
        for field, (before, after) in d["fields"].items()
    }
    rows = {
        (r["key"], r["field"], r["before"], r["after"]) for r in rows_of(project.root / "p.csv")
    }
    assert rows == found
    assert facts["written"] == ["p.csv"]


def test_values_are_no_markup_on_the_page(project):
    with sqlite3.connect(project.root / "crm.db") as crm:
        crm.execute("UPDATE contact SET email = '<script>alert(1)</script>'")
    project.cli("plan", "--html", "p.html")
    page = (project.root / "p.html").read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--csv", "no/p.csv"), "no such folder"),
        (("--csv", "p.doc"), "written as"),
        (("--html", "data"), "directory"),
        (("--html", "p.csv", "--csv", "p.csv"), "two views go to one file"),
    ],
)
def test_views_that_cannot_be_written_are_told_first(project, arguments, says):
    assert says in project.cli("plan", *arguments, code=2).stderr


def test_a_plan_with_nothing_to_do_has_empty_views(project):
    project.cli("plan")
    project.cli("load")
    told = project.cli("plan", "--csv", "p.csv", "--html", "p.html").stdout
    assert "nothing to do" in told
    assert (project.root / "p.csv").read_text().splitlines()[0].startswith("object,key,name")
    assert rows_of(project.root / "p.csv") == []
    assert "nothing to do" in (project.root / "p.html").read_text()
