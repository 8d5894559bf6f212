"""Whole projects into EspoCRM and SuiteCRM (simulated), and out again: the server is as it was."""

import json
from datetime import UTC, datetime

import pytest
from support.small_project import ACCOUNT, COMPANIES, CONTACT, MIGRATION, PEOPLE

from crmmigrate.config.project import load_project
from crmmigrate.pipeline import STAGES, Pipeline
from crmmigrate.stages import rollback
from crmmigrate.stages.context import StageContext
from crmmigrate.store.workspace import Workspace
from crmmigrate.testing.simulators import Simulator
from crmmigrate.testing.simulators.espocrm import API_KEY, EspoCrm
from crmmigrate.testing.simulators.suitecrm import CLIENT_ID, CLIENT_SECRET, SuiteCrm

KINDS = {"espocrm": EspoCrm, "suitecrm": SuiteCrm}


STAFF = """\
source: shop
dataset: staff
object: user
fields:
  name.given: {from: given}
  name.family: {from: family}
ignore: {id: the key}
"""
"""Users without an e-mail address: both CRMs want a name to sign in with all the same."""


class Room:
    """A project with a simulated CRM as its target."""

    def __init__(self, system, root, simulator):
        self.system, self.root, self.simulator = system, root, simulator
        self.crm = simulator.dialect

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def configure(self, migration):
        options = {"client_id": CLIENT_ID, "client_secret": "${env:CRM_SECRET}"}
        if self.system == "espocrm":
            options = {"api_key": "${env:CRM_SECRET}", "skip_duplicate_check": True}
        entry = {"adapter": self.system, "url": self.simulator.url, "options": options}
        lines = [
            f"target: {json.dumps(entry)}" if line.startswith("target:") else line
            for line in migration.splitlines()
        ]
        self.write("migration.yaml", "\n".join(lines))

    def run(self, *stages):
        pipeline = Pipeline(
            load_project(self.root), Workspace(self.root), lambda: datetime.now(UTC)
        )
        return [pipeline.run(stage) for stage in stages][-1]

    def roll_back(self):
        workspace = Workspace(self.root)
        first = workspace.runs()[0]
        context = StageContext(
            load_project(self.root),
            workspace,
            first,
            lambda: datetime.now(UTC),
            options={"run_id": first.id},
        )
        return rollback.run(context)

    def live(self):
        return [r for r in self.crm.store.everything() if not r.deleted]


@pytest.fixture(params=KINDS)
def room(request, tmp_path, monkeypatch):
    secret = API_KEY if request.param == "espocrm" else CLIENT_SECRET
    monkeypatch.setenv("CRM_SECRET", secret)
    crm = KINDS[request.param](tmp_path / "server.db")
    root = tmp_path / "project"
    root.mkdir()
    with Simulator(crm) as simulator:
        yield Room(request.param, root, simulator)
    crm.store.close()


def test_a_small_project_goes_in_and_out(room):
    staff = "      staff: {file: staff.csv, key: [id]}\ntarget:"
    room.configure(MIGRATION.replace("target:", staff))
    room.write("mappings/staff.yaml", STAFF)
    room.write("data/staff.csv", "id,given,family\n1,Ștefan,Radu\n2,Ana,Pop\n")
    room.write("mappings/company.yaml", ACCOUNT)
    room.write("mappings/person.yaml", CONTACT)
    room.write("data/companies.csv", COMPANIES)
    room.write("data/people.csv", PEOPLE)
    room.run(*STAGES[:5])
    plan = room.run("plan")
    assert not [f for f in plan.findings if f.severity == "error"], plan.notes
    load = room.run("load")
    assert sum(f["created"] for f in load.facts["objects"].values()) == 7
    assert all(line.balanced for line in load.books)
    assert room.run("verify").gates[0].passed
    assert room.run("plan").facts["pending"] == 0
    assert room.roll_back().gates[0].passed
    assert not room.live()
    journal = (room.root / ".crmmigrate" / "requests.jsonl").read_text(encoding="utf-8")
    assert "POST" in journal
    assert "popescu" not in journal.lower()


def test_preflight_tells_names_to_sign_in_with_that_stand_twice(room):
    staff = "      staff: {file: staff.csv, key: [id]}\ntarget:"
    room.configure(MIGRATION.replace("target:", staff))
    room.write("mappings/staff.yaml", STAFF)
    room.write("mappings/company.yaml", ACCOUNT)
    room.write("mappings/person.yaml", CONTACT)
    room.write("data/staff.csv", "id,given,family\n1,Ana,Pop\n2,Ána,Pop\n3,Ion,Pop\n")
    room.write("data/companies.csv", COMPANIES)
    room.write("data/people.csv", PEOPLE)
    room.run(*STAGES[:5])
    told = {f.code: f.count for f in room.run("plan").findings if f.severity == "error"}
    assert told == {"PLN517": 2}


def test_what_preflight_objects_to_is_what_the_load_would_lose(room):
    room.configure(MIGRATION)
    company = ACCOUNT.replace("ignore:", "  industry: {const: Beekeping}\nignore:")
    room.write("mappings/company.yaml", company)
    room.write("mappings/person.yaml", CONTACT)
    room.write("data/companies.csv", COMPANIES)
    room.write("data/people.csv", PEOPLE)
    room.run(*STAGES[:5])
    told = {f.code: f.count for f in room.run("plan").findings if f.severity == "error"}
    lost = sum(line.rejected for line in room.run("load").books if line.object == "account")
    assert told == {"PLN514": lost}
    assert lost
