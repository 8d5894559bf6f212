"""Read `mappings/<adapter>/from_canonical.yaml`: how canonical columns are named in a CRM."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from pydantic import Field

from crmmigrate.config.bundled import bundled_path
from crmmigrate.config.problems import Problems
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.config.yaml import ClosedModel, line_of, read_model, read_yaml
from crmmigrate.errors import InternalError
from crmmigrate.model.canonical import CanonicalModel, ObjectType

__all__ = ["TargetFile", "TargetMapping", "TargetObject", "load_target_mapping"]


class TargetObjectEntry(ClosedModel):
    """Names of one object and its columns, where they differ."""

    name: str | None = Field(default=None, description="Name of the object in the CRM.")
    fields: dict[str, str | None] = Field(
        default={}, description="Canonical column → field of the CRM; null leaves it out."
    )


class TargetFile(ClosedModel):
    """The whole file."""

    adapter: str = Field(description="Adapter the names are for.")
    objects: dict[str, TargetObjectEntry] = Field(default={}, description="What differs.")


@dataclass(frozen=True)
class TargetObject:
    """One object as a CRM names it."""

    name: str
    fields: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))

    def columns(self, object_type: ObjectType) -> dict[str, str]:
        """Return canonical column → field of the CRM, without those that are left out."""
        named = {column: self.fields.get(column, column) for column in object_type.columns}
        return {column: name for column, name in named.items() if name is not None}


@dataclass(frozen=True)
class TargetMapping:
    """The names of a CRM."""

    adapter: str
    objects: Mapping[str, TargetObject]

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
        o: TargetObject(entry.name or o, MappingProxyType(dict(entry.fields)))
        for o, entry in spec.objects.items()
    }
    return TargetMapping(spec.adapter, MappingProxyType(objects))


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
        for column in entry.fields:
            if column not in known.columns:
                where = f"{shown}:{line_of(document, ('objects', object_, 'fields', column))}"
                near = did_you_mean(column, known.columns)
                problems.add(where, f"objects.{object_}.fields.{column}: unknown column{near}")
    problems.raise_if_any()
