"""A field of Odoo that shows our key to people: made on demand, filled, and left alone unasked."""

from pathlib import Path

import pytest
from support.small_project import Project
from support.whole_projects import STAGES, retarget, runs_of, write_small_project

from crmmigrate.adapters.odoo import open_native

FIELD = "x_legacy_key"


@pytest.fixture
def client(odoo):
    """The server as its administrator sees it; our field is gone at the end."""
    target = open_native(odoo.options(), Path())
    yield target._client
    ids = [number for *_, number in fields_of(target._client)]
    target._client.call("ir.model.fields", "unlink", {}, ids=ids)
    target.close()


@pytest.fixture
def project(tmp_path, repository, odoo):
    """The small project with Odoo as its target, whose mapping names the field."""
    project = Project(tmp_path)
    write_small_project(project)
    options = {"database": odoo.database, "user": odoo.user, "password": "${file:secret}"}
    project.write("secret", odoo.password)
    retarget(project, {"adapter": "odoo", "url": odoo.url, "options": options})
    ready = (repository / "mappings" / "odoo" / "from_canonical.yaml").read_text(encoding="utf-8")
    shown = ready.replace("  account:\n", f"  account:\n    key_field: {FIELD}\n", 1)
    assert shown != ready
    project.write("mappings/odoo/from_canonical.yaml", shown)
    return project


def fields_of(client):
    """Return name, type, index, whether copies take it, and id of fields that people made."""
    domain = [["model", "=", "res.partner"], ["state", "=", "manual"]]
    copied = "copied" if client.version.major > 11 else "copy"
    asked = {"domain": domain, "fields": ["name", "ttype", "index", copied]}
    rows = client.call("ir.model.fields", "search_read", asked, repeatable=True)
    return [(row["name"], row["ttype"], row["index"], row[copied], row["id"]) for row in rows]


def test_it_is_made_on_demand_and_filled(client, project):
    failed = project.cli("connect", code=2).stdout
    assert "--create-field" in failed
    assert not fields_of(client), "nothing is made unasked"
    for stage in STAGES:
        project.cli(stage)
    done = project.cli("plan", code=2)
    assert f"res.partner has no field {FIELD}" in " ".join(done.stderr.split())
    said = " ".join(project.cli("connect", "target", "--create-field").stdout.split())
    assert f"res.partner.{FIELD}: made" in said
    assert "none is needed: our keys are external ids" in said, "for the other models"
    assert "quota: not told" in said
    said = " ".join(project.cli("connect", "target", "--create-field").stdout.split())
    assert f"res.partner.{FIELD}: is there already" in said
    ((*made, _),) = fields_of(client)
    assert made == [FIELD, "char", True, False]
    project.cli("plan")
    project.cli("load")
    asked = {"domain": [[FIELD, "!=", False]], "fields": [FIELD, "is_company"]}
    rows = client.call("res.partner", "search_read", asked, repeatable=True)
    assert len(rows) == 2
    assert all(row["is_company"] and "companies" in row[FIELD] for row in rows), rows
    assert "exactly as they should be" in project.cli("verify").stdout
    assert "nothing to do" in project.cli("plan").stdout
    project.cli("rollback", runs_of(project)[0], "--yes")
