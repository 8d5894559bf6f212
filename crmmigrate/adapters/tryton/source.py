"""Tryton as a source of a project: models under the names of datasets, with what people fill in."""

from collections.abc import Iterator, Mapping

from crmmigrate.adapters.numbered.source import NumberedSource, ReadColumn, View
from crmmigrate.adapters.tryton.fields import WORDS, Form, Slot
from crmmigrate.adapters.tryton.target import TrytonCrm

__all__ = ["open_source"]

_KEPT = frozenset({"active", "create_date", "number", "write_date"})
"""Fields that Tryton fills by itself and that a mapping may want all the same."""


def open_source(native: TrytonCrm, tables: Mapping[str, str]) -> NumberedSource:
    """Return the datasets of one database, with what people fill in.

    Args:
        native: The database.
        tables: Dataset → model; none lists all models under their own names.
    """

    def columns(table: str) -> Iterator[ReadColumn]:
        model = native.model(table)
        for slot in model.slots.values():
            if _is_read(slot):
                yield ReadColumn(slot.column, _points(slot))

    return NumberedSource(native, tables, View(columns, "resource_model", "resource_id"))


def _is_read(slot: Slot) -> bool:
    """Return whether people fill in the field, and this is the column that tells it best."""
    if slot.read_only and slot.field not in _KEPT:
        return False
    if slot.form in {Form.LINK, Form.WORDS} and slot.relation in WORDS:
        return slot.form is Form.WORDS and "." in slot.name
    return slot.name != "conversion_probability"


def _points(slot: Slot) -> str:
    if slot.form is Form.ANY_LINK:
        return "any"
    return "one" if slot.form is Form.LINK else ""
