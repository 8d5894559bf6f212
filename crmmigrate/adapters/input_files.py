"""Input files: found, readable and not empty, or one clear error."""

import os
from pathlib import Path

from crmmigrate.errors import UsageError

__all__ = ["check_file", "resolve_file"]


def resolve_file(root: Path, folder: str, file: str | None) -> Path:
    """Return the path of a dataset's file.

    Args:
        root: Folder of the project, which relative paths start from.
        folder: `path` of the source: a folder, or the file itself.
        file: `file` of the dataset, relative to the folder; None when the source is one file.
    """
    base = root / folder
    return base / file if file else base


def check_file(path: Path) -> Path:
    """Make sure that a file can be read.

    Raises:
        UsageError: it is missing, a directory, not readable or empty.
    """
    where = str(path)
    if not _exists(path):
        hint = _neighbours(path) or "check the path"
        raise UsageError("no such file", where=where, hint=hint)
    if path.is_dir():
        raise UsageError("this is a directory, not a file", where=where, hint="name a file in it")
    if not path.is_file():
        raise UsageError("this is no regular file", where=where, hint="copy it to a file first")
    if not os.access(path, os.R_OK):
        raise UsageError(
            "no permission to read the file", where=where, hint="check the owner and mode of it"
        )
    if path.stat().st_size == 0:
        raise UsageError("the file is empty", where=where, hint="export it again")
    return path


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (PermissionError, ValueError):
        return False


def _neighbours(path: Path) -> str:
    """Return a hint with files of a similar name in the same folder."""
    import difflib

    try:
        names = [p.name for p in path.parent.iterdir() if p.is_file()]
    except OSError:
        return f"there is no folder {path.parent}"
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""
