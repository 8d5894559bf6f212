"""Tell whether the sources have changed, without reading them."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from crmmigrate.config.project import Project

__all__ = ["absent_inputs", "input_fingerprint"]


def input_fingerprint(project: Project) -> str | None:
    """Return a hash over size and time of all source files.

    None if a source is not a file (a database server): then nobody can tell without reading.
    """
    seen: list[tuple[str, int, int]] = []
    for config in project.migration.sources.values():
        places = _places(config.reader_options(project.root), project.root)
        if places is None:
            return None
        for place in places:
            files = (
                sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]
            )
            for path in (*files, place.with_name(place.name + "-wal")):
                if path.exists():
                    facts = path.stat()
                    seen.append((_named(path, project.root), facts.st_size, facts.st_mtime_ns))
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def _named(path: Path, root: Path) -> str:
    """Return a path as seen from the project, so that the project can be moved."""
    whole, base = path.resolve(), root.resolve()
    return str(whole.relative_to(base)) if whole.is_relative_to(base) else str(whole)


def absent_inputs(options: Mapping[str, object], root: Path) -> str:
    """Return why a source cannot be looked at offline; empty if some of its files are there."""
    places = _places(options, root)
    if places is None:
        return "it is a server"
    if any(place.exists() for place in places):
        return ""
    return f"there is no {places[0]}"


def _places(options: Mapping[str, object], root: Path) -> list[Path] | None:
    """Return the files or folders a source reads, or None if it is a server."""
    url = options.get("url")
    if isinstance(url, str):
        prefix = "sqlite:///"
        return [root / url.removeprefix(prefix).split("?")[0]] if url.startswith(prefix) else None
    base = root / str(options.get("path") or ".")
    datasets = options.get("datasets")
    named = [
        base / str(entry["file"])
        for entry in (datasets.values() if isinstance(datasets, dict) else ())
        if isinstance(entry, dict) and entry.get("file")
    ]
    return named or [base]
