"""The example projects: valid, complete, and migrated from end to end."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from crmmigrate.config.project import load_project

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROJECTS = ("consolidation", "chinook", "northwind", "both")

CHINOOK = {
    "chinook.customers": {"contact": 59, "account": 59},
    "chinook.employees": {"user": 8},
    "chinook.invoices": {"invoice": 412},
    "chinook.invoice_lines": {"invoice_line": 2240},
    "chinook.tracks": {"product": 3503},
}
NORTHWIND = {
    "northwind.customers": {"account": 93, "contact": 93},
    "northwind.suppliers": {"account": 29, "contact": 29},
    "northwind.shippers": {"account": 3},
    "northwind.employees": {"user": 9},
    "northwind.orders": {"order": 830},
    "northwind.order_lines": {"order_line": 2155},
    "northwind.products": {"product": 77},
    "northwind.territories": {"territory": 53},
    "northwind.employee_territories": {"user_territory": 49},
}


@pytest.mark.parametrize("name", PROJECTS)
def test_a_project_is_valid(name):
    project = load_project(EXAMPLES / name)
    for source, config in project.migration.sources.items():
        for dataset in config.datasets:
            assert project.mappings_of(source, dataset), f"{source}.{dataset} is not mapped"


@pytest.mark.parametrize("name", PROJECTS)
def test_everything_ignored_or_excluded_has_a_why(name):
    project = load_project(EXAMPLES / name)
    whys = [why for config in project.migration.sources.values() for why in config.ignore.values()]
    for mapping in project.mappings:
        whys += [*mapping.ignore.values(), *(rule.why for rule in mapping.exclude)]
    assert whys
    assert all(len(why.split()) >= 3 for why in whys), whys


@pytest.mark.parametrize("name", ["chinook", "northwind"])
def test_every_table_is_mapped_or_ignored(name, shared_data):
    project = load_project(EXAMPLES / name)
    config = project.migration.sources[name]
    path = shared_data / "legacy" / name / f"{name}.sqlite"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    connection.close()
    read = {dataset.table for dataset in config.datasets.values() if dataset.table}
    assert {table for (table,) in found} == read | {t for t in config.ignore if t not in read}


def migrate(folder: Path, name: str, legacy: Path) -> dict:
    for project in PROJECTS:
        if project != "consolidation" or name == "consolidation":
            ignored = shutil.ignore_patterns(".crmmigrate", "crm.db*")
            shutil.copytree(EXAMPLES / project, folder / project, ignore=ignored)
    command = ["run", "--load", "--json", "-C", str(folder / name)]
    done = subprocess.run(
        [sys.executable, "-m", "crmmigrate", *command],
        env={
            **os.environ,
            "CHINOOK_DB": str(legacy / "chinook" / "chinook.sqlite"),
            "NORTHWIND_DB": str(legacy / "northwind" / "northwind.sqlite"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return {report["stage"]: report for report in json.loads(done.stdout)["reports"]}


def books(report: dict) -> dict[str, dict]:
    return {line["object"]: line for line in report["books"]}


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "expected"),
    [("chinook", CHINOOK), ("northwind", NORTHWIND), ("both", {**CHINOOK, **NORTHWIND})],
)
def test_the_legacy_databases_arrive_whole(name, expected, shared_data, tmp_path):
    stages = migrate(tmp_path, name, shared_data / "legacy")
    extracted = books(stages["extract"])
    per_object: dict[str, int] = {}
    for dataset, objects in expected.items():
        rows = set(objects.values())
        assert {extracted[dataset]["rows_in"]} == {extracted[dataset]["rows_out"]} == rows
        for object_, count in objects.items():
            per_object[object_] = per_object.get(object_, 0) + count
    mapped = books(stages["map"])
    assert {o: line["rows_in"] for o, line in mapped.items()} == per_object
    assert sum(line["rejected"] for line in mapped.values()) == 0
    merged = {o: line["merged"] for o, line in books(stages["dedupe"]).items()}
    for object_, count in per_object.items():
        loaded = count - mapped[object_]["excluded"] - merged.get(object_, 0)
        assert in_crm(tmp_path / name / "crm.db", object_) == loaded, object_


def in_crm(path: Path, object_: str) -> int:
    connection = sqlite3.connect(path)
    try:
        sql = f'SELECT count(*) FROM "{object_}" WHERE deleted_at IS NULL'
        return connection.execute(sql).fetchone()[0]
    finally:
        connection.close()


@pytest.mark.slow
def test_every_row_of_the_consolidation_has_one_outcome(tmp_path):
    stages = migrate(tmp_path, "consolidation", tmp_path)
    for report in stages.values():
        for line in report["books"]:
            outcomes = ("rows_out", "merged", "rejected", "excluded")
            assert line["rows_in"] == sum(line[o] for o in outcomes), (report["stage"], line)
    extracted = books(stages["extract"])
    assert extracted["shop.customers"]["rejected"] == 2, "the torn line and the repeated key"
    mapped = books(stages["map"])
    assert mapped["invoice"]["rejected"] == 3, "invoices of a deleted account"
    assert mapped["contact"]["rows_out"] == 2997
