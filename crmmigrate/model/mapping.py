"""Types of mappings: how one dataset of a source becomes records of one object.

Mappings are frozen values without compiled expressions, so they can be pickled and sent to
another machine; `crmmigrate.mapping` turns them into polars expressions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

__all__ = [
    "Constant",
    "DateHabit",
    "ExcludeRule",
    "Expression",
    "FieldMapping",
    "FromColumn",
    "Join",
    "Lookup",
    "ObjectMapping",
    "Origin",
    "References",
    "RegionChoice",
    "Split",
    "ValueMap",
]


@dataclass(frozen=True, slots=True)
class FromColumn:
    """The value of one source column."""

    column: str


@dataclass(frozen=True, slots=True)
class Expression:
    """The value of a polars SQL expression over the source columns."""

    sql: str


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value for every row."""

    text: str


@dataclass(frozen=True, slots=True)
class Split:
    """One piece of a column: the `part`-th (from 0; negative from the end) between separators."""

    column: str
    on: str
    part: int


@dataclass(frozen=True, slots=True)
class Join:
    """Several columns as one text; blank ones are left out."""

    columns: tuple[str, ...]
    separator: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """A reference to a record of another object, found by its source key.

    Attributes:
        object: The object pointed to.
        source: The source that holds it.
        dataset: The dataset that holds it.
        columns: Columns of this dataset with the key; several for a composite key.
        by: Column of the other dataset to look up by; None is its key.
        on_missing: 'null' drops a dangling reference, 'flag' keeps it, 'reject' rejects the row;
            all three leave a finding.
        when: SQL condition under which this lookup holds, for polymorphic references.
    """

    object: str
    source: str
    dataset: str
    columns: tuple[str, ...]
    by: str | None = None
    on_missing: str = "null"
    when: str | None = None

    @property
    def target(self) -> str:
        """Unit that holds the records pointed to: `source:object:dataset`."""
        return f"{self.source}:{self.object}:{self.dataset}"

    @property
    def index(self) -> str:
        """Name of the index this lookup needs when it is not by key."""
        return f"{self.target}?{self.by}"


@dataclass(frozen=True, slots=True)
class References:
    """Lookups in order; the first that gives a key wins."""

    lookups: tuple[Lookup, ...]


Origin = FromColumn | Expression | Constant | Split | Join | References
"""Where the value of a field comes from."""


@dataclass(frozen=True, slots=True)
class ValueMap:
    """Legacy values and what they become.

    Attributes:
        pairs: Legacy value and canonical value (None is blank); '' stands for blank values.
        default: What other values become, where `has_default`.
        has_default: Whether there is a default.
        on_unmapped: 'reject', 'null' or 'keep' for other values when there is no default.
    """

    pairs: tuple[tuple[str, str | None], ...]
    default: str | None = None
    has_default: bool = False
    on_unmapped: str = "null"


@dataclass(frozen=True, slots=True)
class DateHabit:
    """How the source writes dates, where the mapping says it.

    Attributes:
        order: dmy, mdy or ymd for dates in numbers; None leaves it to what the column proves.
        counts_from_1904: Serial numbers of days count from 1904 and not from 1900.
    """

    order: str | None = None
    counts_from_1904: bool = False

    def options(self) -> dict[str, object]:
        """Return the options of the kernel for dates; none where nothing is said."""
        told: dict[str, object] = {"date_order": self.order} if self.order else {}
        return told | ({"date_system": "1904"} if self.counts_from_1904 else {})


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """How one field (or one part of it) is filled.

    Attributes:
        target: As written, e.g. `name.given`.
        field: Canonical field.
        part: Part of the field's type, or None for the whole value.
        origin: Where the value comes from.
        values: Value map applied to it, or None.
        required: A row without a value is rejected.
        line: Line in the mapping file.
        dates: How the source writes this field's dates.
    """

    target: str
    field: str
    part: str | None
    origin: Origin
    values: ValueMap | None = None
    required: bool = False
    line: int = 0
    dates: DateHabit = DateHabit()

    @property
    def column(self) -> str:
        """Canonical column that is filled."""
        return f"{self.field}_{self.part}" if self.part else self.field


@dataclass(frozen=True, slots=True)
class ExcludeRule:
    """Rows that are no records, with the reason why."""

    rule: str
    when: str
    why: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class RegionChoice:
    """Where the region of a row comes from: a column, then a constant for blank cells."""

    column: str | None = None
    constant: str | None = None


@dataclass(frozen=True)
class ObjectMapping:
    """How one dataset becomes records of one object.

    Attributes:
        source: Source as named in migration.yaml.
        dataset: Dataset of the source.
        object: Canonical object.
        fields: In the order of the file.
        region: The region of each row, already completed with the source's and project's.
        exclude: Rules that set rows aside; the first that fires names the reason.
        derive: Further columns computed from the source's, in an order that works.
        ignore: Source column → why it is not migrated.
        file: File as shown in messages.
        lines: Dotted key → line in the file.
    """

    source: str
    dataset: str
    object: str
    fields: tuple[FieldMapping, ...]
    region: RegionChoice = RegionChoice()
    exclude: tuple[ExcludeRule, ...] = ()
    derive: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ignore: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    file: str = ""
    lines: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle read-only maps as plain ones."""
        return (
            ObjectMapping,
            (
                self.source,
                self.dataset,
                self.object,
                self.fields,
                self.region,
                self.exclude,
                dict(self.derive),
                dict(self.ignore),
                self.file,
                dict(self.lines),
            ),
        )

    @property
    def extract_unit(self) -> str:
        """Unit of the extract stage this mapping reads: `source.dataset`."""
        return f"{self.source}.{self.dataset}"

    @property
    def unit(self) -> str:
        """Unit of the map and standardize stages: `object~source.dataset`."""
        return f"{self.object}~{self.source}.{self.dataset}"

    @property
    def prefix(self) -> str:
        """What the record keys begin with, without the slash: `source:object:dataset`."""
        return f"{self.source}:{self.object}:{self.dataset}"

    @property
    def lookups(self) -> Iterator[tuple[FieldMapping, Lookup]]:
        """All lookups with the field they fill."""
        for mapped in self.fields:
            if isinstance(mapped.origin, References):
                for lookup in mapped.origin.lookups:
                    yield mapped, lookup

    def where(self, dotted: str) -> str:
        """Return `file:line` of a key, e.g. `fields.email`; of the mapping if it has no line."""
        line = self.lines.get(dotted, self.lines.get("", 0))
        return f"{self.file}:{line}" if line else self.file
