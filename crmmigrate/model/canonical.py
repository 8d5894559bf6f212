"""Types of the canonical CRM model: objects, fields and their columns.

The model itself is data (`canonical.yaml` beside this module), read by `crmmigrate.config.canonical`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from crmmigrate.model.semantic import PARTS, SemanticType, part_column

__all__ = ["RESERVED_COLUMNS", "CanonicalModel", "Field", "ObjectType"]

RESERVED_COLUMNS = (
    "_key",
    "_row_key",
    "_source",
    "_row",
    "_region",
    "_modified_at",
    "_deleted",
    "_cluster",
    "_findings",
)
"""Columns of canonical frames that are no fields; see DESIGN section 5."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object.

    Attributes:
        name: snake_case, unique within the object.
        type: Semantic type.
        label: What a person reads.
        description: One or two sentences.
        required: A record without a value is rejected by validation.
        references: Objects a reference may point to; more than one makes it polymorphic.
        choices: Allowed values of a choice.
        max_length: Longest text in characters that the embedded CRM takes; None is no limit.
    """

    name: str
    type: SemanticType
    label: str = ""
    description: str = ""
    required: bool = False
    references: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    max_length: int | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """Parts of the field's type; empty for simple types."""
        return PARTS.get(self.type, ())

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of this field in a canonical frame: the value, then its parts."""
        return (self.name, *(part_column(self.name, part) for part in self.parts))


@dataclass(frozen=True)
class ObjectType:
    """One object of the model, e.g. contact."""

    name: str
    label: str
    plural: str
    description: str
    fields: Mapping[str, Field]

    @property
    def columns(self) -> tuple[str, ...]:
        """All field columns in order, without the reserved ones."""
        return tuple(column for field in self.fields.values() for column in field.columns)

    @property
    def references(self) -> Iterator[Field]:
        """Fields that point to other records."""
        return (f for f in self.fields.values() if f.type is SemanticType.REFERENCE)


@dataclass(frozen=True)
class CanonicalModel:
    """All objects, in declaration order."""

    version: int
    objects: Mapping[str, ObjectType]

    @cached_property
    def load_order(self) -> tuple[str, ...]:
        """Objects so that references point backwards wherever they can.

        Self references and cycles are left to a second pass; the declaration order decides
        between objects that are free to go.
        """
        done: list[str] = []
        waiting = list(self.objects)
        while waiting:
            ready = next((o for o in waiting if self._free(o, done)), waiting[0])
            waiting.remove(ready)
            done.append(ready)
        return tuple(done)

    def _free(self, name: str, done: list[str]) -> bool:
        needed = {r for f in self.objects[name].references for r in f.references}
        return all(r in done or r == name or r not in self.objects for r in needed)
