"""`changes` and `diff`: what standardizing did with each cell, counted, filtered, exported."""

import csv
import json

import polars as pl
import pytest

from crmmigrate.cli.app import run_app


@pytest.fixture
def changes(project, capsys, monkeypatch):
    """A project that has been standardized, and a function that runs a command in it."""
    monkeypatch.chdir(project.root)
    for stage in ("extract", "map", "standardize"):
        assert run_app([stage]) == 0
    capsys.readouterr()

    def run(*arguments):
        code = run_app(list(arguments))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def document(changes, *arguments):
    code, out, _ = changes("changes", "--json", "--limit", "1000", *arguments)
    assert code == 0
    return json.loads(out)


def test_counts_come_first_and_fit_the_screen(changes):
    code, out, _ = changes("changes")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("changes  ")
    assert max(map(len, lines)) <= 80
    assert lines[-1].startswith("next: crmmigrate explain STD")


def test_every_changed_cell_is_told_once(changes):
    found = document(changes)
    cells = [(c["object"], c["key"], c["field"]) for c in found["changes"]]
    assert found["cells"] == len(cells) == len(set(cells))
    assert sum(group["cells"] for group in found["groups"]) == len(cells)
    for change in found["changes"]:
        assert change["rule"] == change["codes"].split(";")[0]
        assert change["region_from"] in {"record", "column", "file default", None}


def test_the_log_tells_what_map_and_standardize_hold(changes, project):
    found = document(changes, "--object", "contact", "--field", "phone")
    (run,) = (project.root / ".crmmigrate" / "runs").iterdir()
    rows = {
        stage: pl.concat(
            [pl.read_parquet(f) for f in run.glob(f"{stage}/contact~*/rows-*.parquet")]
        )
        for stage in ("map", "standardize")
    }
    assert found["changes"]
    for change in found["changes"]:
        for stage, side in (("map", "before"), ("standardize", "after")):
            row = rows[stage].filter(pl.col("_key") == change["key"])
            assert row["phone"].to_list() == [change[side]]


@pytest.mark.parametrize(
    ("option", "value", "holds"),
    [
        ("--field", "phone", lambda c: c["field"] == "phone"),
        ("--status", "normalised", lambda c: c["status"] == "normalised"),
        ("--min-confidence", "1", lambda c: c["confidence"] >= 1),
        ("--code", "std101", lambda c: "STD101" in c["codes"]),
    ],
)
def test_filters_let_through_what_they_name_and_only_that(changes, option, value, holds):
    every = document(changes)["changes"]
    some = document(changes, option, value)["changes"]
    assert some == [change for change in every if holds(change)]


def test_one_record_by_its_id(changes):
    key = document(changes)["changes"][0]["key"]
    found = document(changes, "--key", key.rpartition("/")[2])["changes"]
    assert key in {change["key"] for change in found}


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_exports_hold_all_cells(changes, tmp_path, suffix):
    total = document(changes)["cells"]
    out = tmp_path / f"log{suffix}"
    assert changes("changes", "-o", str(out))[0] == 0
    read = {".csv": pl.read_csv, ".parquet": pl.read_parquet, ".xlsx": pl.read_excel}[suffix]
    table = read(out)
    assert table.height == total
    assert {"object", "key", "field", "before", "after", "rule", "confidence"} <= set(table.columns)


def test_cells_that_are_not_shown_are_counted(changes):
    cells = document(changes)["cells"]
    _, out, _ = changes("changes", "--limit", "2")
    assert f"and {cells - 2:,} more cells" in out


def test_csv_on_stdout(changes):
    code, out, _ = changes("changes", "--csv")
    assert code == 0
    assert len(list(csv.DictReader(out.splitlines()))) >= document(changes)["cells"]


@pytest.mark.parametrize("wrong", [("--field", "phon"), ("--status", "fine"), ("--code", "STD1")])
def test_a_name_that_the_log_cannot_hold_is_refused(changes, wrong):
    code, out, err = changes("changes", *wrong)
    assert (code, out) == (2, "")
    assert wrong[1] in err


def test_a_run_is_no_different_from_itself(changes, project):
    (run,) = (project.root / ".crmmigrate" / "runs").iterdir()
    code, out, _ = changes("diff", run.name, "--json")
    assert code == 0
    assert json.loads(out)["cells"] == 0


def codes(changes):
    return document(changes, "--limit", "1000", "--code", "STD920")["cells"]


@pytest.mark.parametrize("changed", [False, True])
def test_run_keeps_what_standardize_was_asked(changes, project, changed):
    undone = document(changes, "--field", "phone")["changes"][0]["rule"]
    assert changes("standardize", "--undo-rule", undone, "--new-run")[0] == 0
    before = codes(changes)
    if changed:  # then all stages run again
        path = project.root / "data/people.csv"
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    code, out, _ = changes("run")
    assert code == 0
    assert f"rules {undone} undone" in out
    assert codes(changes) == before > 0
    assert changes("run", "--load")[0] == 0
    assert codes(changes) == before
    assert changes("standardize")[0] == 0
    assert codes(changes) == 0, "standardize does what it is asked now"


def test_an_undone_rule_shows_in_a_run_of_its_own(changes, project):
    (first,) = (project.root / ".crmmigrate" / "runs").iterdir()
    undone = document(changes, "--field", "phone")["changes"][0]["rule"]
    assert changes("standardize", "--undo-rule", undone, "--new-run")[0] == 0
    code, out, _ = changes("diff", first.name, "--json", "--limit", "1000")
    found = json.loads(out)
    assert code == 0
    assert found["cells"] > 0
    for cell in found["differences"]:
        assert undone in cell["second_codes"]
        assert cell["second_codes"].endswith("STD920")
        assert cell["second"] == cell["before"] != cell["first"]
    assert changes("dedupe")[0] == 0, "the options of the stage before are remembered"
