"""Whatever comes in: the right exit code, one clear error with a hint, and the next run goes on."""

import json
import resource
import signal
import sqlite3
import time

import pytest
from support.small_project import ACCOUNT, COMPANIES, MIGRATION, PEOPLE

RAGGED = PEOPLE + "6,Too,few\n7,a,b,c,d,e,f,g\n8,Dan Rusu,dan@beta.example,0755 111 222,3,A\n"
UNCLOSED = (
    PEOPLE + '6,"Open quote,x@beta.example,0755 111 222,3,A\n7,Dan Rusu,d@beta.example,,3,A\n'
)


def books(project, stage, name):
    done = json.loads(project.cli("run", "--json").stdout)
    lines = next(s for s in done["reports"] if s["stage"] == stage)["books"]
    return next(line for line in lines if line["object"] == name)


def test_missing_file(project):
    (project.root / "data/people.csv").unlink()
    done = project.cli("extract", code=2)
    assert "people.csv" in done.stderr
    assert "hint:" in done.stderr


def test_directory_instead_of_file(project):
    (project.root / "data/people.csv").unlink()
    (project.root / "data/people.csv").mkdir()
    assert "people.csv" in project.cli("extract", code=2).stderr


def test_empty_file(project):
    project.write("data/people.csv", b"")
    assert "empty" in project.cli("extract", code=2).stderr


def test_header_only(project):
    project.write("data/people.csv", PEOPLE.splitlines()[0] + "\n")
    assert books(project, "extract", "shop.people")["rows_in"] == 0


@pytest.mark.parametrize(
    ("content", "rejected"),
    [
        (RAGGED, 2),
        (UNCLOSED, 1),
        (PEOPLE.replace("Radu Stan", "Radu\0Stan"), None),
        (PEOPLE.encode() + "6,Ștefan Țurcanu,s@b.example,,3,A\n".encode("cp1250", "replace"), None),
        (PEOPLE + "3,Maria Again,m@b.example,,3,A\n", 1),
    ],
    ids=["ragged", "unclosed quote", "nul", "mixed encoding", "duplicate key"],
)
def test_rows_that_cannot_be_read_are_kept_apart(project, content, rejected):
    project.write("data/people.csv", content)
    line = books(project, "extract", "shop.people")
    assert line["rows_in"] == line["rows_out"] + line["rejected"] + line["excluded"]
    if rejected is not None:
        assert line["rejected"] == rejected
    assert line["rows_out"] >= 4


def test_duplicate_column_names_are_told(project):
    project.write("data/people.csv", PEOPLE.replace("phone", "email", 1))
    done = project.cli("check", code=2)
    assert "phone" in done.stderr


def test_missing_key_column(project):
    project.write(
        "migration.yaml", MIGRATION.replace("people.csv, key: [id]", "people.csv, key: [nr]")
    )
    done = project.cli("extract", code=2)
    assert "nr" in done.stderr
    assert "hint:" in done.stderr


def test_dangling_reference_is_a_finding(project):
    done = json.loads(project.cli("run", "--json").stdout)
    codes = {f["code"] for f in done["reports"][1]["findings"]}
    assert "MAP301" in codes


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "mappings/contact.yaml",
            "email: {from: email}",
            "emial: {from: email}",
            "did you mean 'email'",
        ),
        ("mappings/contact.yaml", "{from: email}", "{form: email}", "did you mean 'from'"),
        ("mappings/contact.yaml", "object: account,", "object: acount,", "did you mean 'account'"),
        ("migration.yaml", "sources:", "suorces:", "did you mean 'sources'"),
        ("migration.yaml", "version: 1", "version: [", "not valid YAML"),
        (
            "migration.yaml",
            "match: {account: account",
            "match: {acount: account",
            "did you mean 'account'",
        ),
    ],
)
def test_wrong_configuration_names_file_and_line(project, file, old, new, expected):
    text = (project.root / file).read_text()
    assert old in text
    project.write(file, text.replace(old, new, 1))
    done = project.cli("check", code=2)
    assert expected in done.stderr
    assert f"{file}:" in done.stderr


def test_unknown_value_in_a_value_map_is_rejected_with_its_reason(project):
    done = json.loads(project.cli("run", "--json").stdout)
    line = next(b for b in done["reports"][1]["books"] if b["object"] == "contact")
    assert line["rejected"] == 1


def test_cyclic_mapping(project):
    project.write(
        "mappings/account.yaml",
        ACCOUNT.replace("fields:", "derive: {a: UPPER(b), b: UPPER(a)}\nfields:"),
    )
    assert "cycl" in project.cli("check", code=2).stderr


def test_no_project(project):
    (project.root / "migration.yaml").unlink()
    done = project.cli("run", code=2)
    assert "hint:" in done.stderr
    assert "crmmigrate init" in done.stderr


def test_locked_workspace(project):
    from datetime import UTC, datetime

    from crmmigrate.store.workspace import Workspace

    with Workspace(project.root).locked(datetime.now(UTC)):
        done = project.cli("run", code=4)
    assert "another crmmigrate works in this project" in done.stderr


def test_corrupt_artifact(project):
    project.cli("run")
    part = next((project.root / ".crmmigrate/runs").glob("*/standardize/contact*/rows-*.parquet"))
    part.write_bytes(b"x" * part.stat().st_size)
    done = project.cli("dedupe", "--force", code=4)
    assert "damaged artifact" in done.stderr
    assert "--force" in done.stderr
    project.cli("standardize", "--force")
    project.cli("dedupe")


def test_corrupt_ledger(project):
    project.cli("run", "--load")
    ledger = project.root / ".crmmigrate/ledger.db"
    for extra in ledger.parent.glob("ledger.db-*"):
        extra.unlink()
    ledger.write_bytes(b"not a database" * 100)
    done = project.cli("load", code=4)
    assert "ledger" in done.stderr
    assert "hint:" in done.stderr


def test_no_space_left(project):
    project.write(
        "data/people.csv",
        PEOPLE + "".join(f"{n},Ana B{n},a{n}@b.example,,3,A\n" for n in range(10, 9000)),
    )
    limit = 50_000
    done = project.cli(
        "extract",
        code=3,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert "no space left" in done.stderr
    project.cli("run")


@pytest.mark.skipif("__import__('os').geteuid() == 0", reason="root may read everything")
def test_no_permission(project):
    (project.root / "data/people.csv").chmod(0)
    assert "permission" in project.cli("extract", code=2).stderr


@pytest.mark.slow
def test_ctrl_c_anywhere_leaves_a_state_that_goes_on(project):
    project.write("data/companies.csv", COMPANIES)
    project.write(
        "data/people.csv",
        PEOPLE + "".join(f"{n},Ana Pop{n},a{n}@b.example,07{n:08d},3,A\n" for n in range(10, 3000)),
    )
    interrupted = 0
    for tenth in range(4, 30, 3):
        with project.start("run", "--load") as process:
            time.sleep(tenth / 10)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=120)
        assert "Traceback" not in out + err
        assert process.returncode in {0, 130, -2}, err
        interrupted += process.returncode == 130
    assert interrupted
    project.cli("run", "--load")
    with sqlite3.connect(project.root / "crm.db") as connection:
        ((count,),) = connection.execute("select count(*) from contact where deleted_at is null")
        ((keys,),) = connection.execute("select count(distinct external_id) from contact")
    assert count == keys
