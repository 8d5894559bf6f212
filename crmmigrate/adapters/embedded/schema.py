"""The relational schema of the embedded CRM, built from the canonical model.

A table an object: integer id, unique external id, the object's columns, stamps. The database
itself refuses what a CRM refuses: missing required values, values outside a picklist, texts too
long, dates that do not exist, numbers that are none, links to records that are not there. Every
constraint is named `ck_<kind>__<field>`, so that a refusal can be told by code and field.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.sql.schema import SchemaItem

from crmmigrate.adapters.embedded.storage import Form, Slot, slots
from crmmigrate.errors import ConfigError
from crmmigrate.model.canonical import CanonicalModel, ObjectType

__all__ = ["STAMPS", "CrmSchema", "build_schema"]

STAMPS = ("created_at", "modified_at", "deleted_at")
"""When the CRM made, last changed and (softly) deleted a record; UTC, ISO 8601."""
_OWN_COLUMNS = ("id", "external_id", *STAMPS)


@dataclass(frozen=True)
class CrmSchema:
    """Tables, slots and triggers of all objects."""

    metadata: MetaData
    tables: Mapping[str, Table]
    slots: Mapping[str, tuple[Slot, ...]]

    @cached_property
    def links(self) -> tuple[tuple[str, Slot], ...]:
        """Polymorphic references with the object they belong to."""
        return tuple(
            (o, s) for o, all_slots in self.slots.items() for s in all_slots if s.polymorphic
        )

    def triggers(self) -> Iterator[str]:
        """Yield the DDL that guards polymorphic references and keeps `modified_at` honest."""
        for object_, slot in self.links:
            for moment in ("INSERT", f"UPDATE OF {slot.columns[0]}, {slot.columns[1]}"):
                yield _link_guard(object_, slot, moment)
            for referenced in slot.field.references:
                yield _referenced_guard(object_, slot, referenced)
        for object_ in self.tables:
            yield _stamp_guard(object_)


def build_schema(model: CanonicalModel) -> CrmSchema:
    """Build the schema of a model.

    Raises:
        ConfigError: two columns of an object would have the same name.
    """
    metadata = MetaData()
    all_slots = {name: slots(o) for name, o in model.objects.items()}
    tables = {
        name: Table(name, metadata, *_columns(o, all_slots[name]), sqlite_autoincrement=True)
        for name, o in model.objects.items()
    }
    return CrmSchema(metadata, tables, all_slots)


def _columns(object_type: ObjectType, own: tuple[Slot, ...]) -> list[SchemaItem]:
    names = [*_OWN_COLUMNS, *(c for slot in own for c in slot.columns)]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ConfigError(
            f"object '{object_type.name}' needs the column '{twice[0]}' twice in the embedded CRM",
            hint="rename the field in migration.yaml",
        )
    return [
        Column("id", Integer, primary_key=True),
        Column("external_id", Text),
        *(column for slot in own for column in _slot_columns(slot)),
        *(Column(name, Text, nullable=name == "deleted_at") for name in STAMPS),
        UniqueConstraint("external_id", name="uq_external_id"),
        *(check for slot in own for check in _checks(slot)),
    ]


def _slot_columns(slot: Slot) -> list[SchemaItem]:
    needed = slot.field.required and slot.is_value
    if slot.form is Form.LINK:
        links = [] if slot.polymorphic else [ForeignKey(f"{slot.field.references[0]}.id")]
        first = Column(slot.columns[0], BigInteger, *links, nullable=not needed, index=True)
        kinds: list[SchemaItem] = [Column(c, Text, nullable=not needed) for c in slot.columns[1:]]
        return [first, *kinds]
    if slot.form is Form.BOOLEAN:
        return [Column(slot.name, Boolean(create_constraint=False), nullable=not needed)]
    if slot.form is Form.BLOB:
        return [Column(slot.name, LargeBinary, nullable=not needed)]
    return [Column(slot.name, Text, nullable=not needed)]


def _checks(slot: Slot) -> Iterator[CheckConstraint]:
    name = f'"{slot.name}"'
    rules = {
        Form.BOOLEAN: f"{name} IN (0, 1)",
        # "+0 days" makes SQLite compute the day, so that 30 February becomes another one.
        Form.DATE: f"date({name}, '+0 days') IS {name}",
        Form.DATETIME: f"datetime({name}) IS NOT NULL "
        f"AND date(substr({name}, 1, 10), '+0 days') IS substr({name}, 1, 10)",
        Form.NUMBER: f"{name} GLOB '*[0-9]*' AND ltrim({name}, '+-') NOT GLOB '*[^0-9.]*' "
        f"AND {name} NOT GLOB '*.*.*'",
    }
    if slot.form in rules:
        yield _check(slot.form.value, slot.name, f"{name} IS NULL OR ({rules[slot.form]})")
    if slot.polymorphic:
        kind = f'"{slot.columns[1]}"'
        allowed = ", ".join(_quoted(o) for o in slot.field.references)
        yield _check("link", slot.name, f'("{slot.columns[0]}" IS NULL) = ({kind} IS NULL)')
        yield _check("link_type", slot.name, f"{kind} IS NULL OR {kind} IN ({allowed})")
    if not slot.is_value or slot.form is not Form.TEXT:
        return
    if slot.field.choices:
        allowed = ", ".join(_quoted(c) for c in slot.field.choices)
        yield _check("choice", slot.name, f"{name} IS NULL OR {name} IN ({allowed})")
    if slot.field.max_length:
        yield _check(
            "length", slot.name, f"{name} IS NULL OR length({name}) <= {slot.field.max_length}"
        )
    if slot.field.required:
        yield _check("required", slot.name, f"{name} <> ''")


def _check(kind: str, field: str, rule: str) -> CheckConstraint:
    return CheckConstraint(rule.replace("%", "%%"), name=f"ck_{kind}__{field}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _link_guard(object_: str, slot: Slot, moment: str) -> str:
    number, kind = slot.columns
    missing = " OR ".join(
        f'(NEW."{kind}" = {_quoted(o)} AND NOT EXISTS (SELECT 1 FROM "{o}" WHERE id = NEW."{number}"))'  # noqa: S608 - names of the model
        for o in slot.field.references
    )
    name = f"link_{object_}_{slot.name}_{moment.split(maxsplit=1)[0].lower()}"
    return (
        f'CREATE TRIGGER IF NOT EXISTS "{name}" BEFORE {moment} ON "{object_}" '
        f"WHEN {missing} BEGIN SELECT RAISE(ABORT, 'LINK {slot.name}'); END"
    )


def _referenced_guard(object_: str, slot: Slot, referenced: str) -> str:
    number, kind = slot.columns
    return (
        f'CREATE TRIGGER IF NOT EXISTS "kept_{object_}_{slot.name}_{referenced}" '  # noqa: S608 - names of the model
        f'BEFORE DELETE ON "{referenced}" WHEN EXISTS (SELECT 1 FROM "{object_}" '
        f'WHERE "{number}" = OLD.id AND "{kind}" = {_quoted(referenced)}) '
        f"BEGIN SELECT RAISE(ABORT, 'REFERENCED {object_}'); END"
    )


def _stamp_guard(object_: str) -> str:
    return (
        f'CREATE TRIGGER IF NOT EXISTS "stamp_{object_}" AFTER UPDATE ON "{object_}" '  # noqa: S608 - names of the model
        "WHEN NEW.modified_at IS OLD.modified_at BEGIN "
        f"UPDATE \"{object_}\" SET modified_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') "
        "WHERE id = NEW.id; END"
    )
