"""Write files so that a crash leaves either the old content or the new one."""

import errno
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from crmmigrate.errors import CorruptError, CrmMigrateError, StorageError, UsageError

__all__ = [
    "PRIVATE_DIR",
    "PRIVATE_FILE",
    "fsync_dir",
    "read_json",
    "remove_at_exit",
    "remove_leftovers",
    "storage_errors",
    "write_json",
    "write_text",
]

PRIVATE_DIR = 0o700
PRIVATE_FILE = 0o600
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_SPACE_TEXTS = ("No space left", "File too large", "quota exceeded", "database or disk is full")
"""How libraries word the same in errors of their own."""


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn what the operating system says about writing into our errors.

    Raises:
        StorageError: no space left, quota reached, read-only file system.
        UsageError: no permission.
    """
    try:
        yield
    except CrmMigrateError:
        raise
    except Exception as exc:
        ours = as_storage_error(exc, path)
        if ours is None:
            raise
        raise ours from None


def as_storage_error(exc: Exception, path: Path) -> CrmMigrateError | None:
    """Return our error for a full disk, a missing permission or a read-only place, else None."""
    if isinstance(exc, PermissionError):
        return UsageError(
            "no permission", where=str(path), hint="check the owner and mode of the file or folder"
        )
    if getattr(exc, "errno", None) in _NO_SPACE or any(t in str(exc) for t in _NO_SPACE_TEXTS):
        return StorageError(
            "no space left on the disk",
            where=str(path),
            hint="free some space and run the same command again; nothing is half-written",
        )
    if isinstance(exc, OSError):
        return StorageError(
            f"cannot be read or written: {exc.strerror or exc}",
            where=str(path),
            hint="check the place and the disk, then run the same command again",
        )
    return None


_LEFTOVERS: set[Path] = set()


def remove_at_exit(path: Path) -> None:
    """Remove a temporary file when the process ends, if an interruption came before its cleaning."""
    _LEFTOVERS.add(path)


def remove_leftovers() -> None:
    """Remove the temporary files that are still there."""
    for path in _LEFTOVERS:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def fsync_dir(path: Path) -> None:
    """Make renames inside a directory durable."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str | Iterable[str], *, mode: int = PRIVATE_FILE) -> None:
    """Write a text file, piece by piece if it is given so: temporary name, fsync, rename."""
    temporary = path.with_name(path.name + ".tmp")
    with storage_errors(path):
        temporary.unlink(missing_ok=True)
        temporary.touch(mode)  # before there is anything to read in it
        with temporary.open("w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.writelines([text] if isinstance(text, str) else text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
        fsync_dir(path.parent)


def write_json(path: Path, document: object) -> None:
    """Write a JSON file, as `write_text` does."""
    write_text(path, json.dumps(document, ensure_ascii=False, indent=1, default=str) + "\n")


_WRITE_ANEW = "run the stage again with --force to write it anew"


def read_json(path: Path, *, hint: str = _WRITE_ANEW) -> dict[str, Any]:
    """Read a JSON object that we wrote.

    Raises:
        CorruptError: the file is missing, damaged or no object.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise CorruptError(
            f"damaged or unreadable: {exc}",
            where=str(path),
            hint=hint,
        ) from None
    if not isinstance(document, dict):
        raise CorruptError(
            "damaged: not a JSON object",
            where=str(path),
            hint=hint,
        )
    return document
