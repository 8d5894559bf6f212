"""The bundled example: its duplicates are found, a second run writes nothing, and it can be undone."""

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from math import comb
from pathlib import Path

import polars as pl
import pytest

from crmmigrate.store.artifacts import read
from crmmigrate.store.workspace import Workspace

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "consolidation"

pytestmark = pytest.mark.slow


def command(folder, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "crmmigrate", *arguments, "-C", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("consolidation") / "project"
    ignored = shutil.ignore_patterns(".crmmigrate", "crm.db*", "truth", "make*")
    shutil.copytree(EXAMPLE, folder, ignore=ignored)
    command(folder, "run", "--load")
    return folder


def pairwise_f1(found: dict[str, str], truth: dict[str, str]) -> float:
    """Return the F1 of "these two are the same" over all pairs of records."""

    def pairs(labels):
        return sum(comb(n, 2) for n in Counter(labels).values())

    both = pairs((found[key], truth[key]) for key in truth)
    precision = both / pairs(found[key] for key in truth)
    recall = both / pairs(truth.values())
    return 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize(("object_", "file"), [("contact", "contacts"), ("account", "accounts")])
def test_the_duplicates_are_found(migrated, object_, file):
    run = Workspace(migrated).current()
    members = read(run.dir, "dedupe", object_, "members")
    found = dict(members.select("_key", "cluster_id").iter_rows())
    with (EXAMPLE / "truth" / f"{file}.csv").open(encoding="utf-8", newline="") as stream:
        truth = {
            f"{row['source']}:{object_}:{row['dataset']}/{row['id']}": row["entity_id"]
            for row in csv.DictReader(stream)
        }
    assert set(truth) == set(found), "the truth names every record, and nothing else"
    assert pairwise_f1(found, truth) >= 0.95


def test_every_merge_has_its_reasons(migrated):
    run = Workspace(migrated).current()
    pairs = read(run.dir, "dedupe", "contact", "pairs")
    matches = pairs.filter(pl.col("judgement") == "match")
    assert matches.height > 100
    assert (matches["contributions"].list.len() > 0).all()


def test_a_second_run_plans_nothing_and_rollback_gives_the_empty_crm_back(migrated, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(migrated, folder)
    first = Workspace(folder).current().id
    stages = {
        r["stage"]: r for r in json.loads(command(folder, "run", "--load", "--json"))["reports"]
    }
    assert stages["plan"]["facts"]["pending"] == 0
    connection = sqlite3.connect(folder / "crm.db")
    connection.execute("UPDATE contact SET title = 'edited by hand' WHERE id = 7")
    connection.commit()
    done = json.loads(command(folder, "rollback", first, "--yes", "--json"))
    left = connection.execute("SELECT id, title FROM contact").fetchall()
    connection.close()
    assert left == [(7, "edited by hand")]
    assert "contact" in json.dumps(done["facts"]["spared"])
