"""Try the connection to a source or to the target of a project."""

from collections.abc import Iterator
from pathlib import Path

from crmmigrate.adapters.base import Connectable, KeyFields, Source
from crmmigrate.adapters.registry import open_source, open_target
from crmmigrate.config.project import Project
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.connections import Check, State

__all__ = ["TARGET", "try_connection"]

TARGET = "target"


def try_connection(
    project: Project, name: str, clock: object, *, create_field: bool = False
) -> Iterator[Check]:
    """Yield what was found; nothing is written, there or here, unless fields are to be made.

    Args:
        project: The project.
        name: Name of a source, or `target`.
        clock: Gives the time; handed to the target.
        create_field: Make the field for our key in objects of the target that lack it.

    Raises:
        UsageError: there is no such source, or fields are to be made in one.
        CrmMigrateError: there is no getting in at all.
    """
    if create_field and name != TARGET:
        raise UsageError(
            "--create-field is for the target: sources keep no keys of ours",
            hint="crmmigrate connect target --create-field",
        )
    opened = _opened(project, name, clock)
    try:
        if create_field:
            yield from _key_fields(opened)
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


def _key_fields(opened: Source) -> Iterator[Check]:
    if isinstance(opened, KeyFields):
        yield from opened.make_key_fields({})
    else:
        yield Check("field for our key", State.OK, "none is needed: there is always a place for it")


def _catalog(opened: Source) -> Check:
    datasets = opened.describe().datasets
    names = ", ".join(d.name for d in datasets[:8])
    more = f" and {len(datasets) - 8} more" if len(datasets) > 8 else ""
    return Check("catalog", State.OK, f"{len(datasets)} datasets: {names}{more}")
