"""Whole projects into PostgreSQL and MariaDB by the command line, and out again."""

import shutil

import pytest
import sqlalchemy as sa
from support.small_project import Project

STAGES = ("extract", "map", "standardize", "dedupe", "validate")


@pytest.fixture
def consolidation(tmp_path, repository, server, monkeypatch):
    """The consolidation example with a database as its target, ready to be planned."""
    url = sa.make_url(server.url)
    monkeypatch.setenv("CRM_PASSWORD", url.password or "")
    shown = url.set(password=None).render_as_string().replace("@", ":${env:CRM_PASSWORD}@")
    source = repository / "examples" / "consolidation"
    for name in ("data", "mappings"):
        shutil.copytree(source / name, tmp_path / name)
    lines = (source / "migration.yaml").read_text(encoding="utf-8").splitlines()
    entry = f'target: {{adapter: database, url: "{shown}"}}'
    told = [entry if line.startswith("target:") else line for line in lines]
    project = Project(tmp_path)
    project.write("migration.yaml", "\n".join(told))
    for stage in STAGES:
        project.cli(stage)
    return project


def test_the_consolidation_example_goes_in_and_out(server, consolidation):
    consolidation.cli("plan")
    loaded = consolidation.cli("load").stdout
    assert "8,832" in loaded
    assert server.run('SELECT count(*) FROM "contact" WHERE deleted_at IS NULL')[0][0] > 1000
    assert "exactly as they should be" in consolidation.cli("verify").stdout
    assert "nothing to do" in consolidation.cli("plan").stdout
    run = min((consolidation.root / ".crmmigrate" / "runs").iterdir()).name
    assert "records were removed" in consolidation.cli("rollback", run, "--yes").stdout
    for table in ("account", "contact", "invoice"):
        assert server.run(f'SELECT count(*) FROM "{table}"') == [(0,)]
