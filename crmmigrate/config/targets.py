"""Read `mappings/<adapter>/from_canonical.yaml`: how canonical columns are named in a CRM."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from crmmigrate.config.bundled import bundled_path
from crmmigrate.config.problems import Problems
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.config.yaml import ClosedModel, line_of, read_model, read_yaml
from crmmigrate.errors import InternalError
from crmmigrate.model.canonical import CanonicalModel, ObjectType

__all__ = ["TargetField", "TargetFile", "TargetMapping", "TargetObject", "load_target_mapping"]


class TargetFieldEntry(ClosedModel):
    """Where one canonical column goes, if more than a name is to be said."""

    to: str = Field(description="Field of the CRM.")
    first_of: list[str] = Field(
        default=[], description="Columns of which the first that is filled is written."
    )
    join: list[str] = Field(
        default=[],
        description="Columns that are written one after another; beside first_of, where none of "
        "those is filled.",
    )
    separator: str = Field(default=", ", description="What stands between joined columns.")
    form: Literal["login"] | None = Field(
        default=None,
        description="How it is written: `login` is a name to sign in with, in small Latin "
        "letters, digits and . - _ @ only.",
    )
    values: dict[str, str] = Field(
        default={}, description="Canonical value → value of the CRM; others stay as they are."
    )


class TargetObjectEntry(ClosedModel):
    """Names of one object and its columns, where they differ."""

    name: str | None = Field(default=None, description="Name of the object in the CRM.")
    constants: dict[str, str] = Field(
        default={},
        description="Field of the CRM → value that every record of this object has, and no "
        "record of another object that shares the place.",
    )
    fields: dict[str, str | TargetFieldEntry | None] = Field(
        default={}, description="Canonical column → field of the CRM; null leaves it out."
    )
    left_out: dict[str, str] = Field(
        default={}, description="Canonical column → why the CRM has no place for it."
    )
    key_field: str = Field(
        default="",
        description="Field of the CRM that shows our record key to people, beside the place where "
        "the adapter keeps it; written when a record is created.",
    )


class TargetFile(ClosedModel):
    """The whole file."""

    adapter: str = Field(description="Adapter the names are for.")
    objects: dict[str, TargetObjectEntry] = Field(default={}, description="What differs.")
    left_out: dict[str, str] = Field(
        default={}, description="Canonical object → why the CRM has no place for it."
    )


@dataclass(frozen=True)
class TargetField:
    """Where one canonical column goes.

    Attributes:
        to: Field of the CRM.
        first_of: Canonical columns of which the first that is filled is written.
        join: Canonical columns that are written one after another if none of those is filled.
        separator: What stands between joined ones.
        values: Canonical value → value of the CRM.
        form: How the value is written; None for as it is.
    """

    to: str
    first_of: tuple[str, ...]
    join: tuple[str, ...] = ()
    separator: str = ", "
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    form: Literal["login"] | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """Canonical columns its value is made of."""
        return (*self.first_of, *self.join)


@dataclass(frozen=True)
class TargetObject:
    """One object as a CRM names it."""

    name: str
    fields: Mapping[str, TargetField | None] = field(default_factory=lambda: MappingProxyType({}))
    constants: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    left_out: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    key_field: str = ""

    def columns(self, object_type: ObjectType) -> dict[str, str]:
        """Return canonical column → field of the CRM, without those that are left out."""
        same = {column: TargetField(column, (column,)) for column in object_type.columns}
        named = same | dict(self.fields)
        return {column: place.to for column, place in named.items() if place is not None}


@dataclass(frozen=True)
class TargetMapping:
    """The names of a CRM."""

    adapter: str
    objects: Mapping[str, TargetObject]
    left_out: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def object(self, name: str) -> TargetObject:
        """Return an object; one that is not listed bears its canonical name."""
        return self.objects.get(name, TargetObject(name))


def load_target_mapping(
    adapter: str, model: CanonicalModel, project_root: Path | None = None
) -> TargetMapping:
    """Return the mapping for an adapter: the project's own, the packaged one, or all the same.

    Raises:
        ConfigError: the file is wrong; every mistake with file and line.
    """
    name = f"mappings/{adapter}/from_canonical.yaml"
    path = _find(name, project_root)
    if path is None:
        return TargetMapping(adapter, MappingProxyType({}))
    spec = read_model(path, TargetFile, shown=name)
    _check(spec, path, name, model)
    objects = {
        o: TargetObject(
            entry.name or o,
            MappingProxyType({c: _field(c, told) for c, told in entry.fields.items()}),
            MappingProxyType(dict(entry.constants)),
            MappingProxyType(dict(entry.left_out)),
            entry.key_field,
        )
        for o, entry in spec.objects.items()
    }
    return TargetMapping(
        spec.adapter, MappingProxyType(objects), MappingProxyType(dict(spec.left_out))
    )


def _field(column: str, told: str | TargetFieldEntry | None) -> TargetField | None:
    if told is None or isinstance(told, str):
        return None if told is None else TargetField(told, (column,))
    first = (*(told.first_of or ([] if told.join else [column])),)
    values = MappingProxyType(dict(told.values))
    return TargetField(told.to, first, (*told.join,), told.separator, values, told.form)


def _find(name: str, project_root: Path | None) -> Path | None:
    own = (project_root or Path()) / name
    if own.is_file():
        return own
    try:
        return bundled_path(name)
    except InternalError:
        return None


def _check(spec: TargetFile, path: Path, shown: str, model: CanonicalModel) -> None:
    document, problems = read_yaml(path, shown=shown), Problems()
    for object_, entry in spec.objects.items():
        known = model.objects.get(object_)
        if known is None:
            where = f"{shown}:{line_of(document, ('objects', object_))}"
            near = did_you_mean(object_, model.objects)
            problems.add(where, f"objects.{object_}: unknown object{near}")
            continue
        for part, column in _columns(entry):
            if column not in known.columns:
                where = f"{shown}:{line_of(document, ('objects', object_, part, column))}"
                near = did_you_mean(column, known.columns)
                problems.add(where, f"objects.{object_}.{part}.{column}: unknown column{near}")
    for object_ in spec.left_out:
        if object_ not in model.objects:
            where = f"{shown}:{line_of(document, ('left_out', object_))}"
            near = did_you_mean(object_, model.objects)
            problems.add(where, f"left_out.{object_}: unknown object{near}")
    problems.raise_if_any()


def _columns(entry: TargetObjectEntry) -> Iterator[tuple[str, str]]:
    """Yield every canonical column that an entry names, with the part it stands in."""
    yield from (("left_out", column) for column in entry.left_out)
    for column, told in entry.fields.items():
        yield "fields", column
        if isinstance(told, TargetFieldEntry):
            yield from (("fields", name) for name in (*told.first_of, *told.join))
