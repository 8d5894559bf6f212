"""Tell why the database refused a record: code, field and a sentence."""

from sqlalchemy import Connection, Table, select

from crmmigrate.adapters.outcome_frames import Refusal
from crmmigrate.adapters.relational.dialect import Told
from crmmigrate.adapters.relational.schema import CrmSchema
from crmmigrate.adapters.relational.storage import Form, Slot

__all__ = ["explain_refusal"]

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
    told: Told, schema: CrmSchema, object_: str, row: dict[str, object], connection: Connection
) -> Refusal:
    """Translate what the database says about one row into a refusal."""
    own = {column: slot for slot in schema.slots[object_] for column in slot.columns}
    if told.kind == "check":
        rule, _, column = told.name.removeprefix("ck_").partition("__")
        code, says = _MESSAGES.get(rule, ("CHECK_FAILED", "is refused"))
        return _about(own.get(column), code, column, says)
    if told.kind == "missing":
        slot = own.get(told.name)
        field = slot.name if slot else told.name
        return Refusal("REQUIRED_FIELD_MISSING", field, "the field is required")
    if told.kind == "twice":
        column = told.name.rpartition("__")[2]
        return Refusal("DUPLICATE_VALUE", column, "another record has the same value")
    if told.kind == "link":
        return _broken_link(schema, object_, row, connection)
    return _guarded(told)


def _guarded(told: Told) -> Refusal:
    """Translate what a trigger of ours says, or whatever is left."""
    if told.kind == "still":
        return Refusal("STILL_REFERENCED", None, "other records still point to it")
    if told.kind != "guard":
        return Refusal("REFUSED", None, told.name)
    kind, _, name = told.name.partition(" ")
    if kind == "LINK":
        return Refusal("LINKED_RECORD_MISSING", name, "the record pointed to is not in the CRM")
    return Refusal("STILL_REFERENCED", None, f"records of {name} still point to it")


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
