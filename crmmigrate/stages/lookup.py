"""Read single rows of artifacts by key, and the keys that look like one."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
from rapidfuzz import fuzz, process

from crmmigrate.errors import CorruptError
from crmmigrate.store.artifacts import has_unit, scan, units

__all__ = ["as_text", "damage_told", "near_keys", "row_of", "rows_of", "set_aside"]

_ASIDE = ("rejected", "excluded")
_HELD = "held back"
_NEAR = 3
_ALIKE = 70.0


@contextmanager
def damage_told(run_dir: Path) -> Iterator[None]:
    """Turn what polars says about a damaged artifact met while reading lazily into our error.

    Raises:
        CorruptError: an artifact of the run is damaged.
    """
    try:
        yield
    except pl.exceptions.ComputeError as exc:
        raise CorruptError(
            f"damaged artifact: {str(exc).splitlines()[0]}",
            where=str(run_dir),
            hint="run the stages again with `crmmigrate run --force`",
        ) from None


def set_aside(run_dir: Path, stage: str, unit: str, key: str) -> tuple[str, str | None] | None:
    """Return (rejected: why | excluded: rule, raw text) if the key was set aside here."""
    for name in _ASIDE:
        row = row_of(run_dir, stage, unit, name, ("_key", key))
        if row is not None:
            reason = row.get("message") or row.get("why") or ""
            code = row.get("code") or row.get("rule") or ""
            told = f"{code}: {reason}" if reason else code
            what = _HELD if (stage, name) == ("plan", "excluded") else name
            return f"{what} ({told})", as_text(row.get("raw"))
    return None


def rows_of(
    run_dir: Path, stage: str, unit: str, channel: str, where: tuple[str, str]
) -> list[dict[str, Any]]:
    """Return all rows of a channel where a column has a value: `where` is (column, value)."""
    column, value = where
    if not has_unit(run_dir, stage, unit):
        return []
    frame = scan(run_dir, stage, unit, channel)
    if frame is None or column not in frame.collect_schema():
        return []
    return frame.filter(pl.col(column) == value).collect().to_dicts()


def row_of(
    run_dir: Path, stage: str, unit: str, channel: str, where: tuple[str, str]
) -> dict[str, Any] | None:
    """Return the first row of `rows_of`, or None."""
    return next(iter(rows_of(run_dir, stage, unit, channel, where)), None)


def as_text(value: object) -> str | None:
    """Return a cell as text; bytes as their number."""
    if value is None:
        return None
    if isinstance(value, bytes):
        return f"({len(value):,} bytes)"
    return str(value)


def near_keys(run_dir: Path, key: str) -> list[str]:
    """Return up to three keys of the run that look like `key`, or end in it, best first."""
    scored: dict[str, float] = {}
    for keys in _all_keys(run_dir):
        exact = keys.filter(keys.str.contains(f"[:/]{re.escape(key)}$"))
        scored |= dict.fromkeys(exact.head(_NEAR).to_list(), 101.0)
        found = process.extract(
            key, keys.to_list(), scorer=fuzz.ratio, limit=_NEAR, score_cutoff=_ALIKE
        )
        for name, score, _ in found:
            scored[name] = max(score, scored.get(name, 0.0))
    return sorted(scored, key=lambda name: (-scored[name], name))[:_NEAR]


def _all_keys(run_dir: Path) -> Iterator[pl.Series]:
    for stage, column in (("extract", "_row_key"), ("map", "_key")):
        for unit in units(run_dir, stage):
            frame = scan(run_dir, stage, unit, "rows")
            if frame is not None:
                yield frame.select(pl.col(column).cast(pl.String)).collect().to_series()
