"""The embedded CRM: a real relational CRM in one SQLite file."""

from collections.abc import Mapping
from pathlib import Path

from crmmigrate.adapters.base import Target
from crmmigrate.adapters.facts import tells
from crmmigrate.adapters.relational import open_crm
from crmmigrate.adapters.relational.database import Place
from crmmigrate.adapters.relational.sqlite import SQLite
from crmmigrate.adapters.relational.target import CAPABILITIES
from crmmigrate.errors import ConfigError

__all__ = ["open_target"]


@tells("the embedded CRM: one SQLite file with the canonical model", lambda: CAPABILITIES)
def open_target(options: Mapping[str, object], root: Path) -> Target:
    """Open the embedded CRM of a project, a SQLite file that is made by the first write.

    Args:
        options: `path` of the SQLite file, relative to the project; perhaps `batch_size`; and what
            every target is given: `model`, the canonical model, and `clock`, which gives the time.
        root: Folder of the project.

    Raises:
        ConfigError: there is no path, or it is a folder.
    """
    path = options.get("path")
    if not isinstance(path, str) or not path.strip():
        raise ConfigError(
            "target.path is missing", hint="give the SQLite file of the CRM, e.g. path: crm.db"
        )
    file = root / path
    if file.is_dir():
        raise ConfigError("target.path is a folder", where=str(file), hint="name a file in it")
    dialect = SQLite()
    return open_crm(Place(dialect.engine(f"sqlite:///{file}"), str(file), file), dialect, options)
