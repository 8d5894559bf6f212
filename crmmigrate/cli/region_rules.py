"""Which rules of regions a command without a run takes: those of the project it is called in."""

from pathlib import Path

from crmmigrate.config.names import MIGRATION_FILE
from crmmigrate.config.regions import load_region_book
from crmmigrate.errors import UsageError
from crmmigrate.model.regions import RegionBook

__all__ = ["regions_of"]


def regions_of(directory: Path) -> RegionBook:
    """Return the rules of all regions, with a project's own ones if the folder holds a project.

    Raises:
        ConfigError: a region file of the project is wrong (`file:line`).
        UsageError: another folder than the current one is named, and it holds no project.
    """
    if (directory / MIGRATION_FILE).is_file():
        return load_region_book(directory)
    if directory != Path():
        raise UsageError(
            f"there is no {MIGRATION_FILE}",
            where=str(directory),
            hint="-C names the folder of a project, whose rules of regions are taken",
        )
    return load_region_book()
