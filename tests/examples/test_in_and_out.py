"""The example projects into the embedded CRM and both simulated ones, and out again."""

import sqlite3
from contextlib import closing, contextmanager

import pytest
from support.whole_projects import EXAMPLES, Examples, go_in_and_out

from crmmigrate.config.bundled import bundled_path
from crmmigrate.testing.simulators import Simulator
from crmmigrate.testing.simulators.espocrm import API_KEY, EspoCrm
from crmmigrate.testing.simulators.suitecrm import CLIENT_ID, CLIENT_SECRET, SuiteCrm

pytestmark = pytest.mark.slow

SIMULATED = {"espocrm": EspoCrm, "suitecrm": SuiteCrm}
WORDS = {
    "espocrm": {
        "industry: industry": "{Transport: Transportation, IT: Technology, Food: Food & Beverage}"
    },
    "suitecrm": {
        "industry: industry": "{Transport: Transportation, IT: Technology, Food: Other}",
        "lead_source: lead_source": "{in-house: Other, web shop: Web Site, trade fair: Trade Show}",
    },
}
"""Words of the consolidation that are in no picklist, as a consultant would map them."""


@pytest.fixture(scope="module")
def examples(request, tmp_path_factory, repository):
    legacy = lambda: request.getfixturevalue("shared_data") / "legacy"  # noqa: E731
    return Examples(tmp_path_factory.mktemp("examples"), repository, legacy)


@contextmanager
def embedded(folder):
    """Yield the entry of the embedded CRM, and what looks into it."""
    path = folder / "crm.db"

    def state():
        if not path.exists():
            return {}
        with closing(sqlite3.connect(path)) as crm:
            tables = crm.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            sql = 'SELECT count(*) FROM "{}" WHERE deleted_at IS NULL'
            held = {t for (t,) in tables if _has(crm, t, "deleted_at")}
            counts = {t: crm.execute(sql.format(t)).fetchone()[0] for t in held}
            return {table: rows for table, rows in counts.items() if rows}

    yield {"adapter": "sqlite", "path": str(path)}, state


def _has(crm, table, column):
    return any(row[1] == column for row in crm.execute(f'PRAGMA table_info("{table}")'))


@contextmanager
def simulated(system, folder):
    """Yield the entry of a simulated CRM, and what looks into it."""
    crm = SIMULATED[system](folder / "server.db")
    options = {"client_id": CLIENT_ID, "client_secret": "${env:CRM_SECRET}"}
    if system == "espocrm":
        options = {"api_key": "${env:CRM_SECRET}", "skip_duplicate_check": True}

    def state():
        return {(r.object, r.id): r.fields for r in crm.store.everything() if not r.deleted}

    with Simulator(crm) as simulator:
        yield {"adapter": system, "url": simulator.url, "options": options}, state
    crm.store.close()


@pytest.fixture(params=["sqlite", *SIMULATED])
def target(request, tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_SECRET", API_KEY if request.param == "espocrm" else CLIENT_SECRET)
    opened = embedded(tmp_path) if request.param == "sqlite" else simulated(request.param, tmp_path)
    with opened as (entry, state):
        yield request.param, entry, state


def map_words(project, system):
    """Write a mapping of the project's own, with words that the picklists of the CRM know."""
    name = f"mappings/{system}/from_canonical.yaml"
    mapping = bundled_path(name).read_text(encoding="utf-8")
    for line, values in WORDS[system].items():
        told = f"{line.replace(': ', ': {to: ')}, values: {values}}}"
        mapping = mapping.replace(line, told)
    project.write(name, mapping)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_goes_in_and_out(name, target, examples, tmp_path):
    system, entry, state = target
    project = examples.copy(name, tmp_path / "project", entry)
    if system in WORDS and name == "consolidation":
        map_words(project, system)
    told = go_in_and_out(project, state)
    created = {o: c["created"] for o, c in told.load["facts"]["objects"].items()}
    assert created["contact"] > (2000 if name == "consolidation" else 150)
    assert created["user"] > 3
    if system != "sqlite":
        assert told.plan["facts"]["left_out"]["account"], "what has no place is told"
    if (name, system) == ("both", "espocrm"):
        assert "Account.type has no prospect or supplier" in " ".join(told.plan["notes"])
