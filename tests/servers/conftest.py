"""Real servers, started once for all tests; a loud skip where they are not installed, in CI a failure.

CRMMIGRATE_TEST_ODOO_URL, _DATABASE, _USER and _PASSWORD name an Odoo to use instead of starting one,
CRMMIGRATE_TEST_TRYTON_URL and its like a Tryton;
CRMMIGRATE_TEST_CARDDAV_URL, _USER and _PASSWORD name the folder of address books of a CardDAV server.
CRMMIGRATE_TEST_POSTGRESQL_URL and CRMMIGRATE_TEST_MARIADB_URL empty databases, which are emptied again,
e.g. postgresql+psycopg://user:password@host/empty.
"""

import os

import pytest
from servers import absence, databases, odoo_server, radicale_server, tryton_server
from servers.native_crm import lent
from support.whole_projects import Examples
from xdist.scheduler import LoadScopeScheduling

SLOW_FIRST = ("odoo", "tryton", "carddav")


class OneWorkerForEach(LoadScopeScheduling):
    """Brings the tests of one server to one worker, so that each is started once."""

    def _split_scope(self, nodeid):
        return server_of(nodeid)


def pytest_xdist_make_scheduler(config, log):
    """Put ours in the place of the one that `--dist loadscope` chooses."""
    return OneWorkerForEach(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(items):
    """Begin with the servers that take longest."""
    places = {server: number for number, server in enumerate(SLOW_FIRST)}
    items.sort(key=lambda item: places.get(server_of(item.nodeid), len(places)))


def server_of(nodeid):
    """Return the server that a test needs first of all, else its file."""
    named = nodeid.partition("tests/servers/")[2] or nodeid
    return next((s for s in SLOW_FIRST if s in named), named.partition("::")[0])


@pytest.fixture(scope="session")
def odoo():
    """An Odoo server: 11 from the registry, or the one that is named."""
    url = os.environ.get("CRMMIGRATE_TEST_ODOO_URL")
    if url:
        names = {"database": "DATABASE", "user": "USER", "password": "PASSWORD"}
        told = {n: os.environ.get(f"CRMMIGRATE_TEST_ODOO_{s}", "") for n, s in names.items()}
        yield odoo_server.OdooServer(url, **told)
        return
    lacking = odoo_server.missing()
    if lacking:
        absence.give_up("odoo", lacking, odoo_server.excuse())
    with odoo_server.running() as started:
        yield started


@pytest.fixture(scope="session")
def tryton():
    """A Tryton server: 8 from the registry on SQLite, or the one that is named."""
    url = os.environ.get("CRMMIGRATE_TEST_TRYTON_URL")
    if url:
        names = {"database": "DATABASE", "user": "USER", "password": "PASSWORD"}
        told = {n: os.environ.get(f"CRMMIGRATE_TEST_TRYTON_{s}", "") for n, s in names.items()}
        named = tryton_server.TrytonServer(url, **{n: v for n, v in told.items() if v})
        tryton_server.furnish(named)
        yield named
        return
    lacking = tryton_server.missing()
    if lacking:
        absence.give_up("tryton", lacking)
    with tryton_server.running() as started:
        yield started


@pytest.fixture
def crm(odoo):
    """The native adapter; at the end the server must be as it was."""
    yield from lent(odoo)


@pytest.fixture(scope="session")
def examples(request, tmp_path_factory, repository):
    """The example projects, ready to be planned."""
    legacy = lambda: request.getfixturevalue("shared_data") / "legacy"  # noqa: E731
    return Examples(tmp_path_factory.mktemp("examples"), repository, legacy)


@pytest.fixture(scope="session")
def postgresql():
    """A PostgreSQL server."""
    with databases.started("postgresql") as server:
        yield server


@pytest.fixture(scope="session")
def mariadb():
    """A MariaDB server."""
    with databases.started("mariadb") as server:
        yield server


@pytest.fixture(params=databases.KINDS)
def server(request):
    """Each database server, with an empty database."""
    found = request.getfixturevalue(request.param)
    found.renew()
    return found


@pytest.fixture(scope="session")
def carddav():
    """A CardDAV server: Radicale, or the one that is named."""
    url = os.environ.get("CRMMIGRATE_TEST_CARDDAV_URL")
    if url:
        told = [os.environ.get(f"CRMMIGRATE_TEST_CARDDAV_{n}", "") for n in ("USER", "PASSWORD")]
        yield radicale_server.CardDavServer(url, *told)
        return
    lacking = radicale_server.missing()
    if lacking:
        absence.give_up("radicale", lacking)
    with radicale_server.running() as started:
        yield started


@pytest.fixture
def book(carddav):
    """An empty address book."""
    with carddav.book() as path:
        yield path
