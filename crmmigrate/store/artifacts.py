"""Artifacts: what a stage wrote for one unit, as parquet parts and a manifest that comes last.

Layout: `<run>/<stage>/<unit>/<channel>-00000.parquet` and `manifest.json`. A unit is written
into a hidden folder beside its place and renamed when it is complete, so a reader never
meets half of one.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, unquote

import polars as pl

from crmmigrate.errors import CorruptError
from crmmigrate.store.files import (
    PRIVATE_DIR,
    PRIVATE_FILE,
    fsync_dir,
    read_json,
    storage_errors,
    write_json,
)

__all__ = [
    "UnitWriter",
    "has_unit",
    "manifest",
    "part_at",
    "parts",
    "read",
    "scan",
    "unit_dir",
    "units",
]

MANIFEST = "manifest.json"
_SAFE = " ~,()-_"


def unit_dir(run_dir: Path, stage: str, unit: str) -> Path:
    """Return the folder of a unit; any character may stand in its name."""
    return run_dir / stage / quote(unit, safe=_SAFE)


class UnitWriter:
    """Write the channels of one unit; leaving the `with` block by an exception discards them."""

    def __init__(self, run_dir: Path, stage: str, unit: str) -> None:
        self.final = unit_dir(run_dir, stage, unit)
        self.folder = self.final.with_name(f".{self.final.name}.tmp")
        self._files: dict[str, list[dict[str, Any]]] = {}
        self._finished = False
        with storage_errors(self.folder):
            self.final.parent.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(mode=PRIVATE_DIR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._finished:
            shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, channel: str, frame: pl.DataFrame) -> None:
        """Append one part to a channel; an empty frame is kept only as the first part."""
        listed = self._files.setdefault(channel, [])
        if frame.is_empty() and listed:
            return
        name = f"{channel}-{len(listed):05d}.parquet"
        listed.append({"name": name, "rows": frame.height, "bytes": self._save(name, frame)})

    def replace(self, channel: str, index: int, frame: pl.DataFrame) -> None:
        """Write one part of a channel again."""
        entry = self._files[channel][index]
        entry["bytes"] = self._save(entry["name"], frame)
        entry["rows"] = frame.height

    def written(self, channel: str) -> list[Path]:
        """Return the parts of a channel written so far."""
        return [self.folder / entry["name"] for entry in self._files.get(channel, [])]

    def rows(self, channel: str) -> int:
        """Return how many rows a channel holds so far."""
        return sum(entry["rows"] for entry in self._files.get(channel, []))

    def finish(self, **counts: Any) -> None:  # noqa: ANN401 - JSON-ready facts
        """Write the manifest and put the unit in its place."""
        write_json(
            self.folder / MANIFEST, {"version": 1, "channels": self._files, "counts": counts}
        )
        with storage_errors(self.final):
            if self.final.exists():
                shutil.rmtree(self.final)
            self.folder.replace(self.final)
            fsync_dir(self.final.parent)
        self._finished = True

    def _save(self, name: str, frame: pl.DataFrame) -> int:
        path = self.folder / name
        with storage_errors(path), path.open("wb") as stream:
            path.chmod(PRIVATE_FILE)
            frame.write_parquet(stream, compression="lz4", statistics=False)
            stream.flush()
            os.fsync(stream.fileno())
            return stream.tell()


def has_unit(run_dir: Path, stage: str, unit: str) -> bool:
    """Return whether the unit is complete."""
    return (unit_dir(run_dir, stage, unit) / MANIFEST).exists()


def units(run_dir: Path, stage: str) -> list[str]:
    """Return the complete units of a stage, sorted by name."""
    folder = run_dir / stage
    if not folder.is_dir():
        return []
    return sorted(
        unquote(p.name)
        for p in folder.iterdir()
        if not p.name.startswith(".") and (p / MANIFEST).exists()
    )


def manifest(run_dir: Path, stage: str, unit: str) -> dict[str, Any]:
    """Return the manifest: version, channels (parts with rows and bytes) and counts.

    Raises:
        CorruptError: it is damaged.
    """
    path = unit_dir(run_dir, stage, unit) / MANIFEST
    found = read_json(path, hint=_anew(stage))
    if not isinstance(found.get("channels"), dict) or not isinstance(found.get("counts"), dict):
        raise _damaged(path, "no channels are in its manifest")
    return found


def _files(run_dir: Path, stage: str, unit: str, channel: str) -> list[Path]:
    folder = unit_dir(run_dir, stage, unit)
    listed = manifest(run_dir, stage, unit)["channels"].get(channel, [])
    paths = []
    for entry in listed:
        path = folder / entry["name"]
        if not path.exists() or path.stat().st_size != entry["bytes"]:
            raise _damaged(path, "its size is not the one in the manifest")
        paths.append(path)
    return paths


def parts(
    run_dir: Path, stage: str, unit: str, channel: str, columns: list[str] | None = None
) -> Iterator[pl.DataFrame]:
    """Yield the parts of a channel in order; nothing if the channel is empty."""
    for path in _files(run_dir, stage, unit, channel):
        yield _read_part(path, columns)


def part_at(
    run_dir: Path, stage: str, unit: str, channel: str, number: int, columns: list[str]
) -> pl.DataFrame:
    """Return some columns of one part of a channel, in the numbering of `parts`.

    Columns that the part does not have are left out.
    """
    path = _files(run_dir, stage, unit, channel)[number]
    try:
        present = pl.read_parquet_schema(path)
    except (pl.exceptions.PolarsError, OSError) as exc:
        raise _damaged(path, str(exc).splitlines()[0]) from None
    return _read_part(path, [c for c in columns if c in present])


def _read_part(path: Path, columns: list[str] | None) -> pl.DataFrame:
    try:
        return pl.read_parquet(path, columns=columns, glob=False)
    except (pl.exceptions.PolarsError, OSError) as exc:
        raise _damaged(path, str(exc).splitlines()[0]) from None


def read(
    run_dir: Path, stage: str, unit: str, channel: str, columns: list[str] | None = None
) -> pl.DataFrame | None:
    """Return a whole channel as one frame, or None if there is none."""
    frames = list(parts(run_dir, stage, unit, channel, columns))
    return pl.concat(frames, how="diagonal_relaxed") if frames else None


def scan(run_dir: Path, stage: str, unit: str, channel: str) -> pl.LazyFrame | None:
    """Return a channel as a lazy frame, or None if there is none."""
    paths = _files(run_dir, stage, unit, channel)
    if not paths:
        return None
    lazy = pl.scan_parquet(paths, glob=False)
    try:
        lazy.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as exc:
        raise _damaged(paths[0], str(exc).splitlines()[0]) from None
    return lazy


def _damaged(path: Path, reason: str) -> CorruptError:
    return CorruptError(
        f"damaged artifact: {reason}",
        where=str(path),
        hint=_anew(path.parent.parent.name),
    )


def _anew(stage: str) -> str:
    """Return how to have the artifacts of a stage written again."""
    force = "" if stage in {"plan", "load", "verify"} else " --force"
    return f"run `crmmigrate {stage}{force}` to write it anew"
