"""What database servers have in common: the mark of our CRM, and what can go wrong with them."""

from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from crmmigrate.errors import ConfigError, CrmMigrateError, RemoteError, StorageError

__all__ = ["MARK", "is_marked", "mark_ddl", "translated"]

MARK = "_crmmigrate"
"""Table that says that the others were made by us."""
_WORD = "crmmigrate CRM"


def mark_ddl() -> Iterator[str]:
    """Yield the statements that make the mark."""
    yield f'CREATE TABLE IF NOT EXISTS "{MARK}" (made_by VARCHAR(40) PRIMARY KEY)'
    yield (
        f"INSERT INTO \"{MARK}\" (made_by) SELECT '{_WORD}' "  # noqa: S608 - constants
        f'WHERE NOT EXISTS (SELECT 1 FROM "{MARK}")'
    )


def is_marked(connection: Connection) -> bool:
    """Tell whether the mark is ours."""
    found = connection.exec_driver_sql(f'SELECT made_by FROM "{MARK}"')  # noqa: S608 - constants
    return [row[0] for row in found] == [_WORD]


def translated(error: DBAPIError | BaseException, where: str, name: str) -> Exception:
    """Return our error for what a server says of itself; values of rows are left out.

    Args:
        error: What the driver raised.
        where: The database, without its password.
        name: How people call the kind of database.
    """
    original = error.orig if isinstance(error, DBAPIError) else error
    state, said = _state(original), _said(original)
    if isinstance(original, CrmMigrateError):
        return original
    for states, make in _KINDS:
        if state in states:
            return make(said, where, name)
    return RemoteError(
        f"{name} failed: {said}",
        where=where,
        hint="look at the server's log; running the same command again is safe",
    )


def _state(error: BaseException | None) -> str:
    """Return SQLSTATE (PostgreSQL) or the number of the error (MariaDB)."""
    first = error.args[0] if error is not None and error.args else ""
    if isinstance(first, int):
        return str(first)
    state = getattr(error, "sqlstate", None)
    if state:
        return str(state)
    said = str(error)
    return next((state for words, state in _WORDS.items() if words in said), "")


def _said(error: BaseException | None) -> str:
    if error is not None and len(error.args) > 1 and isinstance(error.args[0], int):
        return str(error.args[1]).strip().split("\n", 1)[0]
    return str(error).strip().split("\n", 1)[0]


_WORDS = {
    "password authentication failed": "28P01",
    "no password supplied": "28P01",
    "does not exist": "3D000",
    "Connection refused": "2003",
    "could not translate host": "2003",
    "failed to resolve host": "2003",
    "timeout": "2003",
    "certificate": "2026",
    "server closed the connection": "2006",
}
"""What psycopg says before a session has begun, when it has no SQLSTATE → the like."""


def _login(said: str, where: str, name: str) -> Exception:
    return ConfigError(
        f"{name} refuses the user or the password",
        where=where,
        causes=[said],
        hint="check target.url and the secret it refers to",
    )


def _absent(said: str, where: str, name: str) -> Exception:
    return ConfigError(
        f"{name} has no such database or schema",
        where=where,
        causes=[said],
        hint="create it first (CREATE DATABASE …), then run the same command again",
    )


def _right(said: str, where: str, name: str) -> Exception:
    return ConfigError(
        f"{name} does not permit this to the user",
        where=where,
        causes=[said],
        hint="grant what docs/databases.md lists, then run the same command again",
    )


def _away(said: str, where: str, name: str) -> Exception:
    return RemoteError(
        f"{name} cannot be reached, or the connection was lost",
        where=where,
        causes=[said],
        hint="check host, port and that it runs; the same command goes on where it stopped",
    )


def _locked(said: str, where: str, name: str) -> Exception:
    return RemoteError(
        f"{name}: another program holds a lock on the rows",
        where=where,
        causes=[said],
        hint="end the other transaction; the same command goes on where it stopped",
    )


def _full(said: str, where: str, name: str) -> Exception:
    return StorageError(
        f"{name} has no space left",
        where=where,
        causes=[said],
        hint="free some space there; the same command goes on where it stopped",
    )


_KINDS = (
    ({"28P01", "28000", "1045", "1698"}, _login),
    ({"3D000", "3F000", "1049"}, _absent),
    ({"42501", "1142", "1044", "1227", "1370"}, _right),
    ({"08000", "08001", "08003", "08006", "57P01", "57P02", "57P03", "2002", "2003", "2006", "2013",
      "2026", "1053"}, _away),
    ({"55P03", "40P01", "40001", "57014", "1205", "1213"}, _locked),
    ({"53100", "1021", "1114"}, _full),
)  # fmt: skip
"""SQLSTATE of PostgreSQL (documentation, appendix A) and numbers of MariaDB (error codes)."""
