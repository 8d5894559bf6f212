"""The first differences of a plan, field by field, for people to look at."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from crmmigrate.changes.diff import payload_columns
from crmmigrate.model.operations import Action, after_column, before_column
from crmmigrate.store.artifacts import parts

__all__ = ["first_diffs"]

_PER_ACTION = 3
_LONGEST = 120


def first_diffs(run_dir: Path, objects: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the first creates and updates of each object with before and after of each field."""
    found: list[dict[str, Any]] = []
    for object_ in objects:
        for action in (Action.CREATE.value, Action.UPDATE.value):
            found += islice(_diffs(run_dir, object_, action), _PER_ACTION)
    return found


def _diffs(run_dir: Path, object_: str, action: str) -> Iterator[dict[str, Any]]:
    for part in parts(run_dir, "plan", object_, "operations"):
        chosen = part.filter(pl.col("action") == action).head(_PER_ACTION)
        names = payload_columns(chosen)
        for row in chosen.iter_rows(named=True):
            fields = {
                name: [_shown(row[before_column(name)]), _shown(row[after_column(name)])]
                for name in names
                if (
                    name in row["changed"]
                    if action == Action.UPDATE.value
                    else row[after_column(name)] is not None
                )
            }
            yield {"object": object_, "action": action, "key": row["external_id"], "fields": fields}


def _shown(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
