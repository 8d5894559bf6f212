"""Tell why the embedded CRM refused a record: code, field and a sentence."""

import re
from dataclasses import dataclass

from sqlalchemy import Connection, Table, select

from crmmigrate.adapters.embedded.schema import CrmSchema
from crmmigrate.adapters.embedded.storage import Form, Slot

__all__ = ["Refusal", "explain_refusal"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one operation was not carried out."""

    code: str
    field: str | None
    message: str


_CHECK = re.compile(r"CHECK constraint failed: ck_(.+?)__(\w+)")
_NOT_NULL = re.compile(r"NOT NULL constraint failed: \w+\.(\w+)")
_UNIQUE = re.compile(r"UNIQUE constraint failed: \w+\.(\w+)")
_MESSAGES = {
    "boolean": ("INVALID_BOOLEAN", "is neither true nor false"),
    "date": ("INVALID_DATE", "is no date of the form YYYY-MM-DD"),
    "datetime": ("INVALID_DATETIME", "is no point in time in ISO 8601"),
    "number": ("INVALID_NUMBER", "is no decimal number"),
    "choice": ("NOT_IN_PICKLIST", "is not in the picklist"),
    "length": ("TOO_LONG", "is too long"),
    "required": ("REQUIRED_FIELD_MISSING", "is required"),
    "link": ("INVALID_LINK", "is no link to a record"),
    "link_type": ("INVALID_LINK", "may not point to a record of this object"),
}


def explain_refusal(
    error: str, schema: CrmSchema, object_: str, row: dict[str, object], connection: Connection
) -> Refusal:
    """Translate what SQLite says about one row into a refusal."""
    told = _constraint(error, schema, object_) or _trigger(error)
    if told is None and "FOREIGN KEY" in error:
        return _broken_link(schema, object_, row, connection)
    return told or Refusal("REFUSED", None, error)


def _constraint(error: str, schema: CrmSchema, object_: str) -> Refusal | None:
    own = {column: slot for slot in schema.slots[object_] for column in slot.columns}
    if found := _CHECK.search(error):
        code, says = _MESSAGES.get(found[1], ("CHECK_FAILED", "is refused"))
        return _about(own.get(found[2]), code, found[2], says)
    if found := _NOT_NULL.search(error):
        slot = own.get(found[1])
        return Refusal(
            "REQUIRED_FIELD_MISSING", slot.name if slot else found[1], "the field is required"
        )
    if found := _UNIQUE.search(error):
        return Refusal("DUPLICATE_VALUE", found[1], "another record has the same value")
    return None


def _trigger(error: str) -> Refusal | None:
    if error.startswith("LINK "):
        name = error.removeprefix("LINK ")
        return Refusal("LINKED_RECORD_MISSING", name, "the record pointed to is not in the CRM")
    if error.startswith("REFERENCED "):
        other = error.removeprefix("REFERENCED ")
        return Refusal("STILL_REFERENCED", None, f"records of {other} still point to it")
    return None


def _about(slot: Slot | None, code: str, column: str, says: str) -> Refusal:
    if slot is None:
        return Refusal(code, column, f"the value {says}")
    if code == "TOO_LONG":
        says = f"is longer than {slot.field.max_length} characters"
    if code == "NOT_IN_PICKLIST":
        says = f"is not in the picklist: {', '.join(slot.field.choices)}"
    return Refusal(code, slot.name, f"the value {says}")


def _broken_link(
    schema: CrmSchema, object_: str, row: dict[str, object], connection: Connection
) -> Refusal:
    """Find which link is broken: SQLite does not say. No broken link means others point here."""
    for slot in schema.slots[object_]:
        number = (
            row.get(slot.columns[0]) if slot.form is Form.LINK and not slot.polymorphic else None
        )
        if number is None:
            continue
        other: Table = schema.tables[slot.field.references[0]]
        if connection.execute(select(other.c.id).where(other.c.id == number)).first() is None:
            return Refusal(
                "LINKED_RECORD_MISSING", slot.name, "the record pointed to is not in the CRM"
            )
    if row:
        return Refusal("LINKED_RECORD_MISSING", None, "a record pointed to is not in the CRM")
    return Refusal("STILL_REFERENCED", None, "other records still point to it")
