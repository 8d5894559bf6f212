"""PostgreSQL: batches are copied into a temporary table, and written from there by one statement."""

import io
import secrets
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import polars as pl
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Connection,
    Engine,
    LargeBinary,
    Select,
    String,
    Text,
    any_,
    cast,
    create_engine,
    func,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect as SqlDialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from crmmigrate.adapters.relational.dialect import STAGE, Bulk, Refused, Told
from crmmigrate.adapters.relational.servers import MARK, is_marked, mark_ddl, translated
from crmmigrate.adapters.relational.staging import PLACE, apply_staged, stage_ddl
from crmmigrate.adapters.relational.storage import Form, Slot

__all__ = ["PostgreSQL"]

_DAY = (
    "CASE WHEN {v} ~ '^[0-9]{{4}}-(0[1-9]|1[0-2])-[0-9]{{2}}' AND {v} !~ '^0000' "
    "THEN substr({v}, 9, 2)::int BETWEEN 1 AND extract(day FROM make_date(substr({v}, 1, 4)::int, "
    "substr({v}, 6, 2)::int, 1) + interval '1 month' - interval '1 day') ELSE false END"
)
_TIME = (
    "substr({v}, 11) ~ '^[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?"
    "(Z|[+-][0-9]{{2}}:?[0-9]{{2}})?$'"
)
_NULL = "\\N"
_COPYING = "crmmigrate_copy"
_PLAIN_TABLE = text(
    "SELECT relkind IN ('r', 'p') AND NOT relhasrules AND NOT relrowsecurity "
    "FROM pg_class WHERE oid = to_regclass(:t)"
)


