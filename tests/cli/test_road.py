"""The whole road on a small project, by the real command."""

import json
import sqlite3

import pytest


def rows(project, sql):
    with sqlite3.connect(project.root / "crm.db") as connection:
        return connection.execute(sql).fetchall()


def test_the_whole_road_and_back(project):
    done = json.loads(project.cli("run", "--load", "--json").stdout)
    stages = [stage["stage"] for stage in done["reports"]]
    assert stages == [
        "extract",
        "map",
        "standardize",
        "dedupe",
        "validate",
        "plan",
        "load",
        "verify",
    ]
    for stage in done["reports"]:
        for line in stage["books"]:
            out = line["rows_out"] + line["merged"] + line["rejected"] + line["excluded"]
            assert line["rows_in"] == out, (stage["stage"], line)
    assert rows(project, "select count(*) from account where deleted_at is null") == [(2,)]
    names = {frozenset(r[0].split()) for r in rows(project, "select name from contact")}
    assert names == {frozenset(n.split()) for n in ("Ion Popescu", "Maria Ionescu", "Radu Stan")}
    phones = rows(project, "select phone from contact where name like '%Popescu%'")
    assert phones == [("+40722123456",)]

    again = json.loads(project.cli("run", "--load", "--json").stdout)
    assert [s["skipped"] for s in again["reports"][:5]] == [True] * 5
    plan = again["reports"][5]
    assert plan["facts"]["pending"] == 0

    project.cli("rollback", done["reports"][0]["run_id"], code=4)
    project.cli("rollback", done["reports"][0]["run_id"], "--yes")
    assert rows(project, "select count(*) from contact where deleted_at is null") == [(0,)]
    project.cli("plan", "--detailed-exitcode", code=5)


def test_stages_refuse_to_run_out_of_order(project):
    done = project.cli("map", code=2)
    assert "error: map needs the stage extract" in done.stderr
    assert "hint: run `crmmigrate extract`" in done.stderr


def test_unchanged_stages_are_skipped_and_say_so(project):
    project.cli("extract")
    done = project.cli("extract")
    assert "nothing has changed" in done.stdout
    forced = json.loads(project.cli("extract", "--force", "--json").stdout)
    assert forced["skipped"] is False


def test_a_changed_mapping_makes_only_later_stages_stale(project):
    project.cli("run")
    mapping = (project.root / "mappings/contact.yaml").read_text()
    project.write(
        "mappings/contact.yaml",
        mapping.replace("email: {from: email}", "other_email: {from: email}"),
    )
    assert "map is out of date" in project.cli("standardize", code=2).stderr
    done = json.loads(project.cli("run", "--json").stdout)
    assert [s["skipped"] for s in done["reports"]] == [True, False, False, False, False, False]


@pytest.mark.parametrize(
    "arguments",
    [("run",), ("status",), ("check",), ("profile",), ("report",), ("trace", "shop:people:1")],
)
def test_output_fits_eighty_columns(project, arguments):
    project.cli("run", "--load")
    done = project.cli(*arguments)
    wide = [line for line in done.stdout.splitlines() if len(line) > 80 and "/" not in line]
    assert wide == []


def test_status_after_a_plan_with_nothing_to_do_does_not_ask_for_a_load(project):
    project.cli("run", "--load")
    assert "next: crmmigrate verify" in project.cli("plan").stdout
    told = project.cli("status").stdout
    assert "load         not needed" in told
    assert told.splitlines()[-1] == "next: crmmigrate verify"


def test_trace_tells_the_story_of_a_record(project):
    project.cli("run", "--load")
    told = project.cli("trace", "shop:people:2").stdout
    assert "ION.POPESCU@alfa.example" in told
    assert "shop:contact:people/1" in told


def test_help_of_every_command_has_an_example(project):
    listed = project.cli("--help").stdout
    words = (
        "run extract profile map standardize dedupe validate plan load verify rollback "
        "init check status schema clean match trace explain report demo"
    )
    for command in words.split(" "):
        assert command in listed
        assert "Example: crmmigrate" in project.cli(command, "--help").stdout.replace("\n", " "), (
            command
        )
