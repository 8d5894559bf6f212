"""Adapters by name, through the entry points that third parties register, too."""

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from crmmigrate.adapters.base import Source, Target
from crmmigrate.adapters.input_files import check_file
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import ConfigError, UsageError

__all__ = [
    "GROUP",
    "adapter_names",
    "adapter_of",
    "load_function",
    "open_file",
    "open_source",
    "open_target",
]

GROUP = "crmmigrate.adapters"
"""Entry-point group; an entry names a function of (options, root)."""

_BY_SUFFIX = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt"), "csv"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), "excel"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "json"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
}
_BY_CONTENT = (
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "excel"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "excel"),
)


def adapter_names() -> tuple[str, ...]:
    """Return the names of all installed adapters."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def open_source(options: Mapping[str, object], root: Path) -> Source:
    """Open one entry of `sources:`.

    Args:
        options: The entry; `adapter` names the adapter.
        root: Folder of the project; relative paths start there.

    Raises:
        ConfigError: no such adapter, or its options are wrong.
        UsageError: the files or the database cannot be opened.
    """
    opened = _open(options, root)
    if not isinstance(opened, Source):
        raise ConfigError(f"adapter '{options.get('adapter')}' cannot be read as a source")
    return opened


def open_target(options: Mapping[str, object], root: Path) -> Target:
    """Open the entry `target:`; arguments and errors as `open_source`."""
    opened = _open(options, root)
    if not isinstance(opened, Target):
        raise ConfigError(
            f"adapter '{options.get('adapter')}' can only be read; it is no target",
            hint="list all that can be written: crmmigrate adapters",
        )
    return opened


def open_file(path: Path, **options: object) -> Source:
    """Open one file by its suffix, or by its first bytes; the one dataset is named `file`.

    Args:
        path: A CSV, TSV, Excel, ODS, JSON, JSON Lines or Parquet file.
        options: Options of the source, such as `region`, and of its dataset, such as `sheet`.

    Raises:
        UsageError: the file is missing, unreadable, empty or of no known kind.
    """
    check_file(path)
    source = {name: options.pop(name) for name in ("region",) if options.get(name) is not None}
    dataset = {name: value for name, value in options.items() if value is not None}
    return open_source(
        {
            "adapter": adapter_of(path),
            "path": str(path.resolve()),
            "datasets": {"file": dataset},
            **source,
        },
        path.parent,
    )


def adapter_of(path: Path) -> str:
    """Return the adapter that reads a file: by its first bytes, then by its suffix.

    Raises:
        UsageError: it is a database.
    """
    with path.open("rb") as stream:
        head = stream.read(8)
    for mark, kind in _BY_CONTENT:
        if head.startswith(mark):
            return kind
    if path.suffix.lower() in _BY_SUFFIX:
        return _BY_SUFFIX[path.suffix.lower()]
    if head.startswith(b"SQLite f"):
        raise UsageError(
            "this is a SQLite database, not a table",
            where=str(path),
            hint="migrate it with a project: crmmigrate init",
        )
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in {b"{", b"["}:
        return "json"
    return "csv"


def _open(options: Mapping[str, object], root: Path) -> object:
    name = str(options.get("adapter") or "")
    return load_function(_entry(name))(options, root)


def _entry(name: str) -> EntryPoint:
    entries = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in entries:
        raise ConfigError(
            f"unknown adapter '{name}'{did_you_mean(name, entries)}",
            hint="list all that are installed: crmmigrate adapters",
        )
    return entries[name]


def load_function(entry: EntryPoint) -> Callable[[Mapping[str, object], Path], object]:
    """Return the function that opens an adapter.

    Raises:
        ConfigError: it cannot be loaded.
    """
    try:
        loaded = entry.load()
    except (ImportError, AttributeError) as exc:
        raise ConfigError(
            f"adapter '{entry.name}' cannot be loaded: {exc}",
            where=entry.value,
            hint="reinstall the package that brings it",
        ) from exc
    if not callable(loaded):
        raise ConfigError(f"adapter '{entry.name}' is no function", where=entry.value)
    function: Callable[[Mapping[str, object], Path], object] = loaded
    return function
