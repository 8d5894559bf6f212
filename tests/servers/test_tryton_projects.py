"""Whole projects into a real Tryton by the command line, and out again."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from servers.native_tryton import Crm
from support.small_project import ACCOUNT, COMPANIES, CONTACT, MIGRATION, PEOPLE, Project

DATASETS = {
    "employees": "company.employee",
    "parties": "party.party",
    "products": "product.template",
    "opportunities": "sale.opportunity",
    "notes": "ir.note",
    "attachments": "ir.attachment",
}
STAGES = ("extract", "map", "standardize", "dedupe", "validate")


@pytest.fixture
def crm(tryton):
    """The native adapter; at the end the server must be as it was."""
    crm = Crm(tryton, time_zone="Europe/Bucharest")
    before, words = crm.counts(), crm.tables()
    yield crm
    crm.clear()
    assert crm.counts() == before, "the server is as it was"
    assert crm.tables() == words, "no words of code tables are left"


def target(tryton, **more):
    """Return the entry `target:`; the password stands in the environment."""
    options = {"database": tryton.database, "user": tryton.user}
    options |= {"password": "${env:TRYTON_PASSWORD}", "time_zone": "Europe/Bucharest", **more}
    return "target: " + json.dumps({"adapter": "tryton", "url": tryton.url, "options": options})


@pytest.fixture
def consolidation(tmp_path, repository, tryton, monkeypatch):
    """The consolidation example with Tryton as its target, ready to be planned."""
    monkeypatch.setenv("TRYTON_PASSWORD", tryton.password)
    source = repository / "examples" / "consolidation"
    for name in ("data", "mappings"):
        shutil.copytree(source / name, tmp_path / name)
    lines = (source / "migration.yaml").read_text(encoding="utf-8").splitlines()
    told = [target(tryton) if line.startswith("target:") else line for line in lines]
    project = Project(tmp_path)
    project.write("migration.yaml", "\n".join(told))
    for stage in STAGES:
        project.cli(stage)
    return project


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, tryton):
    """A small project with Tryton as its target, ready to be planned; made once, and copied."""
    project = Project(tmp_path_factory.mktemp("small"))
    lines = MIGRATION.splitlines()
    told = [target(tryton) if line.startswith("target:") else line for line in lines]
    project.write("migration.yaml", "\n".join(told))
    project.write("mappings/company.yaml", ACCOUNT)
    project.write("mappings/person.yaml", CONTACT)
    project.write("data/companies.csv", COMPANIES)
    project.write("data/people.csv", PEOPLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRYTON_PASSWORD", tryton.password)
        for stage in STAGES:
            project.cli(stage)
    return project


@pytest.fixture
def small(prepared, tmp_path, tryton, monkeypatch):
    """A copy of the small project."""
    monkeypatch.setenv("TRYTON_PASSWORD", tryton.password)
    shutil.copytree(prepared.root, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)


@pytest.fixture(params=["chinook", "northwind"])
def legacy(request, tmp_path, repository, shared_data, tryton, monkeypatch):
    """A sample database with Tryton as its target, ready to be planned."""
    name = request.param
    monkeypatch.setenv("TRYTON_PASSWORD", tryton.password)
    monkeypatch.setenv(f"{name.upper()}_DB", str(shared_data / "legacy" / name / f"{name}.sqlite"))
    shutil.copytree(repository / "examples" / name / "mappings", tmp_path / "mappings")
    text = (repository / "examples" / name / "migration.yaml").read_text(encoding="utf-8")
    lines = text.splitlines()
    project = Project(tmp_path)
    told = [target(tryton) if line.startswith("target:") else line for line in lines]
    project.write("migration.yaml", "\n".join(told))
    for stage in STAGES:
        project.cli(stage)
    return project


def run_of(project):
    return min((project.root / ".crmmigrate" / "runs").iterdir()).name


def test_the_consolidation_example_goes_in_and_out(crm, consolidation, tryton, repository):
    plan = json.loads(consolidation.cli("plan", "--json").stdout)
    said = json.dumps(plan)
    assert not [f for f in plan["findings"] if f["severity"] == "error"], plan["notes"]
    assert "PLN502" in said
    assert "orders are sales and belong to the books" in said
    before, tables = crm.counts(), crm.tables()
    consolidation.cli("load")
    assert crm.counts()["party.party"] - before["party.party"] > 2000
    verified = consolidation.cli("verify").stdout
    assert "exactly as they should be" in verified
    again = consolidation.cli("plan").stdout
    assert "nothing to do" in again
    back_out_of(tryton, consolidation.root / "back", repository)
    undone = consolidation.cli("rollback", run_of(consolidation), "--yes").stdout
    assert "records were removed" in undone
    assert crm.counts() == before
    assert crm.tables() == tables


def back_out_of(tryton, folder, repository):
    """Migrate what is in Tryton into the embedded CRM, by the packaged mapping; links must hold."""
    project = Project(folder)
    ready = repository / "mappings" / "tryton" / "to_canonical.yaml"
    project.write("mappings/tryton.yaml", ready.read_bytes())
    options = {"database": tryton.database, "user": tryton.user}
    options["password"] = "${env:TRYTON_PASSWORD}"
    datasets = {name: {"table": model} for name, model in DATASETS.items()}
    source = {"adapter": "tryton", "url": tryton.url, "datasets": datasets, "options": options}
    head = {"version": 1, "name": "back", "region": "RO", "sources": {"tryton": source}}
    whole = {**head, "target": {"adapter": "sqlite", "path": "crm.db"}}
    project.write("migration.yaml", json.dumps(whole))
    for stage in (*STAGES, "plan", "load", "verify"):
        project.cli(stage)
    with closing(sqlite3.connect(folder / "crm.db")) as crm:
        links = crm.execute("SELECT sum(account_id IS NOT NULL) FROM contact")
        assert links.fetchone() == (1318,), "as many as there are in the example"
        assert crm.execute("SELECT count(about_id) FROM note").fetchone() == (418,)
        files = crm.execute("SELECT count(content), count(parent_id) FROM attachment")
        assert files.fetchone() == (12, 12)


@pytest.mark.shared
@pytest.mark.slow
def test_sample_databases_go_in_whole_and_out_again(crm, legacy):
    plan = json.loads(legacy.cli("plan", "--json").stdout)
    assert not [f for f in plan["findings"] if f["severity"] == "error"], plan["notes"]
    before, tables = crm.counts(), crm.tables()
    legacy.cli("load")
    assert crm.counts()["party.party"] > before["party.party"]
    assert "exactly as they should be" in legacy.cli("verify").stdout
    assert "nothing to do" in legacy.cli("plan").stdout
    assert "records were removed" in legacy.cli("rollback", run_of(legacy), "--yes").stdout
    assert crm.counts() == before
    assert crm.tables() == tables


def test_a_change_is_updated_and_an_edit_is_spared(crm, small):
    small.cli("plan")
    small.cli("load")
    run = run_of(small)
    small.write("data/people.csv", PEOPLE.replace("maria@beta", "maria.i@beta"))
    for stage in STAGES:
        small.cli(stage)
    assert "1 to update" in small.cli("plan").stdout
    small.cli("load")
    small.cli("verify")
    runs = sorted(p.name for p in (small.root / ".crmmigrate" / "runs").iterdir())
    small.cli("rollback", runs[-1], "--yes")
    mail = [["contact_mechanisms.value", "=", "maria@beta.example"]]
    maria = crm.client.call("party.party", "search", mail, 0, None, None)
    assert len(maria) == 1, "the address of before is back"
    crm.client.call("party.party", "write", maria, {"name": "edited by a colleague"})
    undone = small.cli("rollback", run, "--yes").stdout
    assert "RBK701" in undone
    ours = [["identifiers.code", "like", "crmmigrate:%"]]
    left = crm.client.call("party.party", "search", ours, 0, None, None)
    assert maria[0] in left, "what was edited since stays"
    assert len(left) == 2, "what was edited since and its company, and nothing else"
    crm.client.call("party.party", "delete", left)
    crm.target._words.sweep()


@pytest.mark.parametrize(
    ("wrong", "code", "says"),
    [
        ({"password": "wrong"}, 2, "does not know user"),
        ({"database": "nowhere"}, 2, "no database"),
        ({"user": ""}, 2, "user is missing"),
        ({"company": "Nobody Ltd"}, 2, "no company 'Nobody Ltd'"),
    ],
)
def test_wrong_settings_end_with_their_code(small, wrong, code, says):
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
        "is Tryton 8.2",
        "log in: as admin",
        "party.party: read, create, write, delete",
        "external ids: kept in the records",
        "account: goes to party.party; no place for",
        "left out: no place for",
        "next: crmmigrate run",
    ):
        assert words in said
    document = json.loads(small.cli("connect", "--json").stdout)
    assert document["ok"]
    assert {c["state"] for c in document["checks"]} <= {"ok", "note", "warning"}
