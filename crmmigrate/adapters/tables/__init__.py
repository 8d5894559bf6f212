"""Tables that are there already: a customer's own database as target and source."""

from collections.abc import Mapping
from pathlib import Path

from crmmigrate.adapters.base import Source, Target
from crmmigrate.adapters.facts import tells
from crmmigrate.adapters.mapped import MappedTarget
from crmmigrate.adapters.relational.database import Place
from crmmigrate.adapters.relational.dialect import Dialect
from crmmigrate.adapters.relational.sqlite import SQLite
from crmmigrate.adapters.relational.urls import open_url
from crmmigrate.adapters.tables.target import CAPABILITIES, Habits, TablesTarget
from crmmigrate.config.targets import load_target_mapping
from crmmigrate.errors import ConfigError
from crmmigrate.model.canonical import CanonicalModel

__all__ = ["TablesTarget", "open_native", "open_tables"]

_SQLITE = "sqlite:///"


@tells("tables that are there: PostgreSQL, MariaDB or a SQLite file", lambda: CAPABILITIES)
def open_tables(options: Mapping[str, object], root: Path) -> Target | Source:
    """Open a database whose tables are there: in canonical words as a target, in its own as a source.

    Args:
        options: See `open_native`; `model`, the canonical model, for a target.
        root: Folder of the project, where `mappings/tables/from_canonical.yaml` is.

    Raises:
        ConfigError: an option or the mapping is wrong.
    """
    native, model = open_native(options, root), options.get("model")
    if not isinstance(model, CanonicalModel):
        return native
    return MappedTarget(native, load_target_mapping("tables", model, root), model)


def open_native(options: Mapping[str, object], root: Path) -> TablesTarget:
    """Open a database in its own words.

    Args:
        options: `url` of PostgreSQL, MariaDB or a SQLite file (`sqlite:///crm.db`, relative to the
            project); `external_id`, the column of every table that keeps our key; perhaps
            `schema`, `modified` (column with the time of the last change) and `batch_size`.
        root: Folder of the project.

    Raises:
        ConfigError: an option is missing or wrong.
    """
    place, dialect = _place(options.get("url"), root)
    column = options.get("external_id", "external_id")
    size = options.get("batch_size", 5000)
    if not isinstance(column, str) or not column.strip():
        raise ConfigError(
            "options.external_id must name a column",
            hint="every table that is written needs a text column for our key, e.g. legacy_id",
        )
    if not isinstance(size, int) or size < 1:
        raise ConfigError("options.batch_size must be a whole number above 0")
    habits = Habits(column, _text(options, "schema"), _text(options, "modified"), size)
    return TablesTarget(place, dialect, habits)


def _place(url: object, root: Path) -> tuple[Place, Dialect]:
    if isinstance(url, str) and url.startswith(_SQLITE):
        file = root / url.removeprefix(_SQLITE)
        if not file.is_file():
            raise ConfigError("there is no such SQLite file", where=str(file))
        dialect = SQLite()
        return Place(dialect.engine(f"{_SQLITE}{file}"), str(file), file), dialect
    return open_url(url)


def _text(options: Mapping[str, object], name: str) -> str | None:
    value = options.get(name)
    return value.strip() if isinstance(value, str) and value.strip() else None