class PostgreSQL:
    """The dialect of PostgreSQL 13 and later."""

    name = "PostgreSQL"
    begin = "BEGIN"
    begin_reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def types(self) -> Mapping[str, TypeEngine[Any]]:
        """Return column types; stamps and keys compare byte by byte, whatever the server's language."""
        exact = Text(collation="C")
        return {
            "id": BigInteger(), "link": BigInteger(), "name": exact, "text": Text(), "stamp": exact,
            "flag": Boolean(create_constraint=False), "blob": LargeBinary(),
        }  # fmt: skip

    def engine(self, url: str) -> Engine:
        """Return an engine that connects anew each time, so that a restarted server does no harm."""
        return create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
            connect_args={"application_name": "crmmigrate", "connect_timeout": 15},
        )

    def columns(self, connection: Connection, table: str) -> set[str]:
        """Return the columns a table has on the search path."""
        query = text(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:t) "
            "AND attnum > 0 AND NOT attisdropped"
        )
        return {row[0] for row in connection.execute(query, {"t": f'"{table}"'})}

    def is_ours(self, connection: Connection) -> bool | None:
        """Tell by the mark table; a schema without tables is nobody's."""
        if self.columns(connection, MARK):
            return is_marked(connection)
        query = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
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
            Form.DATE: f"length({name}) = 10 AND {day}",
            Form.DATETIME: f"(length({name}) = 10 OR {time}) AND {day}",
            Form.NUMBER: f"{name} ~ '^[+-]?[0-9]*[.]?[0-9]*$' AND {name} ~ '[0-9]'",
        }

    def length(self, column: str) -> str:
        """Return the number of characters."""
        return f"char_length({column})"

    def guards(self, links: Sequence[tuple[str, Slot]], objects: Sequence[str]) -> Iterator[str]:
        """Yield functions and the triggers that call them."""
        for object_, slot in links:
            number, kind = slot.columns
            missing = " OR ".join(
                f'(NEW."{kind}" = \'{o}\' AND NOT EXISTS (SELECT 1 FROM "{o}" WHERE id = NEW."{number}"))'  # noqa: S608 - names of the model
                for o in slot.field.references
            )
            moment = f'BEFORE INSERT OR UPDATE OF "{number}", "{kind}"'
            body = f"IF {missing} THEN {_raise(f'LINK {slot.name}')} END IF; RETURN NEW;"
            yield from _trigger(f"link_{object_}_{slot.name}", moment, object_, body)
            for referenced in slot.field.references:
                held = f'SELECT 1 FROM "{object_}" WHERE "{number}" = OLD.id AND "{kind}" = \'{referenced}\''  # noqa: S608 - names of the model
                body = (
                    f"IF EXISTS ({held}) THEN {_raise(f'REFERENCED {object_}')} END IF; RETURN OLD;"
                )
                name = f"kept_{object_}_{slot.name}_{referenced}"
                yield from _trigger(name, "BEFORE DELETE", referenced, body)
        for object_ in objects:
            yield from _trigger(f"stamp_{object_}", "BEFORE UPDATE", object_, _STAMP)

    def among(self, column: ColumnElement[object], values: pl.Series) -> ColumnElement[bool]:
        """Hand the values over as one text, which the server takes apart."""
        kind = BigInteger() if values.dtype.is_integer() else Text()
        texts, sign = values.drop_nulls().cast(pl.String), f"\x1f{secrets.token_hex(8)}"
        held = texts.filter(~texts.str.contains("\x00", literal=True))
        listed = sign.join(held.to_list())
        return column == any_(cast(func.string_to_array(listed, sign), ARRAY(kind)))

    def frames(
        self, connection: Connection, query: Select[Any], schema: pl.Schema, size: int
    ) -> Iterator[pl.DataFrame]:
        """Copy the rows out, as text that polars reads a piece at a time."""
        compiled = query.compile(dialect=_psycopg())
        null = secrets.token_hex(16)  # no text is it, quoted or not
        copy = f"COPY ({compiled.string}) TO STDOUT (FORMAT csv, NULL '{null}')"
        raw = connection.connection.driver_connection
        if raw is None:
            return
        with raw.cursor() as cursor, cursor.copy(copy, compiled.params) as lines:
            while piece := b"".join(islice(lines, size)):
                yield _from_text(piece, schema, null)

    def storable(self, column: str) -> pl.Expr | None:
        """Return whether a text has no NUL, which PostgreSQL cannot hold."""
        return ~pl.col(column).str.contains("\x00", literal=True).fill_null(value=False)

    def insert(self, connection: Connection, bulk: Bulk) -> Iterator[Refused]:
        """Copy the rows straight into the table; by way of the temporary one if it refuses any."""
        if bulk.values.is_empty() or _is_copied(connection, bulk):
            return
        columns = ", ".join(f'"{n}"' for n in bulk.values.columns)
        values = ", ".join(f's."{n}"{_cast(n, bulk)}' for n in bulk.values.columns)
        sql = (
            f"INSERT INTO {bulk.named} ({columns}) SELECT {values} FROM {STAGE} s "  # noqa: S608 - names of the model
            f'WHERE {{range}} ORDER BY s."{PLACE}"'
        )
        sql += f' ON CONFLICT ("{bulk.once}") DO NOTHING' if bulk.once else ""
        yield from _staged(connection, bulk, sql)

    def update(self, connection: Connection, bulk: Bulk) -> Iterator[Refused]:
        """Update from the temporary table."""
        names = [n for n in bulk.values.columns if n != "_id"]
        sets = ", ".join([*(f'"{n}" = s."{n}"{_cast(n, bulk)}' for n in names), *bulk.extra])
        sql = f'UPDATE {bulk.named} t SET {sets} FROM {STAGE} s WHERE t."{bulk.key}" = s."_id"{_cast(bulk.key, bulk)} AND {{range}}'  # noqa: S608 - names of the model
        return _staged(connection, bulk, sql)

    def delete(self, connection: Connection, bulk: Bulk) -> Iterator[Refused]:
        """Delete what the temporary table names."""
        sql = f'DELETE FROM {bulk.named} t USING {STAGE} s WHERE t."{bulk.key}" = s."_id"{_cast(bulk.key, bulk)} AND {{range}}'  # noqa: S608 - names of the model
        return _staged(connection, bulk, sql)

    def read_refusal(self, error: BaseException) -> Told:
        """Read the diagnosis that comes with the error."""
        found = getattr(error, "diag", None)
        said = str(getattr(found, "message_primary", None) or error)
        if said.startswith(("LINK ", "REFERENCED ")):
            return Told("guard", said)
        kind = _STATES.get(str(getattr(found, "sqlstate", "")), "other")
        if kind == "missing":
            return Told(kind, str(found.column_name) if found else "")
        if kind == "link" and " is still referenced " in str(getattr(found, "message_detail", "")):
            return Told("still")
        if kind == "other":
            return Told(kind, said)
        return Told(kind, str(found.constraint_name) if found else "")

    def translate(self, error: DBAPIError | BaseException, where: str) -> Exception:
        """Return our error for what the server says of itself."""
        return translated(error, where, self.name)


