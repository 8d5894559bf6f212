"""The embedded CRM: a real relational CRM in one SQLite file."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import cast

from crmmigrate.adapters.base import Target
from crmmigrate.adapters.embedded.target import BATCH_SIZE, EmbeddedCrm
from crmmigrate.errors import ConfigError
from crmmigrate.model.canonical import CanonicalModel

__all__ = ["EmbeddedCrm", "open_target"]


def open_target(options: Mapping[str, object], root: Path) -> Target:
    """Open the embedded CRM of a project; the file is made by the first write.

    Args:
        options: `path` of the SQLite file, relative to the project; perhaps `batch_size`; and what every target is
            given: `model`, the canonical model, and `clock`, which gives the time.
        root: Folder of the project.

    Raises:
        ConfigError: there is no path, or it is a folder.
    """
    path = options.get("path")
    if not isinstance(path, str) or not path.strip():
        raise ConfigError(
            "target.path is missing", hint="give the SQLite file of the CRM, e.g. path: crm.db"
        )
    place = root / path
    if place.is_dir():
        raise ConfigError("target.path is a folder", where=str(place), hint="name a file in it")
    size = options.get("batch_size", BATCH_SIZE)
    if not isinstance(size, int) or size < 1:
        raise ConfigError("target.batch_size must be a whole number above 0")
    model = cast("CanonicalModel", options["model"])
    return EmbeddedCrm(place, model, cast("Callable[[], datetime]", options["clock"]), size)
