"""The column for our key in a customer's table: whether it is there, and how it is added."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from crmmigrate.model.connections import Check, State

__all__ = ["KeyColumn"]

_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
_LONGEST = 60
"""Characters in the name of an index: PostgreSQL takes 63 bytes, MariaDB 64 characters."""


@dataclass(frozen=True)
class KeyColumn:
    """The place of our key in one table.

    Attributes:
        table: As it was found.
        name: Of the column.
        kind: Its type: short text, told apart by every sign.
    """

    table: sa.Table
    name: str
    kind: TypeEngine[Any]

    @property
    def writable(self) -> bool:
        """Whether rows of the table can be told apart at all: by one column of primary key."""
        return len(self.table.primary_key.columns) == 1

    def check(self, connection: sa.Connection) -> Check:
        """Tell whether the table can be written; nothing is changed."""
        label = "".join(self.table.name)
        if not self.writable:
            says = "no primary key of one column: it is not written"
            return Check(label, State.NOTE, says)
        if self.name not in self.table.columns:
            hint = "`crmmigrate connect target --create-field` adds it, if the mapping names the table: "
            hint += "; ".join(self.statements(connection))
            return Check(label, State.NOTE, f"no column {self.name}: it is not written", hint)
        lacking = self._lacking_rights(connection)
        if lacking:
            says = f"our user may not {', '.join(lacking)}"
            return Check(label, State.WARNING, says, f"GRANT {', '.join(lacking)} ON {label}")
        if not self._unique():
            says = f"our key is kept in {self.name}, which has no unique index"
            hint = "`crmmigrate connect target --create-field` makes one, and finding keys fast: "
            return Check(label, State.NOTE, says, hint + "; ".join(self.statements(connection)))
        return Check(label, State.OK, f"our key is kept in {self.name}")

    def make(self, connection: sa.Connection) -> Check:
        """Add what is missing; done twice it is no harm, and broken off it goes on."""
        label = f"{self.table.name}.{self.name}"
        if not self.writable:
            return Check(
                label, State.FAILED, "not made: the table has no primary key of one column"
            )
        statements = self.statements(connection)
        for statement in statements:
            try:
                connection.exec_driver_sql(statement)
            except DBAPIError as exc:
                said = str(exc.orig).strip().partition("\n")[0]
                hint = f"ask who owns the table: {'; '.join(statements)}"
                return Check(label, State.FAILED, f"not made: {said}", hint)
        if not statements:
            return Check(label, State.OK, "is there already")
        return Check(label, State.OK, f"made: {'; '.join(statements)}")

    def statements(self, connection: sa.Connection) -> list[str]:
        """Return what adds the column and its unique index, as far as they are missing.

        SQLite cannot add a column that is unique, so the index is a statement of its own.
        """
        quote = connection.dialect.identifier_preparer
        place, column = quote.format_table(self.table), quote.quote(self.name)
        found = []
        if self.name not in self.table.columns:
            kind = self.kind.compile(dialect=connection.dialect)
            found.append(f"ALTER TABLE {place} ADD COLUMN {column} {kind}")
        if not self._unique():
            index = quote.quote(self._index())
            found.append(f"CREATE UNIQUE INDEX {index} ON {place} ({column})")
        return found

    def _index(self) -> str:
        whole = f"{self.table.name}_{self.name}_key"
        if len(whole.encode()) <= _LONGEST:
            return whole
        return f"crmmigrate_{sha256(whole.encode()).hexdigest()[:16]}_key"

    def _unique(self) -> bool:
        constraints = (c for c in self.table.constraints if isinstance(c, sa.UniqueConstraint))
        sets = [
            *(i.columns for i in self.table.indexes if i.unique),
            *(c.columns for c in constraints),
        ]
        return any([c.name for c in columns] == [self.name] for columns in sets)

    def _lacking_rights(self, connection: sa.Connection) -> list[str]:
        """Return what our user may not do; only PostgreSQL tells it in one question."""
        if connection.dialect.name != "postgresql":
            return []
        place = connection.dialect.identifier_preparer.format_table(self.table)
        asked = sa.text("SELECT has_table_privilege(:place, :right)")
        told = {r: connection.scalar(asked, {"place": place, "right": r}) for r in _RIGHTS}
        return [right for right, allowed in told.items() if not allowed]
