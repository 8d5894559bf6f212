"""Database URLs of targets: which dialect they mean, and what may be wrong with them."""

import sqlalchemy as sa

from crmmigrate.adapters.relational.database import Place
from crmmigrate.adapters.relational.dialect import Dialect
from crmmigrate.adapters.relational.mariadb import MariaDB
from crmmigrate.adapters.relational.postgresql import PostgreSQL
from crmmigrate.errors import ConfigError

__all__ = ["open_url"]

_DIALECTS: dict[str, tuple[type[PostgreSQL] | type[MariaDB], str, str]] = {
    "postgresql": (PostgreSQL, "psycopg", "postgresql"),
    "mysql": (MariaDB, "pymysql", "mysql"),
    "mariadb": (MariaDB, "pymysql", "mysql"),
}
"""Backend → dialect, driver and extra of this package that brings the driver."""


def open_url(url: object) -> tuple[Place, Dialect]:
    """Return the engine of a URL and its dialect; nothing is connected yet.

    Raises:
        ConfigError: there is no URL, it is none of a database that can be a target, or its driver
            is not installed.
    """
    if not isinstance(url, str) or not url.strip():
        raise ConfigError(
            "target.url is missing",
            hint="e.g. postgresql+psycopg://user:${env:PASSWORD}@localhost/crm",
        )
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise ConfigError(
            "target.url is no database URL",
            hint="e.g. postgresql+psycopg://user:${env:PASSWORD}@localhost/crm",
        ) from None
    if parsed.get_backend_name() not in _DIALECTS:
        raise ConfigError(
            f"'{parsed.get_backend_name()}' databases cannot be a target",
            hint="PostgreSQL and MariaDB can; a SQLite file has the adapter sqlite",
        )
    kind, driver, extra = _DIALECTS[parsed.get_backend_name()]
    parsed = parsed.set(drivername=f"{parsed.get_backend_name()}+{driver}")
    dialect = kind()
    try:
        engine = dialect.engine(parsed.render_as_string(hide_password=False))
    except ImportError:
        raise ConfigError(
            f"the driver '{driver}' is not installed", hint=f"pip install 'crmmigrate[{extra}]'"
        ) from None
    return Place(engine, parsed.render_as_string(hide_password=True)), dialect
