"""Read mapping files into frozen mappings, and check them against the model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from crmmigrate.config.listed import Listed
from crmmigrate.config.yaml import ClosedModel, line_of, read_yaml, validate_model
from crmmigrate.errors import ConfigError
from crmmigrate.model.mapping import (
    Constant,
    DateHabit,
    ExcludeRule,
    Expression,
    FieldMapping,
    FromColumn,
    Join,
    Lookup,
    ObjectMapping,
    Origin,
    References,
    RegionChoice,
    Split,
    ValueMap,
)

__all__ = ["FieldEntry", "MappingFile", "MappingList", "read_mappings"]

Scalar = str | int | float | bool
OnUnmapped = Literal["reject", "null", "keep"] | None
OnMissing = Literal["reject", "null", "flag"] | None
_ORIGINS = ("from", "expr", "const", "lookup", "split", "join")


class SplitEntry(ClosedModel):
    """One piece of a column."""

    column: str = Field(alias="from", description="Column to split.")
    on: str = Field(min_length=1, description="Separator.")
    part: int = Field(description="Which piece, from 0; negative counts from the end.")


class JoinEntry(ClosedModel):
    """Several columns as one text."""

    columns: tuple[str, ...] = Field(alias="from", min_length=1, description="Columns to join.")
    separator: str = Field(default=" ", alias="with", description="What stands between them.")


class LookupEntry(ClosedModel):
    """A reference to another record by its source key."""

    object: str = Field(description="Object the record is of.")
    dataset: str = Field(description="Dataset the record comes from.")
    source: str | None = Field(default=None, description="Source, if another one.")
    columns: Listed = Field(
        alias="from", min_length=1, description="Column or columns with its key."
    )
    by: str | None = Field(default=None, description="Column of that dataset, if not its key.")
    on_missing: OnMissing = Field(default="null", description="What to do if there is no record.")
    when: str | None = Field(default=None, description="SQL condition under which it holds.")


class FieldEntry(ClosedModel):
    """How one field, or one part of it, is filled."""

    column: str | None = Field(default=None, alias="from", description="Source column.")
    expr: str | None = Field(default=None, description="Polars SQL expression on source columns.")
    const: Scalar | None = Field(default=None, description="The same value in every record.")
    lookup: LookupEntry | tuple[LookupEntry, ...] | None = Field(
        default=None, description="Reference to a record; the first of several that is found."
    )
    split: SplitEntry | None = Field(default=None, description="One piece of a column.")
    join: JoinEntry | None = Field(default=None, description="Several columns as one text.")
    values: dict[Scalar | None, Scalar | None] | None = Field(
        default=None, description="Legacy value → canonical value; 'default' for all others."
    )
    on_unmapped: OnUnmapped = Field(
        default=None, description="What to do with a value that is not in 'values'."
    )
    required: bool = Field(default=False, description="A row without a value is rejected.")
    date_order: Literal["dmy", "mdy", "ymd"] | None = Field(
        default=None, description="Order of dates written in numbers; else the column proves it."
    )
    excel_1904: bool | None = Field(
        default=None, description="Serial numbers of days count from 1904, as of old Macs."
    )

    @model_validator(mode="after")
    def _one_origin(self) -> "FieldEntry":
        given = [o for o in _ORIGINS if getattr(self, "column" if o == "from" else o) is not None]
        if not given:
            raise ValueError(f"needs one of {', '.join(_ORIGINS)}")
        if len(given) > 1:
            raise ValueError(f"'{given[0]}' and '{given[1]}' exclude each other")
        if self.values is not None and given[0] in {"const", "lookup"}:
            raise ValueError(f"'values' and '{given[0]}' exclude each other")
        if self.on_unmapped is not None and self.values is None:
            raise ValueError("'on_unmapped' needs 'values'")
        if self.on_unmapped is not None and "default" in (self.values or {}):
            raise ValueError("'on_unmapped' and a default in 'values' exclude each other")
        return self


class ExcludeEntry(ClosedModel):
    """Rows that are no records."""

    rule: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Name of the rule, in snake_case.")
    when: str = Field(description="Polars SQL condition on source columns.")
    why: str = Field(min_length=1, description="Reason, for the report.")


class RegionEntry(ClosedModel):
    """The region of each row."""

    column: str = Field(alias="from", description="Column with a country.")
    default: str | None = Field(
        default=None, pattern=r"^[A-Z]{2}$", description="Region where the cell is blank."
    )


class MappingFile(ClosedModel):
    """How one dataset becomes records of one object."""

    source: str = Field(description="Source as named in migration.yaml.")
    dataset: str = Field(description="Dataset of that source.")
    object: str = Field(description="Canonical object.")
    region: str | RegionEntry | None = Field(
        default=None, description="Region of the rows: a code, or the column that tells it."
    )
    derive: dict[str, str] = Field(
        default={}, description="Further columns by polars SQL, usable like source columns."
    )
    exclude: tuple[ExcludeEntry, ...] = Field(default=(), description="Rows that are no records.")
    fields: dict[str, FieldEntry] = Field(min_length=1, description="Fields and how to fill them.")
    ignore: dict[str, str] = Field(default={}, description="Columns not migrated, each with a why.")

    @field_validator("region")
    @classmethod
    def _region_code(cls, value: str | RegionEntry | None) -> str | RegionEntry | None:
        if isinstance(value, str) and not (len(value) == 2 and value.isalpha() and value.isupper()):
            raise ValueError("must be a code such as RO, or {from: column}")
        return value

    @field_validator("ignore")
    @classmethod
    def _whys(cls, value: dict[str, str]) -> dict[str, str]:
        for column, why in value.items():
            if not why.strip():
                raise ValueError(f"'{column}' is ignored without a why")
        return value


class MappingList(ClosedModel):
    """Several mappings in one file."""

    mappings: tuple[MappingFile, ...] = Field(min_length=1, description="The mappings.")


def read_mappings(path: Path, *, shown: str | None = None) -> tuple[ObjectMapping, ...]:
    """Read one mapping file, which holds one mapping or a list under `mappings:`.

    The mappings are not yet checked against sources and model; see `crmmigrate.config.crosscheck`.

    Raises:
        ConfigError: the file is wrong; every mistake with file and line.
    """
    where = shown or str(path)
    document = read_yaml(path, shown=shown)
    if not isinstance(document, dict):
        raise ConfigError("must be a map of keys to values", where=f"{where}:1")
    if "mappings" not in document:
        entry = validate_model(document, MappingFile, where)
        return (_mapping(entry, document, where, document, ()),)
    listed = validate_model(document, MappingList, where)
    return tuple(
        _mapping(entry, document["mappings"][i], where, document, ("mappings", i))
        for i, entry in enumerate(listed.mappings)
    )


def _mapping(
    entry: MappingFile,
    node: Any,  # noqa: ANN401 - a piece of a YAML document
    where: str,
    document: Any,  # noqa: ANN401
    prefix: tuple[str | int, ...],
) -> ObjectMapping:
    def line(*path: str | int) -> int:
        return line_of(document, (*prefix, *path))

    lines = {"": line(), **{key: line(key) for key in node}}
    for section in ("fields", "derive", "ignore"):
        lines |= {f"{section}.{key}": line(section, key) for key in node.get(section) or {}}
    lines |= {f"exclude.{e.rule}": line("exclude", i) for i, e in enumerate(entry.exclude)}
    return ObjectMapping(
        source=entry.source,
        dataset=entry.dataset,
        object=entry.object,
        fields=tuple(
            _field(target, given, entry.source, lines[f"fields.{target}"])
            for target, given in entry.fields.items()
        ),
        region=_region(entry.region),
        exclude=tuple(
            ExcludeRule(e.rule, e.when, e.why, lines[f"exclude.{e.rule}"]) for e in entry.exclude
        ),
        derive=MappingProxyType(dict(entry.derive)),
        ignore=MappingProxyType(dict(entry.ignore)),
        file=where,
        lines=MappingProxyType(lines),
    )


def _region(value: str | RegionEntry | None) -> RegionChoice:
    if isinstance(value, RegionEntry):
        return RegionChoice(value.column, value.default)
    return RegionChoice(None, value)


def _field(target: str, entry: FieldEntry, source: str, line: int) -> FieldMapping:
    field, _, part = target.partition(".")
    return FieldMapping(
        target=target,
        field=field,
        part=part or None,
        origin=_origin(entry, source),
        values=_value_map(entry),
        required=entry.required,
        line=line,
        dates=DateHabit(entry.date_order, bool(entry.excel_1904)),
    )


def _origin(entry: FieldEntry, source: str) -> Origin:
    if entry.column is not None:
        return FromColumn(entry.column)
    if entry.expr is not None:
        return Expression(entry.expr)
    if entry.split is not None:
        return Split(entry.split.column, entry.split.on, entry.split.part)
    if entry.join is not None:
        return Join(entry.join.columns, entry.join.separator)
    if entry.lookup is not None:
        lookups: Sequence[LookupEntry] = (
            entry.lookup if isinstance(entry.lookup, tuple) else (entry.lookup,)
        )
        return References(tuple(_lookup(one, source) for one in lookups))
    return Constant(_text(entry.const) or "")


def _lookup(entry: LookupEntry, source: str) -> Lookup:
    return Lookup(
        object=entry.object,
        source=entry.source or source,
        dataset=entry.dataset,
        columns=entry.columns,
        by=entry.by,
        on_missing=entry.on_missing or "null",
        when=entry.when,
    )


def _value_map(entry: FieldEntry) -> ValueMap | None:
    if entry.values is None:
        return None
    given: Mapping[Scalar | None, Scalar | None] = entry.values
    return ValueMap(
        pairs=tuple((_text(k) or "", _text(v)) for k, v in given.items() if k != "default"),
        default=_text(given.get("default")),
        has_default="default" in given,
        on_unmapped=entry.on_unmapped or "null",
    )


def _text(value: Scalar | None) -> str | None:
    """Return a YAML scalar as sources spell it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
