"""Options of the built-in readers: the plain dict of a source, checked once."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import Field, field_validator

from crmmigrate.config.yaml import ClosedModel, validate_model
from crmmigrate.errors import ConfigError, UsageError

__all__ = ["DatasetOptions", "SourceOptions", "check_dataset", "check_options"]


class DatasetOptions(ClosedModel):
    """What every reader takes for a dataset."""

    key: tuple[str, ...] = Field(default=(), description="Columns that identify a row.")
    modified_at: str | None = Field(default=None, description="Column with the last change.")


class SourceOptions(ClosedModel):
    """What every reader takes for a source."""

    adapter: str = Field(default="", description="Name of the adapter.")
    region: str | None = Field(default=None, description="Region of the data.")
    ignore: dict[str, str] = Field(default={}, description="Datasets that are not read.")

    @field_validator("datasets", mode="before", check_fields=False)
    @classmethod
    def _empty_entries(cls, datasets: object) -> object:
        if not isinstance(datasets, Mapping):
            return datasets
        return {name: {} if entry is None else entry for name, entry in datasets.items()}


Checked = TypeVar("Checked", bound=SourceOptions)


def check_options(options: Mapping[str, object], schema: type[Checked]) -> Checked:
    """Return the options of a source as a frozen value.

    Raises:
        ConfigError: an option is unknown or of the wrong kind.
    """
    document: dict[str, Any] = dict(options)
    place = f"options of the {document.get('adapter') or 'source'} adapter"
    try:
        return validate_model(document, schema, place)
    except ConfigError as exc:
        causes = [cause.replace(f"{place}:1: ", "") for cause in exc.causes]
        raise ConfigError(exc.message, where=place, causes=causes, hint=exc.hint) from None


def check_dataset(name: str, known: Mapping[str, object]) -> None:
    """Make sure that a dataset exists.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in known:
        from crmmigrate.config.suggestions import did_you_mean

        raise UsageError(f"no dataset '{name}'{did_you_mean(name, known)}", where=name)
