"""CSV files in a project that people keep by hand: read with file and line, written whole."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from crmmigrate.config.problems import Problems
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import ConfigError

__all__ = ["hand_text", "read_hand_file", "read_hand_files"]

T = TypeVar("T")


def read_hand_files(
    folder: Path,
    objects: Iterable[str],
    what: str,
    read: Callable[[Path, str], tuple[T, ...]],
    problems: Problems,
) -> Mapping[str, tuple[T, ...]]:
    """Read `<folder>/<object>.csv` of all objects; there need not be any.

    Args:
        folder: Folder in the project.
        objects: Objects that may have a file.
        what: What such an object is, for messages.
        read: Reads a file, given its path and how errors name it.
        problems: Takes what is wrong.
    """
    known, found = list(objects), dict[str, tuple[T, ...]]()
    for path in sorted(folder.glob("*.csv")):
        shown = f"{folder.name}/{path.name}"
        if path.stem not in known:
            problems.add(shown, f"'{path.stem}' is no {what}{did_you_mean(path.stem, known)}")
            continue
        try:
            found[path.stem] = read(path, shown)
        except ConfigError as exc:
            problems.absorb(exc)
    return MappingProxyType(found)


def read_hand_file(
    path: Path,
    shown: str,
    columns: Sequence[str],
    needed: Sequence[str],
    entry: Callable[[Sequence[str]], T | str | None],
    hint: str,
) -> tuple[T, ...]:
    """Read one file.

    Args:
        path: CSV in UTF-8.
        shown: How errors name it.
        columns: Its header.
        needed: Columns that may not be missing.
        entry: Turns the cells of a row, in the order of `columns`, into an entry; a text tells
            what is wrong with it, None that the row is blank.
        hint: How it is written right.

    Raises:
        ConfigError: anything in it is wrong; every mistake with file and line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"cannot be read as UTF-8 text: {exc}", where=shown) from None
    problems, reader = Problems(), csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise ConfigError(
                f"the column {missing[0]} is missing",
                where=f"{shown}:1",
                hint=f"the first line is {','.join(columns)}",
            )
        found = tuple(_entries(reader, shown, columns, entry, problems))
    except csv.Error as exc:
        raise ConfigError(f"is no CSV: {exc}", where=f"{shown}:{reader.line_num}") from None
    problems.raise_if_any(hint=hint)
    return found


def _entries(
    reader: "csv.DictReader[str]",
    shown: str,
    columns: Sequence[str],
    entry: Callable[[Sequence[str]], T | str | None],
    problems: Problems,
) -> Iterator[T]:
    for row in reader:
        if None in row:
            made: T | str | None = "there are more cells than columns"
        else:
            made = entry([(row.get(c) or "").strip() for c in columns])
        if isinstance(made, str):
            problems.add(f"{shown}:{reader.line_num}", made)
        elif made is not None:
            yield made


def hand_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return the content of a file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()
