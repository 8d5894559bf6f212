"""Any SQL database as a source, through SQLAlchemy; it is only ever read.

A SQLite file is opened read-only, so a legacy database cannot be touched and a missing one is not
created. Columns keep their types where every value has the same one: integers, floats, booleans,
dates, timestamps, text and binary; decimals and columns of mixed kinds become text. Rows stream;
`_row` is the running number in the order of the primary key.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa
from pydantic import Field

from crmmigrate.adapters.batches import BATCH_ROWS, choose_columns
from crmmigrate.adapters.facts import tells
from crmmigrate.adapters.header import name_columns
from crmmigrate.adapters.reader_options import (
    DatasetOptions,
    SourceOptions,
    check_dataset,
    check_options,
)
from crmmigrate.adapters.sql_connection import connect_readonly, explain, show_url
from crmmigrate.adapters.sql_values import ColumnReader, number_rows, set_damaged_aside
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.catalog import Capabilities, Catalog, Column, Dataset

__all__ = ["SqlSource", "open_source"]

CAPABILITIES = Capabilities(incremental=True)
"""A database can give only what changed, if a dataset names its `modified_at`."""
_ASKED_AT_ONCE = 500
_READING = ("select", "with", "values", "table")


class SqlDataset(DatasetOptions):
    """Options of one dataset: a table (named like the dataset if not said) or a query."""

    table: str | None = None
    query: str | None = None


class SqlOptions(SourceOptions):
    """Options of the source."""

    url: str
    datasets: dict[str, SqlDataset] = Field(default={})


@tells("tables and queries of a database, by SQLAlchemy", lambda: CAPABILITIES)
def open_source(options: Mapping[str, object], root: Path) -> "SqlSource":
    """Open a database.

    Raises:
        ConfigError: an option is unknown.
        UsageError: the URL is wrong, or the SQLite file is missing.
    """
    return SqlSource(check_options(options, SqlOptions), root)


class SqlSource:
    """A database with its tables and the queries of the project."""

    def __init__(self, options: SqlOptions, root: Path) -> None:
        self._options = options
        self._engine = connect_readonly(options.url, root)

    @property
    def capabilities(self) -> Capabilities:
        """What a database that is only read can do."""
        return CAPABILITIES

    def describe(self) -> Catalog:
        """Return the datasets of the project, then the tables that none of them reads.

        Raises:
            UsageError: the database cannot be read, or a table is not there.
        """
        named = self._options.datasets
        used = {self._table(name) for name in named}
        with self._reading():
            tables = self._inspector.get_table_names()
            rest = [table for table in tables if table not in used and table not in named]
            found = [self._describe(name) for name in named]
            return Catalog(tuple(found + [self._describe_table(t, t) for t in rest]))

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a table or query.

        Args:
            dataset: Name in the project, or a table.
            fields: Columns to read; all if None.
            since: Only rows whose `modified_at` is later; ignored where none is named.

        Raises:
            UsageError: the dataset is unknown, or the database cannot be read.
        """
        known = {**dict.fromkeys(self._tables), **self._options.datasets}
        check_dataset(dataset, known)
        with self._reading(), self._engine.connect() as connection:
            statement = self._statement(dataset, since)
            kinds = self._stored_kinds(connection, dataset)
            result = connection.execution_options(yield_per=BATCH_ROWS).execute(
                statement, {"since": since} if since and self._modified_at(dataset) else {}
            )
            names = name_columns(list(result.keys())).names
            wanted = choose_columns(names, fields, dataset)
            yield from _batches(result, names, wanted, kinds)

    @cached_property
    def _inspector(self) -> sa.Inspector:
        with self._reading():
            return sa.inspect(self._engine)

    @cached_property
    def _tables(self) -> tuple[str, ...]:
        with self._reading():
            names = [*self._inspector.get_table_names(), *self._inspector.get_view_names()]
        return tuple(dict.fromkeys(names))

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.SQLAlchemyError as exc:
            raise explain(exc, self._engine.url) from None

    def _options_of(self, dataset: str) -> SqlDataset:
        return self._options.datasets.get(dataset, SqlDataset())

    def _modified_at(self, dataset: str) -> str | None:
        return self._options_of(dataset).modified_at

    def _table(self, dataset: str) -> str | None:
        """Return the table a dataset reads, with its schema if one is written; None for a query."""
        options = self._options_of(dataset)
        return None if options.query is not None else (options.table or dataset)

    def _known_table(self, table: str) -> tuple[str | None, str]:
        """Return schema and name of a table.

        Raises:
            UsageError: there is none.
        """
        if table in self._tables:
            return None, table
        schema, _, name = table.rpartition(".")
        if schema and name in {
            *self._inspector.get_table_names(schema),
            *self._inspector.get_view_names(schema),
        }:
            return schema, name
        raise UsageError(
            f"no table '{table}'{did_you_mean(table, self._tables)}",
            where=show_url(self._engine.url),
        )

    def _describe(self, dataset: str) -> Dataset:
        table = self._table(dataset)
        key = self._options_of(dataset).key
        if table is not None:
            found = self._describe_table(dataset, table)
            return Dataset(dataset, found.columns, key or found.key, found.rows, found.detected)
        with self._engine.connect() as connection:
            query = sa.text(f"SELECT * FROM {self._relation(dataset)} WHERE 1 = 0")  # noqa: S608
            names = name_columns(list(connection.execute(query).keys())).names
        return Dataset(dataset, tuple(Column(name) for name in names), key)

    def _describe_table(self, dataset: str, table: str) -> Dataset:
        schema, name = self._known_table(table)
        key = self._inspector.get_pk_constraint(name, schema).get("constrained_columns") or []
        points_to: dict[str, tuple[str, ...]] = {}
        for link in self._inspector.get_foreign_keys(name, schema):
            for column in link["constrained_columns"]:
                points_to[column] = (*points_to.get(column, ()), link["referred_table"])
        columns = tuple(
            Column(
                str(column["name"]),
                type=_type_name(column["type"]),
                nullable=bool(column.get("nullable", True)),
                max_length=getattr(column["type"], "length", None),
                references=points_to.get(column["name"], ()),
                unique=list(key) == [column["name"]],
            )
            for column in self._inspector.get_columns(name, schema)
        )
        with self._engine.connect() as connection:
            count = sa.select(sa.func.count()).select_from(sa.table(name, schema=schema))
            rows = connection.execute(count).scalar_one()
        return Dataset(dataset, columns, tuple(key), int(rows))

    def _query(self, dataset: str) -> str:
        query = (self._options_of(dataset).query or "").strip().rstrip(";").strip()
        words = query.split(None, 1)
        if not words or words[0].lower() not in _READING:
            raise UsageError(
                f"the query of '{dataset}' does not begin with SELECT or WITH",
                where=f"datasets.{dataset}.query",
                hint="a source is only read",
            )
        return query.replace(":", "\\:")

    def _statement(self, dataset: str, since: str | None) -> sa.Executable:
        table = self._table(dataset)
        modified = self._modified_at(dataset)
        if table is None:
            text = self._query(dataset)
            if since and modified:
                column = self._engine.dialect.identifier_preparer.quote(modified)
                text = f"SELECT * FROM {self._relation(dataset)} WHERE {column} > :since"  # noqa: S608
            return sa.text(text)
        schema, name = self._known_table(table)
        key = self._inspector.get_pk_constraint(name, schema).get("constrained_columns") or []
        columns: list[sa.ColumnClause[object]] = [
            sa.column(c["name"]) for c in self._inspector.get_columns(name, schema)
        ]
        statement = sa.select(*columns).select_from(sa.table(name, schema=schema))
        if since and modified:
            statement = statement.where(sa.column(modified) > sa.bindparam("since"))
        return statement.order_by(*(sa.column(column) for column in key))

    def _relation(self, dataset: str) -> str:
        """Return what stands behind FROM."""
        table = self._table(dataset)
        if table is None:
            return f"({self._query(dataset)}) AS q"
        quote = self._engine.dialect.identifier_preparer.quote
        schema, name = self._known_table(table)
        return f"{quote(schema)}.{quote(name)}" if schema else quote(name)

    def _stored_kinds(self, connection: sa.Connection, dataset: str) -> list[frozenset[str]] | None:
        """Ask SQLite which kinds of values each column really holds; None for other databases."""
        if self._engine.dialect.name != "sqlite":
            return None
        source = self._relation(dataset)
        names = list(connection.execute(sa.text(f"SELECT * FROM {source} LIMIT 0")).keys())  # noqa: S608
        if len(set(names)) != len(names):
            return [frozenset({"mixed"})] * len(names)
        quote = self._engine.dialect.identifier_preparer.quote
        kinds = [frozenset[str]()] * len(names)
        for start in range(0, len(names), _ASKED_AT_ONCE):
            part = names[start : start + _ASKED_AT_ONCE]
            asked = ", ".join(f"group_concat(DISTINCT typeof({quote(n)}))" for n in part)
            row = connection.execute(sa.text(f"SELECT {asked} FROM {source}")).one()  # noqa: S608
            kinds[start : start + len(part)] = [
                frozenset((text or "").split(",")) - {"null", ""} for text in row
            ]
        return kinds


def _type_name(kind: sa.types.TypeEngine[object]) -> str:
    try:
        return str(kind).lower()
    except sa.exc.CompileError:
        return "text"


def _batches(
    result: sa.CursorResult[tuple[object, ...]],
    names: Sequence[str],
    wanted: Sequence[str],
    kinds: list[frozenset[str]] | None,
) -> Iterator[pa.RecordBatch]:
    places = [list(names).index(name) for name in wanted]
    readers = [ColumnReader(kinds[i] if kinds else None) for i in places]
    first = 1
    for part in result.partitions(BATCH_ROWS):
        columns = _by_column(part)
        chosen, damaged = set_damaged_aside([columns[i] for i in places], first)
        arrays = [r.read(values) for r, values in zip(readers, chosen, strict=True)]
        data = pa.Table.from_arrays(arrays, names=list(wanted))
        yield from number_rows(data, first, damaged).combine_chunks().to_batches()
        first += len(part)


def _by_column(rows: Sequence[sa.Row[tuple[object, ...]]]) -> list[tuple[object, ...]]:
    return list(zip(*rows, strict=True))
