"""Command adapters: what is installed, and what it says of itself."""

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from importlib.metadata import EntryPoint

import pytest

from crmmigrate.adapters import embedded, facts, odoo, registry, rest, sql, tables, tryton
from crmmigrate.adapters.csv_files import open_source as open_csv
from crmmigrate.adapters.relational.target import BATCH_SIZE
from crmmigrate.cli.app import run_app
from crmmigrate.errors import ConfigError
from crmmigrate.model.catalog import Capabilities
from crmmigrate.testing.worlds import small_model, utc_now


@pytest.fixture
def install(monkeypatch):
    """Return a function that makes entry points the only ones installed."""

    def done(**places):
        entries = [EntryPoint(name, place, registry.GROUP) for name, place in places.items()]
        monkeypatch.setattr(facts, "entry_points", lambda group: entries)

    return done


def test_built_in_adapters_are_listed_by_name(capsys, install):
    install(
        csv="crmmigrate.adapters.csv_files:open_source",
        sqlite="crmmigrate.adapters.embedded:open_target",
        suitecrm="crmmigrate.adapters.rest:open_suitecrm",
    )
    assert run_app(["adapters"]) == 0
    said = capsys.readouterr().out
    assert "csv" in said
    assert "the embedded CRM" in said
    assert max(len(line) for line in said.splitlines()) <= 80


def test_json_has_every_capability(capsys, install):
    install(sqlite="crmmigrate.adapters.embedded:open_target")
    assert run_app(["adapters", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["adapters"]
    assert told["name"] == "sqlite"
    assert told["capabilities"]["can_write"] is True
    assert told["capabilities"]["batch_size"] == BATCH_SIZE


def test_an_adapter_that_says_nothing_is_listed(capsys, install):
    install(other="json:dumps")
    assert run_app(["adapters"]) == 0
    assert "does not say what it is" in capsys.readouterr().out


def test_one_that_cannot_be_loaded_ends_with_code_2(capsys, install):
    install(csv="crmmigrate.adapters.csv_files:open_source", broken="crmmigrate.nowhere:open_it")
    assert run_app(["adapters"]) == 2
    said = capsys.readouterr().out
    assert "cannot be loaded" in said
    assert "delimited text" in said


def opened(root):
    """Yield opener and adapter of each that can be opened without a server."""
    given = {"model": small_model(), "clock": utc_now}
    yield embedded.open_target, embedded.open_target({"path": "crm.db", **given}, root)
    login = {"url": "http://127.0.0.1:9", "user": "u", "password": "p", "database": "d"}
    yield odoo.open_odoo, odoo.open_native(login, root)
    yield tryton.open_tryton, tryton.open_native(login, root)
    key = {"url": "http://127.0.0.1:9", "api_key": "k"}
    yield rest.open_espocrm, rest.open_native({"description": "espocrm", **key}, root)
    client = {"url": "http://127.0.0.1:9", "client_id": "c", "client_secret": "s"}
    yield rest.open_suitecrm, rest.open_native({"description": "suitecrm", **client}, root)
    keys = {"url": "sqlite:///own.db", "external_id": "legacy_id", "modified": "changed"}
    yield tables.open_tables, tables.open_native(keys, root)
    yield sql.open_source, sql.open_source({"adapter": "sql", "url": "sqlite:///own.db"}, root)
    yield open_csv, open_csv({"adapter": "csv", "path": "."}, root)


def test_what_is_said_is_what_an_opened_adapter_can_do(tmp_path):
    with closing(sqlite3.connect(tmp_path / "own.db")) as database:
        database.execute("CREATE TABLE company (id INTEGER)")
    for opener, adapter in opened(tmp_path):
        told = facts.facts_of(opener)
        assert told is not None
        said, can = asdict(told.capabilities()), asdict(adapter.capabilities)
        promised = {name: value for name, value in said.items() if value}
        assert promised == {name: can[name] for name in promised}, told.summary
    least = facts.facts_of(rest.open_target).capabilities()
    assert least == Capabilities(can_write=True, external_id=True, can_delete=True)


def test_the_embedded_crm_as_a_source_says_what_to_do(tmp_path):
    with pytest.raises(ConfigError, match="no source"):
        registry.open_source({"adapter": "sqlite", "path": "crm.db"}, tmp_path)
