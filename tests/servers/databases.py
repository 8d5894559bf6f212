"""Database servers for tests, with an empty database for each."""

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from servers import absence, mariadb_server, postgresql_server

KINDS = ("postgresql", "mariadb")


class Server:
    """A database server and a fresh database in it for every test."""

    def __init__(self, kind, url):
        self.kind = kind
        self.url = url

    @contextmanager
    def connection(self):
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            yield connection

    def renew(self):
        """Leave the database as it was when it was new."""
        with self.connection() as connection:
            if self.kind == "postgresql":
                connection.exec_driver_sql("DROP SCHEMA public CASCADE")
                connection.exec_driver_sql("CREATE SCHEMA public")
            else:
                name = sa.make_url(self.url).database
                connection.exec_driver_sql(f"DROP DATABASE `{name}`")
                connection.exec_driver_sql(f"CREATE DATABASE `{name}` CHARACTER SET latin1")

    def options(self, **more):
        return {"adapter": "database", "url": self.url, **more}

    def run(self, *statements):
        """Run statements in the same words on both; return the rows of the last."""
        with self.connection() as connection:
            if self.kind == "mariadb":
                connection.exec_driver_sql("SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES'")
            found = [connection.exec_driver_sql(statement) for statement in statements]
            return [tuple(r) for r in found[-1].fetchall()] if found[-1].returns_rows else []


@contextmanager
def started(kind):
    """Yield a server that is started here, or the one that is named; give up where there is none."""
    url = os.environ.get(f"CRMMIGRATE_TEST_{kind.upper()}_URL")
    if url:
        yield Server(kind, url)
        return
    installed, start = _PROGRAMS[kind]
    if installed() is None:
        package = {"mariadb": "mariadb-server"}.get(kind, kind)
        absence.give_up(kind, f"{kind} (apt-get install {package})")
    with TemporaryDirectory(prefix=f"crmmigrate-{kind}-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)  # the servers run as other users
        with start(Path(name) / "server") as url:
            yield Server(kind, url)


@contextmanager
def _postgresql(folder):
    with postgresql_server.cluster(folder) as port:
        yield f"postgresql+psycopg://crm@127.0.0.1:{port}/postgres"


@contextmanager
def _mariadb(folder):
    with mariadb_server.server(folder) as port:
        url = f"mysql+pymysql://root@127.0.0.1:{port}"
        with Server("mariadb", f"{url}/mysql").connection() as connection:
            connection.exec_driver_sql("CREATE DATABASE crm")
        yield f"{url}/crm"


_PROGRAMS = {
    "postgresql": (postgresql_server.programs, _postgresql),
    "mariadb": (mariadb_server.program, _mariadb),
}
