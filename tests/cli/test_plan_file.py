"""`plan -o FILE` and `load FILE`: exactly that plan, here or elsewhere, or nothing at all."""

import json
import re
import shutil
import sqlite3
import stat
import zipfile

import pytest
from support.small_project import ACCOUNT, COMPANIES, CONTACT, MIGRATION, PEOPLE, Project

STAGES = ("extract", "map", "standardize", "dedupe", "validate")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("planned"))
    project.write("migration.yaml", MIGRATION)
    project.write("mappings/company.yaml", ACCOUNT)
    project.write("mappings/person.yaml", CONTACT)
    project.write("data/companies.csv", COMPANIES)
    project.write("data/people.csv", PEOPLE)
    for stage in STAGES:
        project.cli(stage)
    told = project.cli("plan", "-o", "friday.plan").stdout
    assert "next: crmmigrate load friday.plan" in told
    return project.root


@pytest.fixture
def project(template, tmp_path):
    shutil.copytree(template, tmp_path / "project")
    return Project(tmp_path / "project")


def names(project):
    with sqlite3.connect(project.root / "crm.db") as crm:
        return sorted(row[0] for row in crm.execute("SELECT name FROM contact"))


def test_only_its_owner_reads_it(project):
    file = project.root / "friday.plan"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    project.root.joinpath("friday.plan").chmod(0o644)
    project.cli("plan", "-o", "friday.plan")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = json.loads(project.cli("plan", "-o", "again.plan", "--json").stdout)
    assert "again.plan" in json.dumps(told)


def test_it_is_loaded_as_it_is_and_once(project):
    project.cli("load", "friday.plan")
    loaded = names(project)
    assert loaded
    project.cli("load", "friday.plan")
    assert names(project) == loaded
    assert "exactly as they should be" in project.cli("verify").stdout


def test_it_is_loaded_where_nothing_else_is_known(project):
    shutil.rmtree(project.root / ".crmmigrate")
    shutil.rmtree(project.root / "data")
    told = json.loads(project.cli("load", "friday.plan", "--json").stdout)
    assert json.dumps(told).count("created")
    assert names(project)


def test_a_newer_plan_of_the_run_refuses_the_file(project):
    project.write("migration.yaml", MIGRATION.replace("name: small", "name: other"))
    project.cli("plan")
    told = project.cli("load", "friday.plan", code=4).stderr
    assert "planned anew" in told or "has changed" in told
    assert not (project.root / "crm.db").exists()


def test_a_target_that_has_changed_refuses_the_file(project):
    shutil.copytree(project.root, project.root.with_name("other"))
    other = Project(project.root.with_name("other"))
    other.cli("load", "friday.plan")
    shutil.copy(other.root / "crm.db", project.root / "crm.db")
    told = project.cli("load", "friday.plan", code=4).stderr
    assert "have changed since the plan was made (20" in told
    assert "is there already" in told


def test_a_record_that_was_edited_is_named_with_its_field(project):
    project.cli("load", "friday.plan")
    project.write("data/people.csv", PEOPLE.replace("maria@beta", "maria.i@beta"))
    for stage in STAGES:
        project.cli(stage)
    project.cli("plan", "-o", "monday.plan")
    with sqlite3.connect(project.root / "crm.db") as crm:
        crm.execute("UPDATE contact SET email = 'secret@edited.example' WHERE name LIKE 'Maria%'")
    told = project.cli("load", "monday.plan", code=4).stderr
    assert re.search(r"since the plan was made \(20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\)", told)
    assert re.search(r"changed: shop:contact:people/3: email \(20\d\d-\S+ \S+ UTC\)", told)
    assert "secret@" not in told
    anew = project.cli("load", "monday.plan", "--allow-drift", "--json").stdout
    assert "contact: 1 record changed since the plan" in anew
    with sqlite3.connect(project.root / "crm.db") as crm:
        found = crm.execute("SELECT email FROM contact WHERE name LIKE 'Maria%'").fetchone()
    assert found[0].startswith("maria.i@beta")
    project.cli("load", "monday.plan")
    project.cli("verify")


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_damaged_byte_is_refused(project, elsewhere):
    if elsewhere:
        shutil.rmtree(project.root / ".crmmigrate")
    content = bytearray((project.root / "friday.plan").read_bytes())
    with zipfile.ZipFile(project.root / "friday.plan") as archive:
        parts = [i for i in archive.infolist() if i.filename.endswith(".parquet")]
    content[parts[0].header_offset + 200] ^= 0xFF
    project.write("damaged.plan", bytes(content))
    told = project.cli("load", "damaged.plan", code=4).stderr
    assert "changed or damaged" in told
    assert not (project.root / "crm.db").exists()


@pytest.mark.parametrize("elsewhere", [True, False])
@pytest.mark.parametrize("wrong", ["plan/plan.json", "part"])
def test_a_changed_file_is_refused(project, wrong, elsewhere):
    if elsewhere:
        shutil.rmtree(project.root / ".crmmigrate")
    source, target = project.root / "friday.plan", project.root / "changed.plan"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == wrong:
                content = content.replace(b'"create": ', b'"create": 1')
            if wrong == "part" and name.endswith(".parquet") and "operations" in name:
                content += b" "
            new.writestr(name, content)
    told = project.cli("load", "changed.plan", code=4).stderr
    assert "changed or damaged" in told
    assert not (project.root / "crm.db").exists()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.plan", None, "no such file"),
        ("text.plan", b"hello", "this is no plan"),
        ("empty.plan", b"", "this is no plan"),
        ("other.zip", "zip", "this is no plan"),
    ],
)
def test_what_is_no_plan_is_told(project, name, content, says):
    if content == "zip":
        with zipfile.ZipFile(project.root / name, "w") as archive:
            archive.writestr("../../evil", "x")
    elif content is not None:
        project.write(name, content)
    assert says in project.cli("load", name, code=2).stderr


def test_a_place_that_cannot_be_written_is_told(project):
    assert "no such folder" in project.cli("plan", "-o", "no/where.plan", code=2).stderr
    assert "this is a folder" in project.cli("plan", "-o", "data", code=2).stderr
