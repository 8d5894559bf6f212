"""MariaDB: batches are brought to a temporary table, and written from there."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Select,
    SmallInteger,
    create_engine,
    text,
)
from sqlalchemy.dialects.mysql import LONGBLOB, LONGTEXT, VARCHAR
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from crmmigrate.adapters.relational.dialect import STAGE, Bulk, Refused, Told
from crmmigrate.adapters.relational.servers import MARK, is_marked, mark_ddl, translated
from crmmigrate.adapters.relational.staging import PLACE, apply_staged, stage_ddl
from crmmigrate.adapters.relational.storage import Form, Slot

__all__ = ["MariaDB"]

_COLLATION = "utf8mb4_nopad_bin"
"""Texts are equal only if they are the same, blanks at the end included."""
_KEY_LENGTH = 700
"""Characters of an external id: an index of InnoDB holds 3,072 bytes, four a character."""
_MODES = "STRICT_ALL_TABLES,ANSI_QUOTES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO"
_DAY = (
    "{v} REGEXP '^[0-9]{{4}}-(0[1-9]|1[0-2])-[0-9]{{2}}' AND {v} NOT REGEXP '^0000' "
    "AND CAST(SUBSTR({v}, 9, 2) AS UNSIGNED) BETWEEN 1 AND DAY(LAST_DAY(CONCAT(SUBSTR({v}, 1, 7), '-01')))"
)
_TIME = (
    "SUBSTR({v}, 11) REGEXP '^[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?"
    "(Z|[+-][0-9]{{2}}:?[0-9]{{2}})?$'"
)


class MariaDB:
    """The dialect of MariaDB 10.5 and later; MySQL lacks its collation."""

    name = "MariaDB"
    begin = "START TRANSACTION"
    begin_reading = "START TRANSACTION READ ONLY"

    def types(self) -> Mapping[str, TypeEngine[Any]]:
        """Return column types."""
        exact = {"charset": "utf8mb4", "collation": _COLLATION}
        return {
            "id": BigInteger(), "link": BigInteger(), "name": VARCHAR(_KEY_LENGTH, **exact),
            "text": LONGTEXT(**exact), "stamp": VARCHAR(40, **exact), "flag": SmallInteger(),
            "blob": LONGBLOB(),
        }  # fmt: skip

    def engine(self, url: str) -> Engine:
        """Return an engine whose sessions are strict and speak UTF-8 of four bytes."""
        # From the beginning, so that SQLAlchemy sees which quotes are used.
        session = f"SET SESSION sql_mode = '{_MODES}', time_zone = '+00:00'"
        return create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
            connect_args={"charset": "utf8mb4", "connect_timeout": 15, "init_command": session},
        )

    def columns(self, connection: Connection, table: str) -> set[str]:
        """Return the columns a table of the database has."""
        query = text(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND table_name = :t"
        )
        return {row[0] for row in connection.execute(query, {"t": table})}

    def is_ours(self, connection: Connection) -> bool | None:
        """Tell by the mark table; a database without tables is nobody's."""
        if self.columns(connection, MARK):
            return is_marked(connection)
        query = "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
        return False if connection.exec_driver_sql(query).scalar() else None

    def claim(self, connection: Connection) -> None:
        """Make the mark table."""
        for statement in mark_ddl():
            connection.exec_driver_sql(statement)

    def rules(self, slot: Slot) -> Mapping[Form, str]:
        """Return by form the condition that a filled column must meet."""
        name = f'"{slot.name}"'
        day, time = _DAY.format(v=name), _TIME.format(v=name)
        return {
            Form.BOOLEAN: f"{name} IN (0, 1)",
            Form.DATE: f"CHAR_LENGTH({name}) = 10 AND {day}",
            Form.DATETIME: f"(CHAR_LENGTH({name}) = 10 OR {time}) AND {day}",
            Form.NUMBER: f"{name} REGEXP '^[+-]?[0-9]*[.]?[0-9]*$' AND {name} REGEXP '[0-9]'",
        }

    def length(self, column: str) -> str:
        """Return the number of characters."""
        return f"CHAR_LENGTH({column})"

    def guards(self, links: Sequence[tuple[str, Slot]], objects: Sequence[str]) -> Iterator[str]:
        """Yield triggers."""
        for object_, slot in links:
            number, kind = slot.columns
            missing = " OR ".join(
                f'(NEW."{kind}" = \'{o}\' AND NOT EXISTS (SELECT 1 FROM "{o}" WHERE id = NEW."{number}"))'  # noqa: S608 - names of the model
                for o in slot.field.references
            )
            for moment in ("INSERT", "UPDATE"):
                body = f"IF {missing} THEN {_signal(f'LINK {slot.name}', 1452)} END IF;"
                yield _trigger(
                    f"link_{object_}_{slot.name}_{moment}", f"BEFORE {moment}", object_, body
                )
            for referenced in slot.field.references:
                held = f'SELECT 1 FROM "{object_}" WHERE "{number}" = OLD.id AND "{kind}" = \'{referenced}\''  # noqa: S608 - names of the model
                body = f"IF EXISTS ({held}) THEN {_signal(f'REFERENCED {object_}', 1451)} END IF;"
                name = f"kept_{object_}_{slot.name}_{referenced}"
                yield _trigger(name, "BEFORE DELETE", referenced, body)
        for object_ in objects:
            yield _trigger(f"stamp_{object_}", "BEFORE UPDATE", object_, _STAMP)

    def among(self, column: ColumnElement[object], values: pl.Series) -> ColumnElement[bool]:
        """List the values: their index is used for each."""
        return column.in_(values.drop_nulls().to_list())

    def frames(
        self, connection: Connection, query: Select[Any], schema: pl.Schema, size: int
    ) -> Iterator[pl.DataFrame]:
        """Yield rows as the server sends them."""
        asked = connection.execution_options(stream_results=True, yield_per=size)
        for rows in asked.execute(query).partitions(size):
            plain = [tuple(row) for row in rows]
            yield pl.DataFrame(plain, schema=schema, orient="row", strict=False)

    def storable(self, column: str) -> None:
        """Every text can be held."""
        del column

    def insert(self, connection: Connection, bulk: Bulk) -> Iterator[Refused]:
        """Insert from the temporary table."""
        columns = ", ".join(f'"{n}"' for n in bulk.values.columns)
        values = ", ".join(f's."{n}"' for n in bulk.values.columns)
        sql = (
            f"INSERT INTO {bulk.named} ({columns}) SELECT {values} FROM {STAGE} s "  # noqa: S608 - names of the model
            f'WHERE {{range}}{_unless_there(bulk)} ORDER BY s."{PLACE}"'
        )
        return _staged(connection, bulk, sql)

    def update(self, connection: Connection, bulk: Bulk) -> Iterator[Refused]:
        """Update from the temporary table."""
        names = [n for n in bulk.values.columns if n != "_id"]
        sets = [*(f't."{n}" = s."{n}"' for n in names), *(f"t.{extra}" for extra in bulk.extra)]
        sql = f'UPDATE {bulk.named} t JOIN {STAGE} s ON t."{bulk.key}" = s."_id" SET {", ".join(sets)} WHERE {{range}}'  # noqa: S608 - names of the model
        return _staged(connection, bulk, sql)

    def delete(self, connection: Connection, bulk: Bulk) -> Iterator[Refused]:
        """Delete what the temporary table names."""
        sql = f'DELETE t FROM {bulk.named} t JOIN {STAGE} s ON t."{bulk.key}" = s."_id" WHERE {{range}}'
        return _staged(connection, bulk, sql)

    def read_refusal(self, error: BaseException) -> Told:
        """Read MariaDB's number and sentence."""
        number, said = (*error.args, "", "")[:2]
        if str(said).startswith(("LINK ", "REFERENCED ")):
            return Told("guard", str(said))
        kind = _NUMBERS.get(int(number) if str(number).isdigit() else 0, "other")
        pieces = str(said).replace('"', "`").replace("'", "`").split("`")
        if kind in {"check", "missing"}:
            return Told(kind, pieces[1] if len(pieces) > 1 else "")
        if kind == "twice":
            return Told(kind, pieces[-2].rpartition(".")[2] if len(pieces) > 2 else "")
        if kind == "link":
            column = re.search(r"FOREIGN KEY \([`\"](.+?)[`\"]\)", str(said))
            return Told(kind, column[1] if column else "")
        return Told(kind, str(said) if kind == "other" else "")

    def translate(self, error: DBAPIError | BaseException, where: str) -> Exception:
        """Return our error for what the server says of itself."""
        return translated(error, where, self.name)


