"""Try the connection to a source or to the target of a project."""

from collections.abc import Iterator
from pathlib import Path

from crmmigrate.adapters.base import Connectable, Source
from crmmigrate.adapters.registry import open_source, open_target
from crmmigrate.config.project import Project
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.connections import Check, State

__all__ = ["TARGET", "try_connection"]

TARGET = "target"


def try_connection(project: Project, name: str, clock: object) -> Iterator[Check]:
    """Yield what was found; nothing is written, there or here.

    Args:
        project: The project.
        name: Name of a source, or `target`.
        clock: Gives the time; handed to the target.

    Raises:
        UsageError: there is no such source.
        CrmMigrateError: there is no getting in at all.
    """
    opened = _opened(project, name, clock)
    try:
        if isinstance(opened, Connectable):
            yield from opened.connect()
        else:
            yield _catalog(opened)
    finally:
        close = getattr(opened, "close", None)
        if callable(close):
            close()


def _opened(project: Project, name: str, clock: object) -> Source:
    root: Path = project.root
    sources = project.migration.sources
    if name == TARGET:
        config = project.migration.target
        given = {"adapter": config.adapter, "model": project.model, "clock": clock}
        return open_target({**config.reader_options(root), **given}, root)
    if name not in sources:
        known = [TARGET, *sources]
        raise UsageError(
            f"there is no connection '{name}'{did_you_mean(name, known)}",
            hint=f"there are: {', '.join(known)}",
        )
    source = sources[name]
    return open_source({"adapter": source.adapter, **source.reader_options(root)}, root)


def _catalog(opened: Source) -> Check:
    datasets = opened.describe().datasets
    names = ", ".join(d.name for d in datasets[:8])
    more = f" and {len(datasets) - 8} more" if len(datasets) > 8 else ""
    return Check("catalog", State.OK, f"{len(datasets)} datasets: {names}{more}")
