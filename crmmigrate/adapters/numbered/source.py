"""Numbered records as a source of a project: models under the names of datasets."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl
import pyarrow as pa

from crmmigrate.adapters.base import Connectable, Source
from crmmigrate.model.catalog import Capabilities, Catalog, Column, Dataset
from crmmigrate.model.connections import Check

__all__ = ["NumberedSource", "ReadColumn", "View"]

_OWN = frozenset({"_id", "_external_id", "_modified_at"})


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """One column that is read of a model.

    Attributes:
        column: As the native adapter has it.
        points: `one` for a reference to one model, `any` for one to any; else empty.
    """

    column: Column
    points: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """How a CRM looks as a source.

    Attributes:
        columns: Model → the columns that are worth reading, a field once.
        owner: Name of the half of a reference to any model that holds the model.
        number: Name of the half that holds the id.
    """

    columns: Callable[[str], Iterable[ReadColumn]]
    owner: str
    number: str


class Native(Source, Connectable, Protocol):
    """The adapter in the words of its CRM."""

    def close(self) -> None:
        """Close all connections."""
        ...


class NumberedSource:
    """Datasets of one database.

    A reference is the id of the record it points to, and a reference to any model is two columns,
    so that lookups find the key. Code tables are words.

    Args:
        native: The database.
        tables: Dataset → model; none lists all models under their own names.
        view: How it looks.
    """

    def __init__(self, native: Native, tables: Mapping[str, str], view: View) -> None:
        self._native = native
        self._tables = dict(tables)
        self._view = view

    @property
    def capabilities(self) -> Capabilities:
        """It can be read, and what changed alone, too."""
        return Capabilities(incremental=True)

    def connect(self) -> Iterator[Check]:
        """Try the connection; nothing is changed."""
        return self._native.connect()

    def describe(self) -> Catalog:
        """Return the datasets with their columns."""
        rows = {d.name: d.rows for d in self._native.describe().datasets}
        names = self._tables or {name: name for name in rows}
        found = []
        for name, table in names.items():
            shown = [c for read in self._view.columns(table) for c in self._shown(read)]
            columns = (Column("id", unique=True, nullable=False), *shown)
            found.append(Dataset(name, columns, ("id",), rows.get(table)))
        return Catalog(tuple(found))

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield all records, archived ones too; or what was written at a moment or later."""
        table = self._tables.get(dataset, dataset)
        wanted = [
            read
            for read in self._view.columns(table)
            if fields is None or {c.name for c in self._shown(read)} & set(fields)
        ]
        for batch in self._native.read(table, [read.column.name for read in wanted], since):
            frame = pl.DataFrame(pl.from_arrow(batch))
            marks = [c for c in frame.columns if c.startswith("_") and c not in _OWN]
            columns = [
                pl.col("_id").alias("id"),
                *(e for read in wanted for e in self._plain(read)),
            ]
            yield from frame.select(*marks, *columns).to_arrow().to_batches()

    def close(self) -> None:
        """Close all connections."""
        self._native.close()

    def _shown(self, read: ReadColumn) -> tuple[Column, ...]:
        if read.points == "any":
            return (Column(self._view.owner), Column(self._view.number))
        return (read.column,)

    def _plain(self, read: ReadColumn) -> list[pl.Expr]:
        """Return the columns of a source: ids without the name of their model."""
        value = pl.col(read.column.name)
        if not read.points:
            return [value]
        halves = value.str.splitn(":", 2)
        number = halves.struct.field("field_1")
        if read.points == "any":
            owner = halves.struct.field("field_0")
            return [owner.alias(self._view.owner), number.alias(self._view.number)]
        return [number.alias(read.column.name)]