_NUMBERS = {
    4025: "check", 3819: "check", 1048: "missing", 1364: "missing", 1062: "twice", 1452: "link",
    1216: "link", 1451: "still", 1217: "still",
}  # fmt: skip
"""Number of the error → kind; MariaDB error codes, and 3819 of MySQL."""

_STAMP = (
    "IF NEW.modified_at <=> OLD.modified_at THEN SET NEW.modified_at = "
    "CONCAT(REPLACE(CAST(UTC_TIMESTAMP(6) AS CHAR), ' ', 'T'), '+00:00'); END IF;"
)


def _unless_there(bulk: Bulk) -> str:
    if not bulk.once:
        return ""
    same = f'o."{bulk.once}" = s."{bulk.once}"'
    return f" AND NOT EXISTS (SELECT 1 FROM {bulk.named} o WHERE {same})"  # noqa: S608 - names of the model


def _signal(said: str, number: int) -> str:
    return f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{said}', MYSQL_ERRNO = {number};"


def _trigger(name: str, moment: str, table: str, body: str) -> str:
    return f'CREATE OR REPLACE TRIGGER "{name}" {moment} ON "{table}" FOR EACH ROW BEGIN {body} END'


def _staged(connection: Connection, bulk: Bulk, statement: str) -> Iterator[Refused]:
    """Bring the batch to the temporary table and run a statement over it."""
    if bulk.values.is_empty():
        return
    kinds = {n: "LONGBLOB" for n, kind in bulk.values.schema.items() if kind == pl.Binary}
    kinds |= {n: "BIGINT" for n, kind in bulk.values.schema.items() if kind.is_integer()}
    connection.exec_driver_sql(f"DROP TEMPORARY TABLE IF EXISTS {STAGE}")
    ddl = stage_ddl(bulk, kinds, kind=f"LONGTEXT COLLATE {_COLLATION}")
    connection.exec_driver_sql(f"{ddl} CHARACTER SET utf8mb4")
    marks = ", ".join(["%s"] * (bulk.values.width + 1))
    rows = bulk.values.with_row_index(PLACE).rows()
    connection.exec_driver_sql(f"INSERT INTO {STAGE} VALUES ({marks})", rows)  # noqa: S608 - constants
    yield from apply_staged(connection, statement, 0, bulk.values.height)
    connection.exec_driver_sql(f"DROP TEMPORARY TABLE IF EXISTS {STAGE}")
