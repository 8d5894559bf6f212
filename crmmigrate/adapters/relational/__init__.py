"""A relational CRM of ours: in a SQLite file, in PostgreSQL, or in MariaDB."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import cast

from crmmigrate.adapters.base import Target
from crmmigrate.adapters.facts import tells
from crmmigrate.adapters.relational.database import Place
from crmmigrate.adapters.relational.dialect import Dialect
from crmmigrate.adapters.relational.target import BATCH_SIZE, CAPABILITIES, RelationalCrm
from crmmigrate.adapters.relational.urls import open_url
from crmmigrate.errors import ConfigError
from crmmigrate.model.canonical import CanonicalModel

__all__ = ["RelationalCrm", "open_crm", "open_server"]


@tells("a CRM of ours in PostgreSQL or MariaDB", lambda: CAPABILITIES)
def open_server(options: Mapping[str, object], _root: Path) -> Target:
    """Open a CRM of ours on a database server; its tables are made by the first write.

    Args:
        options: `url`, e.g. `postgresql+psycopg://user:${env:PASSWORD}@host/crm` or
            `mysql+pymysql://…`; perhaps `batch_size`; `model` and `clock` as every target is given.

    Raises:
        ConfigError: the URL is missing or wrong, or its driver is not installed.
    """
    place, dialect = open_url(options.get("url"))
    return open_crm(place, dialect, options)


def open_crm(place: Place, dialect: Dialect, options: Mapping[str, object]) -> Target:
    """Open a CRM at a place; `options` as for `open_server`.

    Raises:
        ConfigError: the size of batches is wrong.
    """
    size = options.get("batch_size", BATCH_SIZE)
    if not isinstance(size, int) or size < 1:
        raise ConfigError("target.batch_size must be a whole number above 0")
    model = options.get("model")
    if not isinstance(model, CanonicalModel):
        raise ConfigError(
            "a CRM of ours is a target, no source",
            hint="read its tables with adapter: sql and the url of the database",
        )
    clock = cast("Callable[[], datetime]", options["clock"])
    return RelationalCrm(place, dialect, model, clock, size)
