"""The model of `migration.yaml`: sources, target and what is done between them."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from crmmigrate.config.canonical import ObjectSpec
from crmmigrate.config.limits import LimitText
from crmmigrate.config.listed import Listed
from crmmigrate.config.secrets import resolve_options
from crmmigrate.config.yaml import ClosedModel
from crmmigrate.model.policies import Existing, Policy
from crmmigrate.model.restraint import Restraint
from crmmigrate.model.validation import Gate, Limit

__all__ = [
    "DatasetConfig",
    "GatesConfig",
    "Migration",
    "SourceConfig",
    "StandardizeConfig",
    "TargetConfig",
]

_NAME = re.compile(r"[^\W\d_][\w-]*")
Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Text = Annotated[str, StringConstraints(min_length=1)]
RuleCode = Annotated[str, StringConstraints(pattern=r"^STD[0-9]{3}$")]
_OWN = {"adapter", "region", "ignore", "datasets", "options"}


class DatasetConfig(ClosedModel):
    """One table, file or sheet of a source, under the name that mappings use."""

    table: Text | None = Field(default=None, description="Table or view (sql).")
    query: Text | None = Field(default=None, description="SELECT statement (sql).")
    file: Text | None = Field(default=None, description="File below the source's path.")
    sheet: Text | None = Field(default=None, description="Sheet (excel).")
    header_row: int | None = Field(
        default=None, ge=1, description="Row of the column names, from 1."
    )
    records_path: Text | None = Field(
        default=None, description="Path to the list of records (json)."
    )
    encoding: Text | None = Field(default=None, description="Encoding of the file.")
    delimiter: Text | None = Field(default=None, description="Sign between columns (csv).")
    quote: str | None = Field(default=None, max_length=1, description="Quoting sign (csv).")
    escape: str | None = Field(default=None, max_length=1, description="Escaping sign (csv).")
    no_header: bool | None = Field(default=None, description="The first row is data (csv).")
    key: Listed = Field(default=(), description="Columns that identify a row.")
    modified_at: Text | None = Field(default=None, description="Column with the last change.")
    options: dict[str, str | int | float | bool] = Field(
        default={}, description="Options of an adapter that is not built in."
    )

    @model_validator(mode="after")
    def _table_or_query(self) -> "DatasetConfig":
        if self.table and self.query:
            raise ValueError("'table' and 'query' exclude each other")
        return self

    def reader_options(self) -> dict[str, object]:
        """Return the options that are set, as an adapter reads them."""
        options = self.model_dump(exclude_none=True, exclude={"options"})
        options["key"] = list(self.key)
        return {**options, **self.options}


class SourceConfig(ClosedModel):
    """A legacy system."""

    adapter: Text = Field(description="Name of the adapter, e.g. sql, csv, excel, json, parquet.")
    url: Text | None = Field(default=None, description="SQLAlchemy URL (sql).")
    path: Text | None = Field(default=None, description="File or folder, relative to the project.")
    encoding: Text | None = Field(default=None, description="Encoding of all files.")
    delimiter: Text | None = Field(default=None, description="Sign between columns (csv).")
    quote: str | None = Field(default=None, max_length=1, description="Quoting sign (csv).")
    region: Region | None = Field(
        default=None, description="Region of the data, ISO 3166-1 alpha-2."
    )
    datasets: dict[str, DatasetConfig] = Field(default={}, description="What is read, by name.")
    ignore: dict[str, Text] = Field(default={}, description="Datasets not read, each with a why.")
    options: dict[str, str | int | float | bool] = Field(
        default={}, description="Options of an adapter that is not built in."
    )

    @field_validator("datasets")
    @classmethod
    def _dataset_names(cls, datasets: dict[str, DatasetConfig]) -> dict[str, DatasetConfig]:
        for name in datasets:
            _check_name(name)
        return datasets

    def reader_options(self, root: Path | None = None, where: str = "sources") -> dict[str, object]:
        """Return everything an adapter needs, with references to secrets resolved.

        Keys that are not set are left out; `datasets` maps names to their options.

        Raises:
            ConfigError: a secret or environment variable is missing.
        """
        options = self.model_dump(exclude_none=True, exclude=_OWN)
        options |= self.options
        options["datasets"] = {name: d.reader_options() for name, d in self.datasets.items()}
        return resolve_options(options, root=root or Path(), where=where)


class TargetConfig(ClosedModel):
    """The CRM that is filled."""

    adapter: Text = Field(description="Name of the adapter, e.g. sqlite.")
    url: Text | None = Field(default=None, description="URL of the server or database.")
    path: Text | None = Field(default=None, description="File, relative to the project.")
    existing: Existing = Field(
        default=Existing.LINK,
        description="What becomes of a record that somebody else has made in the CRM already: "
        "link takes it over and holds doubtful ones back, hold holds all back, create does not ask.",
    )
    options: dict[str, str | int | float | bool] = Field(
        default={}, description="Options of an adapter that is not built in."
    )

    def reader_options(self, root: Path | None = None, where: str = "target") -> dict[str, object]:
        """Return everything an adapter needs, with references to secrets resolved.

        Raises:
            ConfigError: a secret or environment variable is missing.
        """
        options = self.model_dump(exclude_none=True, exclude={"adapter", "options", "existing"})
        return resolve_options(options | self.options, root=root or Path(), where=where)


_MOST_DELETED = Limit(Decimal(10), percent=True)
"""A source that is cut short must not empty the CRM."""


class LimitsConfig(ClosedModel):
    """Limits on the outcome of rows; a share is of the rows that came in."""

    max_rejected: LimitText | None = Field(default=None, description="Rows rejected.")
    max_flagged: LimitText | None = Field(default=None, description="Rows with a warning.")
    max_excluded: LimitText | None = Field(default=None, description="Rows excluded by a rule.")
    max_merged: LimitText | None = Field(default=None, description="Rows merged as duplicates.")


class GatesConfig(LimitsConfig):
    """When a run counts as failed (exit code 1)."""

    max_deleted: LimitText = Field(
        default=_MOST_DELETED,
        description="Records of an object that one plan may delete; above it, none is.",
    )
    objects: dict[str, LimitsConfig] = Field(default={}, description="Limits of one object.")
    findings: dict[str, LimitText] = Field(default={}, description="Findings by rule code.")

    def gates(self) -> tuple[Gate, ...]:
        """Return all gates as values."""
        found = [*_gates(self, None)]
        for name, limits in self.objects.items():
            found += _gates(limits, name)
        for code, limit in self.findings.items():
            found.append(Gate(f"findings.{code}", code, limit))
        return tuple(found)


def _gates(limits: LimitsConfig, object_: str | None) -> list[Gate]:
    prefix = f"{object_}." if object_ else ""
    found = []
    for measure in ("rejected", "flagged", "excluded", "merged"):
        limit = getattr(limits, f"max_{measure}")
        if limit is not None:
            found.append(Gate(f"{prefix}max_{measure}", measure, limit, object_))
    return found


class StandardizeConfig(ClosedModel):
    """What standardizing is not to do: the raw value stays instead."""

    undo_rules: tuple[RuleCode, ...] = Field(
        default=(), description="Rules whose changes are not wanted, by code, e.g. STD907."
    )
    min_confidence: float = Field(
        default=0.0, ge=0, le=1, description="Changes below this confidence are not made."
    )

    def restraint(self) -> Restraint:
        """Return it as kernels are handed it."""
        return Restraint(frozenset(self.undo_rules), self.min_confidence)


class Migration(ClosedModel):
    """The whole of `migration.yaml`."""

    version: Literal[1] = Field(description="Version of this format.")
    name: Text = Field(description="Name of the migration.")
    region: Region | None = Field(default=None, description="Region where a source has none.")
    sources: dict[str, SourceConfig] = Field(min_length=1, description="Legacy systems by name.")
    target: TargetConfig = Field(description="The CRM that is filled.")
    objects: dict[str, ObjectSpec] = Field(
        default={}, description="Objects and fields beside the canonical model."
    )
    mappings: tuple[Text, ...] = Field(
        default=("mappings/*.yaml",), description="Mapping files, as patterns."
    )
    standardize: StandardizeConfig = Field(
        default=StandardizeConfig(), description="What standardizing is not to do."
    )
    match: dict[str, Text] = Field(
        default={}, description="Objects to deduplicate, with the name of their match rules."
    )
    survivorship: dict[str, Text] = Field(
        default={}, description="Survivorship rules by object; by default those named like it."
    )
    validation: dict[str, Text] = Field(
        default={}, alias="validate", description="Validation rules by object; as above."
    )
    source_priority: tuple[str, ...] = Field(
        default=(), description="Sources from the most to the least trusted."
    )
    policies: dict[str, dict[str, Policy]] = Field(
        default={},
        description="Object → field, or * for all others → whose value counts in a record that the "
        "target has already: hold (default: ours, but what both sides have changed waits), overwrite or "
        "source_wins, never_blank, fill_blanks, target_wins or newest (by the modified_at of the dataset).",
    )
    deletes: dict[str, Literal["keep", "delete"]] = Field(
        default={},
        description="Object, or * for all others → what becomes of records that we loaded and that "
        "no source has any more: keep (default) or delete.",
    )
    gates: GatesConfig = Field(default=GatesConfig(), description="When a run counts as failed.")
    on_error: Literal["dead_letter", "stop"] = Field(
        default="dead_letter", description="What load does with a record the CRM rejects."
    )

    @field_validator("sources")
    @classmethod
    def _source_names(cls, sources: dict[str, SourceConfig]) -> dict[str, SourceConfig]:
        for name in sources:
            _check_name(name)
        return sources


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"'{name}' is no name; use letters, digits, '_' and '-'")
