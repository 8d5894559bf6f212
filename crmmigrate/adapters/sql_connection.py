"""Connections to databases that are only read, and what goes wrong with them in plain words."""

import sqlite3
from pathlib import Path
from urllib.parse import quote, unquote

import sqlalchemy as sa

from crmmigrate.adapters.input_files import check_file
from crmmigrate.adapters.text_lines import UNDECODABLE
from crmmigrate.errors import CrmMigrateError, RemoteError, UsageError

__all__ = ["connect_readonly", "explain", "show_url"]

_MEMORY = {None, "", ":memory:"}


def connect_readonly(url: str, root: Path) -> sa.Engine:
    """Return an engine for a database URL.

    Args:
        url: SQLAlchemy URL; `sqlite:///data/erp.db` is relative to the project.
        root: Folder of the project.

    Raises:
        UsageError: the URL is wrong, its driver is not installed, or the SQLite file is missing.
    """
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed, root)
        return sa.create_engine(parsed, **_readonly(parsed))
    except sa.exc.NoSuchModuleError:
        name = url.split(":", 1)[0]
        raise UsageError(
            f"unknown kind of database '{name}'",
            hint="e.g. sqlite, postgresql+psycopg, mysql+pymysql, mssql+pyodbc, oracle+oracledb",
        ) from None
    except sa.exc.ArgumentError:
        raise UsageError(
            "this is no database URL", hint="e.g. sqlite:///data/erp.db or postgresql://host/name"
        ) from None
    except ImportError as exc:
        raise UsageError(
            f"the driver '{exc.name}' is not installed", hint=f"pip install {exc.name}"
        ) from None


def explain(exc: sa.exc.SQLAlchemyError, url: sa.URL) -> CrmMigrateError:
    """Turn an error of the database into ours; the password is never shown."""
    original = getattr(exc, "orig", None)
    text = str(original or exc).strip().split("\n", 1)[0]
    if url.password:
        text = text.replace(str(url.password), "***")
    where = show_url(url)
    if "not a database" in text or "malformed" in text:
        return UsageError(
            "this is no SQLite database, or it is damaged",
            where=where,
            causes=[text],
            hint="check the file; a copy from a running system must include its -wal file",
        )
    if isinstance(exc, sa.exc.ProgrammingError) or "no such" in text or "syntax" in text:
        return UsageError(
            "the database refuses the query",
            where=where,
            causes=[text],
            hint="check `table` or `query` of the dataset",
        )
    return RemoteError(
        "the database cannot be read",
        where=where,
        causes=[text],
        hint="check that it runs and that the user may read; running again is safe",
    )


def show_url(url: sa.URL) -> str:
    """Return a URL without its password; for SQLite the path of the file."""
    if url.get_backend_name() == "sqlite" and url.database:
        return unquote(url.database.removeprefix("file:"))
    return url.render_as_string(hide_password=True)


def _sqlite(url: sa.URL, root: Path) -> sa.Engine:
    """Open a SQLite file read-only; it is neither created nor written."""
    if url.database in _MEMORY:
        raise UsageError("a source must be a SQLite file", hint="e.g. sqlite:///data/erp.db")
    name = str(url.database).removeprefix("file:").split("?", 1)[0]
    path = check_file((root / name).resolve())
    address = f"file:{quote(str(path))}"
    readonly = url.set(database=address, query={"mode": "ro", "uri": "true"})
    engine = sa.create_engine(readonly, poolclass=sa.NullPool)
    sa.event.listen(engine, "connect", _keep_undecodable)
    return engine


def _keep_undecodable(connection: sqlite3.Connection, _record: object) -> None:
    """Let text that is not UTF-8 through, marked, so that only its row is rejected."""
    connection.text_factory = lambda raw: raw.decode("utf-8", UNDECODABLE)


def _readonly(url: sa.URL) -> dict[str, object]:
    """Return options that let the server itself refuse to write, where it can."""
    if url.get_backend_name() == "postgresql":
        return {"execution_options": {"postgresql_readonly": True}, "pool_pre_ping": True}
    return {"pool_pre_ping": True}
