"""Whole projects into a real Odoo by the command line, and out again."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from support.small_project import ACCOUNT, COMPANIES, CONTACT, MIGRATION, PEOPLE, Project

DATASETS = {
    "users": "res.users",
    "partners": "res.partner",
    "products": "product.template",
    "leads": "crm.lead",
    "events": "calendar.event",
    "messages": "mail.message",
    "attachments": "ir.attachment",
}
STAGES = ("extract", "map", "standardize", "dedupe", "validate")


def target(odoo, **more):
    """Return the entry `target:`; the password stands in the environment."""
    options = {"database": odoo.database, "user": odoo.user, "password": "${env:ODOO_PASSWORD}"}
    options |= {"time_zone": "Europe/Bucharest", **more}
    return "target: " + json.dumps({"adapter": "odoo", "url": odoo.url, "options": options})


@pytest.fixture
def consolidation(tmp_path, repository, odoo, monkeypatch):
    """The consolidation example with Odoo as its target, ready to be planned."""
    monkeypatch.setenv("ODOO_PASSWORD", odoo.password)
    source = repository / "examples" / "consolidation"
    for name in ("data", "mappings"):
        shutil.copytree(source / name, tmp_path / name)
    lines = (source / "migration.yaml").read_text(encoding="utf-8").splitlines()
    told = [target(odoo) if line.startswith("target:") else line for line in lines]
    project = Project(tmp_path)
    project.write("migration.yaml", "\n".join(told))
    for stage in STAGES:
        project.cli(stage)
    return project


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, odoo):
    """A small project with Odoo as its target, ready to be planned; made once, and copied."""
    project = Project(tmp_path_factory.mktemp("small"))
    lines = MIGRATION.splitlines()
    told = [target(odoo) if line.startswith("target:") else line for line in lines]
    project.write("migration.yaml", "\n".join(told))
    project.write("mappings/company.yaml", ACCOUNT)
    project.write("mappings/person.yaml", CONTACT)
    project.write("data/companies.csv", COMPANIES)
    project.write("data/people.csv", PEOPLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ODOO_PASSWORD", odoo.password)
        for stage in STAGES:
            project.cli(stage)
    return project


@pytest.fixture
def small(prepared, tmp_path, odoo, monkeypatch):
    """A copy of the small project."""
    monkeypatch.setenv("ODOO_PASSWORD", odoo.password)
    shutil.copytree(prepared.root, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)


def run_of(project):
    return min((project.root / ".crmmigrate" / "runs").iterdir()).name


def test_the_consolidation_example_goes_in_and_out(crm, consolidation, odoo, repository):
    plan = json.loads(consolidation.cli("plan", "--json").stdout)
    said = json.dumps(plan)
    assert not [f for f in plan["findings"] if f["severity"] == "error"], plan["notes"]
    assert "PLN502" in said
    assert "Odoo has no field for it" in said
    assert "orders belong to the app Sales" in said
    before, words = crm.counts(), crm.words()
    consolidation.cli("load")
    assert crm.counts()["res.partner"] - before["res.partner"] > 2000
    verified = consolidation.cli("verify").stdout
    assert "exactly as they should be" in verified
    again = consolidation.cli("plan").stdout
    assert "nothing to do" in again
    back_out_of(odoo, consolidation.root / "back", repository)
    undone = consolidation.cli("rollback", run_of(consolidation), "--yes").stdout
    assert "records were removed" in undone
    assert crm.counts() == before
    assert crm.words() == words


def back_out_of(odoo, folder, repository):
    """Migrate what is in Odoo into the embedded CRM, by the packaged mapping; links must hold."""
    project = Project(folder)
    ready = repository / "mappings" / "odoo" / "to_canonical.yaml"
    project.write("mappings/odoo.yaml", ready.read_bytes())
    options = {"database": odoo.database, "user": odoo.user, "password": "${env:ODOO_PASSWORD}"}
    datasets = {name: {"table": model} for name, model in DATASETS.items()}
    source = {"adapter": "odoo", "url": odoo.url, "datasets": datasets, "options": options}
    head = {"version": 1, "name": "back", "region": "RO", "sources": {"odoo": source}}
    whole = {**head, "target": {"adapter": "sqlite", "path": "crm.db"}}
    project.write("migration.yaml", json.dumps(whole))
    for stage in (*STAGES, "plan", "load", "verify"):
        project.cli(stage)
    with closing(sqlite3.connect(folder / "crm.db")) as crm:
        links = crm.execute(
            "SELECT sum(account_id IS NOT NULL), sum(owner_id IS NOT NULL) FROM contact"
        )
        assert links.fetchone() == (1318, 1811), "as many as there are in the example"
        assert crm.execute("SELECT count(about_id) FROM note").fetchone() == (418,)
        files = crm.execute("SELECT count(content), count(parent_id) FROM attachment")
        assert files.fetchone() == (12, 12)
        moved = "SELECT count(*) FROM note WHERE created_on < '2024'"
        assert crm.execute(moved).fetchone()[0] > 400, "remarks keep their dates"


def test_a_change_is_updated_and_an_edit_is_spared(crm, small):
    small.cli("plan")
    small.cli("load")
    run = run_of(small)
    small.write("data/people.csv", PEOPLE.replace("maria@beta", "maria.i@beta"))
    for stage in STAGES:
        small.cli(stage)
    assert "+ 0 to create, ~ 1 to update" in small.cli("plan").stdout
    small.cli("load")
    small.cli("verify")
    runs = sorted(p.name for p in (small.root / ".crmmigrate" / "runs").iterdir())
    small.cli("rollback", runs[-1], "--yes")
    ana = crm.target._client.call(
        "res.partner", "search", {"domain": [["email", "=", "maria@beta.example"]]}
    )
    assert len(ana) == 1, "the address of before is back"
    vals = {"vals": {"function": "edited by a colleague"}}
    crm.target._client.call("res.partner", "write", vals, ids=ana)
    undone = small.cli("rollback", run, "--yes").stdout
    assert "RBK701" in undone
    left = crm.target._client.call("res.partner", "search", {"domain": [["id", "in", ana]]})
    assert left == ana, "what was edited since stays"
    mine = [["module", "=", "__crmmigrate__"], ["model", "=", "res.partner"]]
    rows = crm.target._client.call(
        "ir.model.data", "search_read", {"domain": mine, "fields": ["res_id"]}
    )
    ids = [row["res_id"] for row in rows]
    assert len(ids) == 2, "what was edited since and its company, and nothing else"
    crm.target._client.call("res.partner", "unlink", {}, ids=ids)
    crm.target._words.sweep(crm.target.models.values())


@pytest.mark.parametrize(
    ("wrong", "code", "says"),
    [
        ({"password": "wrong"}, 2, "does not know user"),
        ({"database": "nowhere"}, 2, "no database"),
        ({"user": ""}, 2, "user is missing"),
        ({"time_zone": "Moon"}, 2, "time zone"),
    ],
)
def test_wrong_settings_end_with_their_code(small, odoo, wrong, code, says):
    text = (small.root / "migration.yaml").read_text(encoding="utf-8")
    own = next(line for line in text.splitlines() if line.startswith("target:"))
    entry = json.loads(own.removeprefix("target: "))
    entry["options"] |= wrong
    if "password" in wrong:
        small.root.joinpath("secret").write_text(wrong["password"], encoding="utf-8")
        entry["options"]["password"] = "${file:secret}"
    small.write("migration.yaml", text.replace(own, "target: " + json.dumps(entry)))
    done = small.cli("plan", code=code)
    assert says in " ".join(done.stderr.split())


def test_connecting_tells_what_is_there_and_what_has_no_place(small):
    said = " ".join(small.cli("connect").stdout.split())
    for words in (
        "is Odoo",
        "log in: as admin",
        "res.partner: read, create, write, delete",
        "external ids: kept in ir.model.data",
        "account: goes to res.partner; no place for",
        "left out: no place for",
        "next: crmmigrate run",
    ):
        assert words in said
    document = json.loads(small.cli("connect", "--json").stdout)
    assert document["ok"]
    assert {c["state"] for c in document["checks"]} <= {"ok", "note", "warning"}