_STATES = {"23514": "check", "23502": "missing", "23505": "twice", "23503": "link"}
"""SQLSTATE → kind; PostgreSQL documentation, appendix A."""

_STAMP = (
    "IF NEW.modified_at IS NOT DISTINCT FROM OLD.modified_at THEN NEW.modified_at := "
    "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"'); "
    "END IF; RETURN NEW;"
)


def _raise(said: str) -> str:
    return f"RAISE EXCEPTION '{said}' USING ERRCODE = 'foreign_key_violation';"


def _trigger(name: str, moment: str, table: str, body: str) -> Iterator[str]:
    yield f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$'
    yield f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"'
    yield f'CREATE TRIGGER "{name}" {moment} ON "{table}" FOR EACH ROW EXECUTE FUNCTION "{name}"()'


def _psycopg() -> SqlDialect:
    dialect: SqlDialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
    return dialect


def _cast(name: str, bulk: Bulk) -> str:
    """Return the cast of a text of the temporary table to the column's type, where it is another."""
    kind = bulk.table.c[name].type
    if isinstance(kind, String):
        return ""  # a cast would cut what is too long without a word
    named = kind.compile(dialect=_psycopg())
    return f"::{named}"


def _staged(connection: Connection, bulk: Bulk, statement: str) -> Iterator[Refused]:
    """Copy the batch into the temporary table and run a statement over it."""
    if bulk.values.is_empty():
        return
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {STAGE}")
    ddl = stage_ddl(bulk, {}, kind="text")
    connection.exec_driver_sql(f"{ddl} ON COMMIT DROP")
    _copy(connection, STAGE, _as_text(bulk.values).with_row_index(PLACE))
    yield from apply_staged(connection, statement, 0, bulk.values.height)


def _is_copied(connection: Connection, bulk: Bulk) -> bool:
    """Copy the batch into its table; return whether it took every row, else it has none.

    COPY passes by rewrite rules, and is not for views (PostgreSQL documentation, COPY).
    """
    if not connection.execute(_PLAIN_TABLE, {"t": bulk.named}).scalar():
        return False
    connection.exec_driver_sql(f"SAVEPOINT {_COPYING}")
    try:
        _copy(connection, bulk.named, _as_text(bulk.values))
    except connection.dialect.loaded_dbapi.Error:
        connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {_COPYING}")
        return False
    connection.exec_driver_sql(f"RELEASE SAVEPOINT {_COPYING}")
    return True


def _copy(connection: Connection, table: str, rows: pl.DataFrame) -> None:
    """Copy texts into columns of their names."""
    content = io.BytesIO()
    rows.write_csv(content, include_header=False, quote_style="non_numeric", null_value=_NULL)
    columns = ", ".join(f'"{name}"' for name in rows.columns)
    command = f"COPY {table} ({columns}) FROM STDIN (FORMAT csv, NULL '{_NULL}')"
    raw = connection.connection.driver_connection
    if raw is None:  # pragma: no cover - a connection that is open has one
        raise RuntimeError(table)
    with raw.cursor() as cursor, cursor.copy(command) as copy:
        copy.write(content.getbuffer())


def _from_text(piece: bytes, schema: pl.Schema, null: str) -> pl.DataFrame:
    """Return rows that COPY has written."""
    frame = pl.read_csv(
        piece,
        has_header=False,
        new_columns=schema.names(),
        schema_overrides=dict.fromkeys(schema.names(), pl.String),
        null_values=null,
        empty_string_is_null=False,
    )
    return frame.select(_typed(name, kind) for name, kind in schema.items())


def _typed(name: str, kind: pl.DataType) -> pl.Expr:
    text = pl.col(name)
    if kind == pl.Binary:
        return text.str.strip_prefix("\\x").str.decode("hex").alias(name)
    if kind == pl.Int64:
        flags = pl.when(text == "t").then(pl.lit("1")).when(text == "f").then(pl.lit("0"))
        return flags.otherwise(text).cast(pl.Int64).alias(name)
    return text


def _as_text(values: pl.DataFrame) -> pl.DataFrame:
    """Return the rows as COPY reads them; bytes in hexadecimal."""
    blobs = [
        pl.concat_str(pl.lit("\\x"), pl.col(name).bin.encode("hex")).alias(name)
        for name, kind in values.schema.items()
        if kind == pl.Binary
    ]
    return values.with_columns(blobs)
