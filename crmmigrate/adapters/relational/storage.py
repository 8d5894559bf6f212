"""How canonical columns lie in the tables of the embedded CRM, and back without loss.

Numbers and amounts are kept as decimal text, because binary floats would change them; booleans
as 0 and 1; dates as ISO text; a reference as the integer id of the record, and beside it the
object's name where it may point to several.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from crmmigrate.model.canonical import Field, ObjectType
from crmmigrate.model.operations import after_column
from crmmigrate.model.semantic import SemanticType, part_column

__all__ = ["Form", "Slot", "from_storage", "slots", "to_storage", "unstorable"]


class Form(StrEnum):
    """How one canonical column is stored."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    BLOB = "blob"
    LINK = "link"


_FORMS = {
    SemanticType.NUMBER: Form.NUMBER,
    SemanticType.BOOLEAN: Form.BOOLEAN,
    SemanticType.DATE: Form.DATE,
    SemanticType.DATETIME: Form.DATETIME,
    SemanticType.BINARY: Form.BLOB,
    SemanticType.REFERENCE: Form.LINK,
}
_PART_FORMS = {"valid": Form.BOOLEAN, "amount": Form.NUMBER}


@dataclass(frozen=True, slots=True)
class Slot:
    """One canonical column and the columns of the table that hold it.

    Attributes:
        name: Canonical column.
        form: How it is stored.
        field: The field it belongs to.
        is_value: It is the value of the field, not one of its parts.
    """

    name: str
    form: Form
    field: Field
    is_value: bool = True

    @property
    def polymorphic(self) -> bool:
        """Whether it may point to records of several objects."""
        return self.form is Form.LINK and len(self.field.references) > 1

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table."""
        if self.form is not Form.LINK:
            return (self.name,)
        return (
            (f"{self.name}_id", f"{self.name}_type") if self.polymorphic else (f"{self.name}_id",)
        )


def slots(object_type: ObjectType) -> tuple[Slot, ...]:
    """Return the slots of an object in the order of its canonical columns."""
    found: list[Slot] = []
    for field in object_type.fields.values():
        found.append(Slot(field.name, _FORMS.get(field.type, Form.TEXT), field))
        for part in field.parts:
            form = _PART_FORMS.get(part, Form.TEXT)
            found.append(Slot(part_column(field.name, part), form, field, is_value=False))
    return tuple(found)


def to_storage(slot: Slot) -> list[pl.Expr]:
    """Return the table columns of a slot, from its `to.` column; what cannot be is null."""
    value = pl.col(after_column(slot.name))
    if slot.form is Form.BLOB:
        return [value.alias(slot.name)]
    filled = pl.when(value != "").then(value)
    if slot.form is Form.BOOLEAN:
        return [_boolean(filled).alias(slot.name)]
    if slot.form is not Form.LINK:
        return [filled.alias(slot.name)]
    pieces = filled.str.splitn(":", 2)
    names = slot.columns
    number = pieces.struct.field("field_1").cast(pl.Int64, strict=False).alias(names[0])
    return (
        [number, pieces.struct.field("field_0").alias(names[1])] if slot.polymorphic else [number]
    )


def unstorable(slot: Slot) -> pl.Expr | None:
    """Return whether the `to.` value has no stored form at all; None if every text has one."""
    value = pl.col(after_column(slot.name))
    filled = (value != "").fill_null(value=False)
    if slot.form is Form.BOOLEAN:
        return filled & _boolean(value).is_null()
    if slot.form is Form.LINK:
        known = "|".join(slot.field.references)
        return filled & ~value.str.contains(rf"^(?:{known}):\d{{1,18}}$")
    return None


def from_storage(slot: Slot) -> pl.Expr:
    """Return the canonical column from the table's columns."""
    value = pl.col(slot.columns[0])
    if slot.form is Form.BLOB:
        return value.cast(pl.Binary).alias(slot.name)
    if slot.form is Form.BOOLEAN:
        names = pl.when(value == 1).then(pl.lit("true")).when(value == 0).then(pl.lit("false"))
        return names.alias(slot.name)
    if slot.form is not Form.LINK:
        return value.cast(pl.String).alias(slot.name)
    object_ = pl.col(slot.columns[1]) if slot.polymorphic else pl.lit(slot.field.references[0])
    return pl.concat_str(object_, pl.lit(":"), value.cast(pl.String)).alias(slot.name)


def table_schema(chosen: Sequence[Slot]) -> pl.Schema:
    """Return the polars types of the table columns of some slots."""
    types: dict[str, pl.DataType] = {}
    for slot in chosen:
        kind: pl.DataType = pl.String()
        if slot.form in {Form.BOOLEAN, Form.LINK}:
            kind = pl.Int64()
        elif slot.form is Form.BLOB:
            kind = pl.Binary()
        types[slot.columns[0]] = kind
        types.update(dict.fromkeys(slot.columns[1:], pl.String()))
    return pl.Schema(types)


def _boolean(value: pl.Expr) -> pl.Expr:
    lowered = value.str.to_lowercase()
    return pl.when(lowered == "true").then(pl.lit(1)).when(lowered == "false").then(pl.lit(0))
