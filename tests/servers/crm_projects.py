"""What whole projects must do in every CRM that has objects of many kinds: Odoo and Tryton."""

import json
import sqlite3
from abc import ABC, abstractmethod
from contextlib import closing

import polars as pl
import pytest
from servers.native_crm import lent
from support.small_project import PEOPLE
from support.whole_projects import (
    EXAMPLES,
    STAGES,
    go_in_and_out,
    migrate_back,
    retarget,
    runs_of,
)

BACK = (
    ("contact", "account", "account_id"),
    ("contact", "owner", "owner_id"),
    ("note", "about", "about_id"),
    ("attachment", "parent", "parent_id"),
    ("attachment", "content", "content"),
)
"""Object, column, and its name in the embedded CRM: what of the consolidation must come back."""


class CrmProjects(ABC):
    """Each CRM says what is its own."""

    system: str
    examples_of_it = EXAMPLES
    datasets: dict[str, str]
    """Dataset → object of the CRM, for the way back."""
    people: str
    """Object of the CRM that companies and people are in."""
    no_orders: str
    """Why orders have no place."""
    lost: tuple[str, ...] = ()
    """Columns that the CRM has no place for."""
    connected: tuple[str, ...]
    """What connecting says."""

    def pytest_generate_tests(self, metafunc):
        if "name" in metafunc.fixturenames:
            metafunc.parametrize("name", self.examples_of_it)

    @pytest.fixture
    def place(self, request):
        """The server."""
        return request.getfixturevalue(self.system)

    @pytest.fixture
    def crm(self, place):
        """The native adapter; at the end the server must be as it was."""
        yield from lent(place)

    @pytest.fixture
    def entry(self, place, monkeypatch):
        """The entry `target:`; the password stands in the environment."""
        monkeypatch.setenv("CRM_PASSWORD", place.password)
        options = {"database": place.database, "user": place.user}
        options |= {"password": "${env:CRM_PASSWORD}", "time_zone": "Europe/Bucharest"}
        return {"adapter": self.system, "url": place.url, "options": options}

    @pytest.fixture
    def small(self, examples, entry, tmp_path):
        """The small project with this CRM as its target."""
        return examples.copy("small", tmp_path, entry)

    @abstractmethod
    def ours(self, crm):
        """Return the ids of companies and people that bear a key of ours."""

    @abstractmethod
    def edit(self, crm, number):
        """Change a person as a colleague would."""

    @abstractmethod
    def remove(self, crm, numbers):
        """Remove companies and people."""

    @abstractmethod
    def find(self, crm, email):
        """Return the ids of people with an e-mail address."""

    @pytest.mark.slow
    def test_an_example_goes_in_and_out(self, name, crm, entry, examples, repository, tmp_path):
        project = examples.copy(name, tmp_path / "project", entry)

        def migrate_it_back():
            if name == "consolidation":
                self.migrate_back(tmp_path / "back", entry, repository, project)

        told = go_in_and_out(project, crm.state, migrate_it_back)
        if name != "chinook":  # which has invoices only
            assert self.no_orders in " ".join(told.plan["notes"])
        created = {o: c["created"] for o, c in told.load["facts"]["objects"].items()}
        assert created["contact"] > (2000 if name == "consolidation" else 50)

    def migrate_back(self, folder, entry, repository, project):
        """Migrate what is in the CRM into the embedded one; as much must be there as went in."""
        datasets = {name: {"table": model} for name, model in self.datasets.items()}
        run = project.root / ".crmmigrate" / "runs" / runs_of(project)[0]
        kept = [place for place in BACK if place[1] not in self.lost]
        with closing(
            sqlite3.connect(migrate_back(folder, entry | {"datasets": datasets}, repository))
        ) as back:
            for object_, column, own in kept:
                rows = pl.read_parquet(run / "validate" / object_ / "rows-*.parquet")
                found = back.execute(f"SELECT count({own}) FROM {object_}").fetchone()[0]
                assert found == rows[column].count() > 0, f"{object_}.{column}"
            moved = "SELECT count(*) FROM note WHERE created_on < '2024'"
            if "created_on" not in self.lost:
                assert back.execute(moved).fetchone()[0] > 400, "remarks keep their dates"

    def test_a_change_is_updated_and_an_edit_is_spared(self, crm, small):
        small.cli("plan")
        small.cli("load")
        small.write("data/people.csv", PEOPLE.replace("maria@beta", "maria.i@beta"))
        for stage in STAGES:
            small.cli(stage)
        assert "+ 0 to create, ~ 1 to update" in small.cli("plan").stdout
        small.cli("load")
        small.cli("verify")
        first, last = runs_of(small)
        small.cli("rollback", last, "--yes")
        maria = self.find(crm, "maria@beta.example")
        assert len(maria) == 1, "the address of before is back"
        self.edit(crm, maria[0])
        assert "RBK701" in small.cli("rollback", first, "--yes").stdout
        left = self.ours(crm)
        assert maria[0] in left, "what was edited since stays"
        assert len(left) == 2, "what was edited since and its company, and nothing else"
        self.remove(crm, left)

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"password": "wrong"}, "does not know user"),
            ({"database": "nowhere"}, "no database"),
            ({"user": ""}, "user is missing"),
            ({"time_zone": "Moon"}, "time zone"),
        ],
    )
    def test_wrong_settings_end_with_code_2(self, small, entry, wrong, says):
        if "password" in wrong:
            small.write("secret", wrong["password"])
            wrong = {"password": "${file:secret}"}
        retarget(small, {**entry, "options": entry["options"] | wrong})
        assert says in " ".join(small.cli("plan", code=2).stderr.split())

    def test_connecting_tells_what_is_there_and_what_has_no_place(self, small):
        said = " ".join(small.cli("connect").stdout.split())
        for words in (
            *self.connected,
            "log in: as admin",
            f"{self.people}: read, create, write, delete",
            f"account: goes to {self.people}; no place for",
            "left out: no place for",
            "next: crmmigrate run",
        ):
            assert words in said
        document = json.loads(small.cli("connect", "--json").stdout)
        assert document["ok"]
        assert {c["state"] for c in document["checks"]} <= {"ok", "note", "warning"}
