"""Read the canonical model, and add the objects and fields a project declares."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from pydantic import Field as Key
from pydantic import field_validator

from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.config.yaml import ClosedModel, read_model
from crmmigrate.model.canonical import CanonicalModel, Field, ObjectType
from crmmigrate.model.semantic import SemanticType

__all__ = ["FieldSpec", "ModelSpec", "ObjectSpec", "extend_model", "load_model", "model_problems"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class FieldSpec(ClosedModel):
    """A field as written in YAML; what is not given is taken from the packaged field."""

    type: SemanticType | None = Key(default=None, description="Semantic type of the values.")
    label: str | None = Key(default=None, description="What people read.")
    doc: str | None = Key(default=None, description="One or two sentences.")
    required: bool | None = Key(default=None, description="A record without a value is rejected.")
    references: tuple[str, ...] | None = Key(
        default=None, description="Objects a reference may point to."
    )
    choices: tuple[str, ...] | None = Key(default=None, description="Allowed values of a choice.")
    max_length: int | None = Key(default=None, ge=1, description="Most characters of a value.")


class ObjectSpec(ClosedModel):
    """An object as written in YAML."""

    label: str | None = Key(default=None, description="What people call one of them.")
    plural: str | None = Key(default=None, description="What people call many of them.")
    doc: str | None = Key(default=None, description="One or two sentences.")
    fields: dict[str, FieldSpec | None] = Key(default={}, description="Fields by name.")

    @field_validator("fields")
    @classmethod
    def _names(cls, fields: dict[str, FieldSpec | None]) -> dict[str, FieldSpec | None]:
        for name in fields:
            _check_name(name)
        return fields


class ModelSpec(ClosedModel):
    """The whole file canonical.yaml."""

    version: int
    common: dict[str, FieldSpec] = Key(default={})
    objects: dict[str, ObjectSpec]


def load_model() -> CanonicalModel:
    """Return the packaged canonical model; read once a process."""
    return _packaged()


@cache
def _packaged() -> CanonicalModel:
    path = Path(str(files("crmmigrate.model").joinpath("canonical.yaml")))
    spec = read_model(path, ModelSpec, shown=path.name)
    empty = CanonicalModel(version=spec.version, objects=MappingProxyType({}))
    return _extended(empty, spec.objects, spec.common)


def extend_model(model: CanonicalModel, objects: Mapping[str, ObjectSpec]) -> CanonicalModel:
    """Return the model with the objects and fields of a project added.

    An attribute given for an existing field replaces the packaged one, e.g. its choices.
    """
    return _extended(model, objects, {}) if objects else model


def model_problems(
    model: CanonicalModel, objects: Mapping[str, ObjectSpec]
) -> list[tuple[tuple[str, ...], str]]:
    """Return what is wrong with declared objects, as (path below `objects`, message)."""
    known = [*model.objects, *objects]
    problems: list[tuple[tuple[str, ...], str]] = []
    for object_name, spec in objects.items():
        for name, field in spec.fields.items():
            old = _old_field(model, object_name, name)
            problems += [
                ((object_name, "fields", name), message)
                for message in _field_problems(field or FieldSpec(), old, known)
            ]
        problems += _collisions(model, object_name, spec)
    return problems


def _field_problems(spec: FieldSpec, old: Field | None, known: list[str]) -> list[str]:
    found: list[str] = []
    if old is None and spec.type is None:
        return ["a new field needs a type"]
    if old is not None and spec.type not in {None, old.type}:
        found.append(f"is {old.type.value} in the canonical model; its type cannot change")
    kind = spec.type or (old.type if old else None)
    references = spec.references or (old.references if old else ())
    if kind is SemanticType.REFERENCE and not references:
        found.append("a reference needs 'references'")
    if spec.references and kind is not SemanticType.REFERENCE:
        found.append("'references' is for fields of type reference")
    choices = spec.choices or (old.choices if old else ())
    if kind is SemanticType.CHOICE and not choices:
        found.append("a choice needs 'choices'")
    found += [
        f"unknown object '{name}'{did_you_mean(name, known)}"
        for name in references
        if name not in known
    ]
    return found


def _collisions(
    model: CanonicalModel, object_name: str, spec: ObjectSpec
) -> list[tuple[tuple[str, ...], str]]:
    if any(f is not None and f.type is None for f in spec.fields.values()):
        return []
    columns: dict[str, str] = {}
    problems: list[tuple[tuple[str, ...], str]] = []
    for field in _extended(model, {object_name: spec}, {}).objects[object_name].fields.values():
        for column in field.columns:
            other = columns.setdefault(column, field.name)
            if other != field.name and field.name in spec.fields:
                message = f"its column '{column}' collides with a part of the field '{other}'"
                problems.append(((object_name, "fields", field.name), message))
    return problems


def _old_field(model: CanonicalModel, object_name: str, name: str) -> Field | None:
    old = model.objects.get(object_name)
    return old.fields.get(name) if old else None


def _extended(
    model: CanonicalModel, objects: Mapping[str, ObjectSpec], common: Mapping[str, FieldSpec]
) -> CanonicalModel:
    merged = dict(model.objects)
    for name, spec in objects.items():
        merged[name] = _object(_check_name(name), spec, model.objects.get(name), common)
    return CanonicalModel(version=model.version, objects=MappingProxyType(merged))


def _object(
    name: str, spec: ObjectSpec, old: ObjectType | None, common: Mapping[str, FieldSpec]
) -> ObjectType:
    fields = dict(old.fields) if old else {}
    for field_name, field in spec.fields.items():
        given = field or common.get(field_name) or FieldSpec()
        fields[field_name] = _field(field_name, given, fields.get(field_name))
    label = spec.label or (old.label if old else name.replace("_", " ").capitalize())
    return ObjectType(
        name=name,
        label=label,
        plural=spec.plural or (old.plural if old else f"{label}s"),
        description=spec.doc or (old.description if old else ""),
        fields=MappingProxyType(fields),
    )


def _field(name: str, spec: FieldSpec, old: Field | None) -> Field:
    base = old or Field(name, SemanticType.TEXT, name.replace("_", " ").capitalize())
    return Field(
        name=name,
        type=spec.type or base.type,
        label=spec.label or base.label,
        description=spec.doc or base.description,
        required=base.required if spec.required is None else spec.required,
        references=base.references if spec.references is None else spec.references,
        choices=base.choices if spec.choices is None else spec.choices,
        max_length=spec.max_length or base.max_length,
    )


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"'{name}' is no name; use small letters, digits and '_'")
    return name
