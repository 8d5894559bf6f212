"""Whole projects into PostgreSQL and MariaDB by the command line, and out again."""

import pytest
import sqlalchemy as sa
from support.whole_projects import EXAMPLES, go_in_and_out


@pytest.fixture
def entry(server, monkeypatch):
    """The entry `target:`; the password stands in the environment."""
    url = sa.make_url(server.url)
    monkeypatch.setenv("CRM_PASSWORD", url.password or "")
    shown = url.set(password=None).render_as_string().replace("@", ":${env:CRM_PASSWORD}@")
    return {"adapter": "database", "url": shown}


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_goes_in_and_out(name, server, entry, examples, tmp_path):
    def state():
        with server.connection() as connection:
            inspector = sa.inspect(connection)
            held = {
                t: {c["name"] for c in inspector.get_columns(t)}
                for t in inspector.get_table_names()
            }
        sql = 'SELECT count(*) FROM "{}" WHERE deleted_at IS NULL'
        counts = {t: server.run(sql.format(t))[0][0] for t, c in held.items() if "deleted_at" in c}
        return {table: rows for table, rows in counts.items() if rows}

    project = examples.copy(name, tmp_path, entry)
    told = go_in_and_out(project, state)
    objects = told.load["facts"]["objects"].values()
    assert sum(c["created"] for c in objects) == sum(c["golden"] for c in objects) > 8000
