"""Write a batch so that bad rows are alone: all at once, else halves of halves."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError

from crmmigrate.adapters.relational.dialect import Refused

__all__ = ["Row", "apply_rows"]

Row = tuple[object, ...]


def apply_rows(
    connection: Connection, statement: str, rows: Sequence[Row], start: int = 0
) -> Iterator[Refused]:
    """Run one statement for each row inside the caller's transaction.

    A row the database refuses leaves no trace and does not harm the others. Cost: one pass if
    all rows are good, and about `2 * log2(n)` smaller passes for each bad one.

    Yields:
        The position of each refused row, and what the driver raised for it.
    """
    if not rows:
        return
    connection.exec_driver_sql("SAVEPOINT piece")
    try:
        connection.exec_driver_sql(statement, list(rows))
    except (IntegrityError, DataError, InterfaceError) as exc:
        connection.exec_driver_sql("ROLLBACK TO piece")
        connection.exec_driver_sql("RELEASE piece")
        if len(rows) == 1:
            yield start, exc.orig or exc
            return
        middle = len(rows) // 2
        yield from apply_rows(connection, statement, rows[:middle], start)
        yield from apply_rows(connection, statement, rows[middle:], start + middle)
        return
    connection.exec_driver_sql("RELEASE piece")
