"""Write a batch by way of a temporary table: one statement for all rows, halves where rows are bad."""

from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from crmmigrate.adapters.relational.dialect import STAGE, Bulk, Refused

__all__ = ["PLACE", "apply_staged", "in_range", "stage_ddl"]

PLACE = "_place"
"""Column of the temporary table with the position of a row in its batch."""

_MARK = "crmmigrate_piece"
_HARMLESS = frozenset({1265, 1292, 1364, 1366, 1644, 1690, 3819, 4025})
"""Codes of MariaDB that its driver takes for failures of the server, but that are about a row."""


def stage_ddl(bulk: Bulk, types: dict[str, str], *, kind: str) -> str:
    """Return the statement that makes the temporary table for a batch.

    Args:
        bulk: The batch.
        types: Column → type in the temporary table; others are `kind`.
        kind: Type of a column that is cast when it is written.
    """
    columns = ", ".join(f'"{name}" {types.get(name, kind)}' for name in bulk.values.columns)
    return f'CREATE TEMPORARY TABLE {STAGE} ("{PLACE}" INTEGER, {columns})'


def in_range(low: int, high: int) -> str:
    """Return the condition for rows of a stretch of the batch."""
    return f's."{PLACE}" >= {low} AND s."{PLACE}" < {high}'


def apply_staged(connection: Connection, statement: str, low: int, high: int) -> Iterator[Refused]:
    """Run a statement over a stretch of the temporary table; cut it where a row is refused.

    Args:
        connection: Within a transaction.
        statement: With `{range}`, the condition for the stretch.
        low: Position of the first row.
        high: Position behind the last.

    Yields:
        Refused rows; they leave no trace and do not harm the others.
    """
    if low >= high:
        return
    connection.exec_driver_sql(f"SAVEPOINT {_MARK}")
    try:
        connection.exec_driver_sql(statement.replace("{range}", in_range(low, high)))
    except DBAPIError as exc:
        if not _is_about_rows(exc):
            raise
        connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {_MARK}")
        connection.exec_driver_sql(f"RELEASE SAVEPOINT {_MARK}")
        if high - low == 1:
            yield low, exc.orig or exc
            return
        middle = (low + high) // 2
        yield from apply_staged(connection, statement, low, middle)
        yield from apply_staged(connection, statement, middle, high)
        return
    connection.exec_driver_sql(f"RELEASE SAVEPOINT {_MARK}")


def _is_about_rows(error: DBAPIError) -> bool:
    """Tell a refused value from a lost connection, a lock or a full disk."""
    if error.connection_invalidated:
        return False
    if isinstance(error, OperationalError):
        code = error.orig.args[0] if error.orig and error.orig.args else None
        return code in _HARMLESS
    return True
