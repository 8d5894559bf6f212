"""The relational schema of a CRM of ours, built from the canonical model.

A table an object: integer id, unique external id, the object's columns, stamps. The database
itself refuses what a CRM refuses: missing required values, values outside a picklist, texts too
long, dates that do not exist, numbers that are none, links to records that are not there. Every
constraint is named `ck_<kind>__<field>`, so that a refusal can be told by code and field.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, MetaData, Table, UniqueConstraint
from sqlalchemy.sql.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from crmmigrate.adapters.relational.dialect import Dialect
from crmmigrate.adapters.relational.storage import Form, Slot, slots
from crmmigrate.errors import ConfigError
from crmmigrate.model.canonical import CanonicalModel, ObjectType

__all__ = ["STAMPS", "CrmSchema", "build_schema"]

STAMPS = ("created_at", "modified_at", "deleted_at")
"""When the CRM made, last changed and (softly) deleted a record; UTC, ISO 8601."""
_OWN_COLUMNS = ("id", "external_id", *STAMPS)


@dataclass(frozen=True)
class CrmSchema:
    """Tables and slots of all objects."""

    metadata: MetaData
    tables: Mapping[str, Table]
    slots: Mapping[str, tuple[Slot, ...]]

    @cached_property
    def links(self) -> tuple[tuple[str, Slot], ...]:
        """Polymorphic references with the object they belong to."""
        return tuple(
            (o, s) for o, all_slots in self.slots.items() for s in all_slots if s.polymorphic
        )


def build_schema(model: CanonicalModel, dialect: Dialect) -> CrmSchema:
    """Build the schema of a model for a kind of database.

    Raises:
        ConfigError: two columns of an object would have the same name.
    """
    metadata = MetaData()
    all_slots = {name: slots(o) for name, o in model.objects.items()}
    tables = {
        name: Table(
            name, metadata, *_columns(o, all_slots[name], dialect), sqlite_autoincrement=True
        )
        for name, o in model.objects.items()
    }
    return CrmSchema(metadata, tables, all_slots)


def _columns(object_type: ObjectType, own: tuple[Slot, ...], dialect: Dialect) -> list[SchemaItem]:
    names = [*_OWN_COLUMNS, *(c for slot in own for c in slot.columns)]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ConfigError(
            f"object '{object_type.name}' needs the column '{twice[0]}' twice in the CRM",
            hint="rename the field in migration.yaml",
        )
    types = dialect.types()
    return [
        Column("id", types["id"], primary_key=True, autoincrement=True),
        Column("external_id", types["name"]),
        *(column for slot in own for column in _slot_columns(slot, types)),
        *(Column(name, types["stamp"], nullable=name == "deleted_at") for name in STAMPS),
        UniqueConstraint("external_id", name=f"uq_{object_type.name}__external_id"),
        *(check for slot in own for check in _checks(slot, dialect)),
    ]


def _slot_columns(slot: Slot, types: Mapping[str, TypeEngine[Any]]) -> list[SchemaItem]:
    needed = slot.field.required and slot.is_value
    if slot.form is Form.LINK:
        key = f"{slot.field.references[0]}.id"
        links = [] if slot.polymorphic else [ForeignKey(key)]
        first = Column(slot.columns[0], types["link"], *links, nullable=not needed, index=True)
        kinds: list[SchemaItem] = [
            Column(c, types["stamp"], nullable=not needed) for c in slot.columns[1:]
        ]
        return [first, *kinds]
    kind = {Form.BOOLEAN: "flag", Form.BLOB: "blob"}.get(slot.form, "text")
    return [Column(slot.name, types[kind], nullable=not needed)]


def _checks(slot: Slot, dialect: Dialect) -> Iterator[CheckConstraint]:
    name = f'"{slot.name}"'
    rules = dialect.rules(slot)
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
            "length",
            slot.name,
            f"{name} IS NULL OR {dialect.length(name)} <= {slot.field.max_length}",
        )
    if slot.field.required:
        yield _check("required", slot.name, f"{name} <> ''")


def _check(kind: str, field: str, rule: str) -> CheckConstraint:
    return CheckConstraint(rule.replace("%", "%%"), name=f"ck_{kind}__{field}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
