"""Exchange a whole folder for a new one, so that a crash leaves either the old or the new.

The new one is made beside it, out of hard links to what stays. Then the old one is renamed away and
the new one takes its place; a crash between the two renames is put right by `settle_folder`.
"""

import os
import shutil
from pathlib import Path

from crmmigrate.store.files import fsync_dir, storage_errors

__all__ = ["copy_beside", "exchange_folder", "link_or_copy", "settle_folder", "stage_beside"]


def stage_beside(name: str) -> str:
    """Return the name of the folder in which the new one of this name is made."""
    return f".{name}.next"


def copy_beside(folder: Path) -> Path:
    """Return the folder in which the new one is made: it holds what the old one does."""
    fresh = folder.with_name(stage_beside(folder.name))
    with storage_errors(fresh):
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(folder, fresh, copy_function=link_or_copy)
    return fresh


def exchange_folder(folder: Path) -> None:
    """Put the new folder, which must be complete, in the place of the old one."""
    fresh, old = folder.with_name(stage_beside(folder.name)), _old(folder)
    with storage_errors(folder):
        fsync_dir(fresh)
        shutil.rmtree(old, ignore_errors=True)
        folder.replace(old)
        fresh.replace(folder)
        fsync_dir(folder.parent)
        shutil.rmtree(old, ignore_errors=True)


def settle_folder(folder: Path) -> None:
    """Finish or drop an exchange that was broken off; only the holder of the lock may do so."""
    fresh, old = folder.with_name(stage_beside(folder.name)), _old(folder)
    with storage_errors(folder):
        if not folder.exists() and fresh.exists() and old.exists():
            fresh.replace(folder)
            fsync_dir(folder.parent)
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)


def link_or_copy(source: str, target: str) -> str:
    """Make a hard link, or a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")
