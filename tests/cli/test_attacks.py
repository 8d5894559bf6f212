"""Found by attacking the real command: streams, signals, damage, odd names, roll back and again."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from support.small_project import MIGRATION, PEOPLE, Project

from crmmigrate.cli.app import app


def shell(project, line, **environment):
    command = f'"{sys.executable}" -m crmmigrate'
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line.replace('CRM', command)}"],
        cwd=project.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1", **environment},
        check=False,
    )


def run_folder(project):
    return max((project.root / ".crmmigrate/runs").iterdir())


def edit(project, sql):
    connection = sqlite3.connect(project.root / "crm.db")
    with connection:
        connection.execute(sql)
    connection.close()


def states(project):
    told = json.loads(project.cli("status", "--json").stdout)
    return {row["stage"]: row["state"] for row in told["stages"]}, told["next"]


def many(project, rows=30_000):
    lines = (f"{n},Ana Pop{n},a{n}@b.example,07{n:08d},3,A\n" for n in range(10, rows))
    return project.write("data/people.csv", PEOPLE + "".join(lines))


def until(happened, seconds=60):
    """Wait until something has happened, however fast the machine is."""
    given_up = time.monotonic() + seconds
    while not happened() and time.monotonic() < given_up:
        time.sleep(0.01)


def test_a_reader_that_goes_away_does_not_stop_the_work(project):
    done = shell(project, "CRM run --load | head -1")
    assert (done.returncode, done.stderr) == (0, "")
    assert states(project)[0]["verify"] == "done"
    for line in ("CRM status | true", "CRM profile | head -1", "CRM explain all --json | head -1"):
        done = shell(project, line)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("line", ["CRM run >&-", "CRM run 2>&-", "CRM run <&- >&- 2>&-"])
def test_closed_streams(project, line):
    assert shell(project, line).returncode == 0
    assert states(project)[0]["plan"] == "done"


def test_a_full_disk_under_stdout(project):
    if not os.path.exists("/dev/full"):  # noqa: PTH110 - a device
        pytest.skip("no /dev/full on this system")
    for line in ("CRM explain all --json > /dev/full", "CRM check > /dev/full"):
        done = shell(project, line)
        assert done.returncode == 3
        assert "Traceback" not in done.stderr
        assert "no space left" in done.stderr


def test_rollback_without_stdin_is_refused(project):
    project.cli("run", "--load")
    done = shell(project, f"CRM rollback {run_folder(project).name} <&-")
    assert done.returncode == 4
    assert "not confirmed" in done.stderr


def test_a_terminal_that_knows_ascii_only(project):
    done = shell(project, "CRM run", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    done = shell(project, "CRM trace shop:people:1 --json", PYTHONIOENCODING="latin-1")
    assert json.loads(done.stdout)["source"]["name"] == "Popescu Ion"


def test_json_is_one_document_also_when_the_check_fails(project):
    mapping = (project.root / "mappings/contact.yaml").read_text()
    project.write("mappings/contact.yaml", mapping.replace("{from: email}", "{from: nope}"))
    done = project.cli("check", "--json", code=2)
    assert "nope" in json.loads(done.stdout)["problems"][0]["message"]
    assert "error:" in done.stderr
    assert "hint:" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("people.csv, key: [id]", "people.csv, key: [nr]", "there is no column 'nr'"),
        ("people.csv, key", "people.csv, header_row: 99, key", "no line 99"),
        ("path: data", "path: data\n    encoding: utf-88", "unknown encoding"),
        ("people.csv,", "nobody.csv,", "no such file"),
        ("target:", "mappings: [elsewhere/*.yaml]\ntarget:", "no file matches"),
    ],
)
def test_check_tells_what_extract_would_refuse(project, old, new, expected):
    project.write("migration.yaml", MIGRATION.replace(old, new))
    done = project.cli("check", code=2)
    assert expected in done.stderr
    assert "hint:" in done.stderr
    assert (
        expected.removeprefix("there is no ") in project.cli("run", code=2).stderr or "key" in old
    )


def test_check_without_the_data_warns_and_says_why(project):
    shutil.rmtree(project.root / "data")
    assert "columns of shop were not checked: there is no" in project.cli("check").stderr


def test_an_empty_table_goes_the_whole_road(project):
    project.write("data/people.csv", PEOPLE.splitlines()[0] + "\n")
    project.cli("run", "--load")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_clean_tells_that_it_was_interrupted(project, number):
    many(project, 600_000)
    arguments = ("clean", "data/people.csv", "--field", "phone=phone", "-o", "out.csv", "--json")
    if signal.getsignal(number) is signal.SIG_IGN:  # as under nohup, which the command respects
        signal.signal(number, signal.SIG_DFL)
    with project.start(*arguments) as process:
        until(lambda: list(project.root.glob(".out.csv.*.tmp")))
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(out)["error"]["kind"] == "InterruptedRunError"
    assert err.startswith("error: interrupted\n\nhint: ")
    assert [p.name for p in project.root.iterdir() if "out" in p.name] == []


def test_an_interrupted_stage_tells_what_was_finished(project):
    many(project)
    with project.start("run", "--load") as process:
        assert process.stdout.readline().startswith("extract")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.startswith("error: interrupted")
    assert "hint:" in err
    assert "Traceback" not in err


def test_after_a_rollback_load_and_verify_are_undone_and_the_next_run_plans_anew(project):
    project.cli("run", "--load")
    first = run_folder(project).name
    project.cli("rollback", first, "--select", "contact", "--yes")
    found, step = states(project)
    assert (found["load"], found["verify"], step) == (
        "partly undone",
        "partly undone",
        "crmmigrate plan",
    )
    project.cli("rollback", first, "--yes")
    found, step = states(project)
    assert (found["validate"], found["load"], found["verify"]) == ("done", "undone", "undone")
    done = json.loads(project.cli("run", "--load", "--json").stdout)
    plan = next(r for r in done["reports"] if r["stage"] == "plan")
    assert plan["run_id"] != first
    assert plan["facts"]["pending"] == 5
    assert states(project) == (dict.fromkeys(found, "done"), "crmmigrate report")


def test_a_load_that_was_broken_off_and_undone_is_not_resumed(project):
    project.cli("run", "--load")
    facts = run_folder(project) / "run.json"
    record = json.loads(facts.read_text())
    for stage in ("load", "verify"):
        record["stages"].pop(stage)
    facts.write_text(json.dumps(record))
    assert states(project)[1] == "crmmigrate load"
    project.cli("rollback", record["id"], "--yes")
    done = json.loads(project.cli("run", "--load", "--json").stdout)
    assert [r["stage"] for r in done["reports"]][-3:] == ["plan", "load", "verify"]


def test_an_edit_of_a_field_that_nothing_feeds_is_no_difference(project):
    project.cli("run", "--load")
    edit(project, "update contact set description = 'called twice' where name like 'Maria%'")
    project.cli("verify")
    edit(project, "update contact set phone = '+40700000000' where name like 'Maria%'")
    project.cli("verify", code=1)


def test_an_older_run_can_be_named_to_load(project):
    project.cli("run", "--load")
    older = run_folder(project).name
    project.write("data/people.csv", PEOPLE.replace("Maria", "Mara"))
    project.cli("extract")
    assert run_folder(project).name != older
    assert json.loads(project.cli("load", older, "--json").stdout)["run_id"] == older


@pytest.mark.parametrize("damage", ["delete", "empty", "garbage", "other"])
@pytest.mark.parametrize("name", ["map/report.json", "map/contact~shop.people/manifest.json"])
def test_a_damaged_file_of_a_stage_never_loses_records(project, name, damage):
    project.cli("run")
    path = run_folder(project) / name
    if damage == "delete":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "garbage": os.urandom(99), "other": b"{}"}[damage])
    with project.start("standardize", "--force", "--json") as process:
        out, err = process.communicate(timeout=60)
    if process.returncode:
        assert process.returncode == 4
        assert "run `crmmigrate map --force` to write it anew" in err
        project.cli("map", "--force")
        out = project.cli("standardize", "--json").stdout
    assert {line["object"]: line["rows_in"] for line in json.loads(out)["books"]} == {
        "account": 3,
        "contact": 4,
    }
    project.cli("run", "--load")


@pytest.mark.parametrize(
    "name", ["plan.json", "contact/operations-00000.parquet", "contact/manifest.json"]
)
def test_a_damaged_plan_of_a_load_can_only_be_restored(project, name):
    project.cli("run", "--load")
    path = run_folder(project) / "plan" / name
    path.write_bytes(b"x" * path.stat().st_size)
    err = project.cli("rollback", run_folder(project).name, "--yes", code=4).stderr
    assert "restore the folder of the run from a backup" in err


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\xff\xfe"])
def test_a_damaged_run_record_tells_the_way_out(project, content):
    project.cli("run", "--load")
    (run_folder(project) / "run.json").write_bytes(content)
    for command in ("status", "run", "report"):
        err = project.cli(command, code=4).stderr
        assert "run.json" in err
        assert "move the folder of the run away" in err
    shutil.move(run_folder(project), project.root / "away")
    done = json.loads(project.cli("run", "--load", "--json").stdout)
    assert done["reports"][5]["facts"]["pending"] == 0


def test_odd_names_of_folders_files_and_columns(tmp_path, project):
    odd = Project(tmp_path / 'wé "q" [b] * \'s')
    column = '[/red] "N, am\'e" é 名'
    shutil.copytree(
        project.root, odd.root, ignore=lambda _, names: [n for n in names if n.startswith("w")]
    )
    quoted = '"' + column.replace('"', '""') + '"'
    odd.write("data/pe ople [x].csv", PEOPLE.replace("id,name", f"id,{quoted}", 1))
    odd.write("migration.yaml", MIGRATION.replace("people.csv", "'pe ople [x].csv'", 1))
    mapping = (odd.root / "mappings/contact.yaml").read_text()
    yaml = "'" + column.replace("'", "''") + "'"
    odd.write(
        "mappings/contact.yaml", mapping.replace("name: {from: name}", f"name: {{from: {yaml}}}")
    )
    for command in (("check",), ("run", "--load"), ("profile",), ("report",), ("status",)):
        odd.cli(*command)
    assert "Popescu" in odd.cli("trace", "shop:people:1").stdout


def test_a_project_can_be_moved(tmp_path, project):
    project.cli("run")
    moved = Project(tmp_path.with_name(tmp_path.name + "-moved"))
    shutil.copytree(project.root, moved.root)
    assert states(moved)[0]["extract"] == "done"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--source", "a=nofile.csv"), "no such file"),
        (("--source", "a=data"), "directory"),
        (("--source", "a/b=data/people.csv"), "no name for a source"),
        (("--source", "a=data/people.csv", "--source", "a=data/companies.csv"), "named twice"),
        (("--source", "a=data/people.csv", "--region", "ZZ"), "unknown region"),
    ],
)
def test_init_refuses_what_cannot_work_and_writes_nothing(project, arguments, expected):
    done = project.cli("init", "fresh", *arguments, code=2)
    assert expected in done.stderr
    assert "hint:" in done.stderr
    assert not (project.root / "fresh/migration.yaml").exists()


def test_the_list_of_commands_is_not_cut_off(project):
    listed = project.cli("--help").stdout.split("Commands:")[1]
    assert "..." not in listed
    assert all(line.endswith(".") for line in listed.strip().splitlines())
    assert len(app.registered_commands) == len(listed.strip().splitlines())
    assert "error:" not in project.cli(code=2).stderr
