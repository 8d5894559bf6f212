"""Tryton as a source of a project: models under the names of datasets, with what people fill in."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl
import pyarrow as pa

from crmmigrate.adapters.tryton.fields import WORDS, Form, Model, Slot
from crmmigrate.adapters.tryton.target import TrytonCrm
from crmmigrate.model.catalog import Capabilities, Catalog, Column, Dataset
from crmmigrate.model.connections import Check

__all__ = ["TrytonSource"]

_KEPT = frozenset({"active", "create_date", "number", "write_date"})
"""Fields that Tryton fills by itself and that a mapping may want all the same."""
_OWNER, _NUMBER = "resource_model", "resource_id"
_OWN = frozenset({"_id", "_external_id", "_modified_at"})


class TrytonSource:
    """Datasets of one database.

    A reference is the id of the record it points to, and the two halves of a reference to any
    model are `resource_model` and `resource_id`, so that lookups find the key.

    Args:
        native: The database.
        tables: Dataset → model; none lists all models under their own names.
    """

    def __init__(self, native: TrytonCrm, tables: Mapping[str, str]) -> None:
        self._native = native
        self._tables = dict(tables)

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
        names = self._tables or {name: name for name in self._native.models}
        found = []
        for name, table in names.items():
            model = self._native.model(table)
            columns = (Column("id", unique=True, nullable=False), *_columns(model))
            found.append(Dataset(name, columns, ("id",), rows.get(table)))
        return Catalog(tuple(found))

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield all records, archived ones too; or what was written at a moment or later."""
        table = self._tables.get(dataset, dataset)
        model = self._native.model(table)
        slots = [s for s in _slots(model) if fields is None or _named(s) & set(fields)]
        for batch in self._native.read(table, [s.name for s in slots], since):
            frame = pl.DataFrame(pl.from_arrow(batch))
            marks = [c for c in frame.columns if c.startswith("_") and c not in _OWN]
            columns = [pl.col("_id").alias("id"), *(e for s in slots for e in _plain(s))]
            yield from frame.select(*marks, *columns).to_arrow().to_batches()

    def close(self) -> None:
        """Close all connections."""
        self._native.close()


def _slots(model: Model) -> list[Slot]:
    """Return the columns that are worth reading, a field once."""
    return [slot for slot in model.slots.values() if _is_read(slot)]


def _is_read(slot: Slot) -> bool:
    """Return whether people fill in the field, and this is the column that tells it best."""
    if slot.read_only and slot.field not in _KEPT:
        return False
    if slot.form in {Form.LINK, Form.WORDS} and slot.relation in WORDS:
        return slot.form is Form.WORDS and "." in slot.name
    return slot.name != "conversion_probability"


def _named(slot: Slot) -> set[str]:
    return {_OWNER, _NUMBER} if slot.form is Form.ANY_LINK else {slot.name}


def _columns(model: Model) -> Iterator[Column]:
    for slot in _slots(model):
        if slot.form is Form.ANY_LINK:
            yield from (Column(_OWNER), Column(_NUMBER))
        else:
            yield slot.column


def _plain(slot: Slot) -> list[pl.Expr]:
    """Return the columns of a source: ids without the name of their model."""
    value = pl.col(slot.name)
    halves = value.str.splitn(":", 2) if slot.form is not Form.BINARY else value
    if slot.form is Form.ANY_LINK:
        return [
            halves.struct.field("field_0").alias(_OWNER),
            halves.struct.field("field_1").alias(_NUMBER),
        ]
    if slot.form is Form.LINK:
        return [halves.struct.field("field_1").alias(slot.name)]
    return [value]
