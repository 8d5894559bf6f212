"""JSON Schemas of all configuration files, for editors and for people."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, RootModel

from crmmigrate.config.mapping import MappingFile, MappingList
from crmmigrate.config.matching import MatchSpec, SurvivorshipSpec
from crmmigrate.config.migration import Migration
from crmmigrate.config.regions import RegionFile
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.config.validation import ValidationFile
from crmmigrate.errors import UsageError

__all__ = ["KINDS", "json_schema"]


class MappingDocument(RootModel[MappingFile | MappingList]):
    """A mapping file: one mapping, or several under `mappings`."""


KINDS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        "migration": Migration,
        "mapping": MappingDocument,
        "match": MatchSpec,
        "survivorship": SurvivorshipSpec,
        "validate": ValidationFile,
        "region": RegionFile,
    }
)
"""Kind of file → its model."""

_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "migration": "migration.yaml",
        "mapping": "mappings/*.yaml",
        "match": "rules/match/*.yaml",
        "survivorship": "rules/survivorship/*.yaml",
        "validate": "rules/validate/*.yaml",
        "region": "rules/regions/*.yaml",
    }
)


def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one kind of file.

    Args:
        kind: A key of `KINDS`.

    Raises:
        UsageError: there is no such kind.
    """
    model = KINDS.get(kind)
    if model is None:
        raise UsageError(f"there is no schema '{kind}'{did_you_mean(kind, KINDS)}")
    schema = model.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": _TITLES[kind],
    }
