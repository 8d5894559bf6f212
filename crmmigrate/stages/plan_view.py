"""The records of a plan, field by field with before and after, for people to look at."""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl

from crmmigrate.changes.diff import payload_columns
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.operations import Action, after_column, base_column, before_column
from crmmigrate.store.artifacts import parts

__all__ = [
    "FIELD_ROW",
    "check_selection",
    "field_rows",
    "first_diffs",
    "plan_records",
    "selected",
]

FIELD_ROW = pl.Schema(
    {
        "object": pl.String,
        "key": pl.String,
        "name": pl.String,
        "target_id": pl.String,
        "action": pl.String,
        "pass": pl.Int8,
        "field": pl.String,
        "before": pl.String,
        "after": pl.String,
        "base": pl.String,
    }
)
"""One row a record and field of a plan; a record without fields is one row.

`base` is what the last load left in a field that both sides have changed since.
"""
FEW = 3
"""Records of an object and action that are shown where nobody asks for more."""
_LONGEST = 120
_ROWS = 20_000
_CHANNELS = ("operations", "conflicts", "redirects", "deferred", "deletions")
_QUIET = Action.UNCHANGED.value
_CALLED = ("name", "subject", "number", "file_name")
"""Columns by which people know a record, the best first."""
_KEY_COLONS = 2
"""Record keys have two colons at least, `object:action` has one."""


def check_selection(select: Sequence[str], objects: Collection[str]) -> None:
    """Make sure that each word names something: OBJECT, OBJECT:ACTION or a record's key.

    Raises:
        UsageError: there is no such object or action.
    """
    actions = [action.value for action in Action if action.value != _QUIET]
    for word in select:
        if word.count(":") >= _KEY_COLONS:
            continue
        object_, _, action = word.partition(":")
        if object_ not in objects:
            raise UsageError(
                f"the plan has no object '{object_}'{did_you_mean(object_, objects)}",
                hint=f"it has {', '.join(objects)}; a record is selected by its whole key",
            )
        if action and action not in actions:
            raise UsageError(
                f"there is no action '{action}'{did_you_mean(action, actions)}",
                hint=f"actions are {', '.join(actions)}",
            )


def selected(object_: str, select: Sequence[str]) -> pl.Expr:
    """Return whether an operation of an object is one of the selected; all are if none is named."""
    if not select:
        return pl.lit(value=True)
    tests = [pl.col("external_id").is_in(list(select))]
    for word in select:
        name, _, action = word.partition(":")
        if name == object_ and word.count(":") < _KEY_COLONS:
            tests.append(pl.col("action") == action if action else pl.lit(value=True))
    return pl.any_horizontal(tests)


def first_diffs(
    run_dir: Path,
    objects: Sequence[str],
    select: Sequence[str] = (),
    most: int | None = FEW,
    longest: int | None = _LONGEST,
) -> list[dict[str, Any]]:
    """Return the first records of each object and action, with before and after of each field.

    Args:
        run_dir: The run.
        objects: In the order they are shown.
        select: Words of `--select`; all records if there is none.
        most: Records of an object and action; None for all.
        longest: Characters of a value; None for all.
    """
    return list(plan_records(run_dir, objects, select, most, longest))


def plan_records(
    run_dir: Path,
    objects: Sequence[str],
    select: Sequence[str] = (),
    most: int | None = None,
    longest: int | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield what is done to records, as `first_diffs` returns it; a part is in memory at a time."""
    for object_ in objects:
        for channel in _CHANNELS:
            for action in _actions(run_dir, object_, channel):
                pieces = (
                    _records(piece, object_, channel, longest)
                    for piece in _pieces(run_dir, object_, channel, select, action)
                )
                yield from islice(chain.from_iterable(pieces), most)


def field_rows(
    run_dir: Path, objects: Sequence[str], select: Sequence[str] = ()
) -> Iterator[pl.DataFrame]:
    """Yield FIELD_ROW frames, in the order of writing; a part is in memory at a time."""
    for object_ in objects:
        for channel in _CHANNELS:
            for piece in _pieces(run_dir, object_, channel, select):
                yield _melted(piece, object_)


def _actions(run_dir: Path, object_: str, channel: str) -> list[str]:
    """Return the actions of a channel, in the order of the model."""
    found: set[str] = set()
    for part in parts(run_dir, "plan", object_, channel, ["action"]):
        found |= set(part["action"].unique())
    return [a.value for a in Action if a.value in found and a.value != _QUIET]


def _pieces(
    run_dir: Path, object_: str, channel: str, select: Sequence[str], action: str | None = None
) -> Iterator[pl.DataFrame]:
    """Yield operations that do something; an update that only has a second pass is told there."""
    told = (pl.col("action") != _QUIET) & selected(object_, select)
    told &= (pl.col("action") != Action.UPDATE.value) | (pl.col("changed").list.len() > 0)
    if action is not None:
        told &= pl.col("action") == action
    for part in parts(run_dir, "plan", object_, channel):
        yield from part.filter(told).iter_slices(_ROWS)


def _records(
    piece: pl.DataFrame, object_: str, channel: str, longest: int | None
) -> Iterator[dict[str, Any]]:
    names, columns = payload_columns(piece), _called(piece)
    for row in piece.iter_rows(named=True):
        fields = {
            name: [
                _shown(row[before_column(name)], longest),
                _shown(row[after_column(name)], longest),
            ]
            for name in names
            if _speaks(row, name)
        }
        told: dict[str, Any] = {
            "object": object_,
            "action": row["action"],
            "key": row["external_id"],
        }
        called = next((row[c] for c in columns if row[c]), None)
        told["name"] = _shown(called, _LONGEST)
        if channel == "conflicts":
            told["base"] = {name: _shown(row[base_column(name)], longest) for name in row["both"]}
        yield {**told, **({"pass": 2} if channel == "deferred" else {}), "fields": fields}


def _called(piece: pl.DataFrame) -> list[str]:
    """Return the columns of operations that name the record: wanted values first, then old ones."""
    found = [side(name) for side in (after_column, before_column) for name in _CALLED]
    return [column for column in found if column in piece.columns]


def _speaks(row: dict[str, Any], name: str) -> bool:
    """Return whether a field of an operation has something to say."""
    if row["action"] == Action.CREATE.value:
        return row[after_column(name)] is not None
    if row["action"] in {Action.DELETE.value, Action.PURGE.value}:
        return row[before_column(name)] is not None
    return name in row["changed"]


def _shown(value: object, longest: int | None) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    text = str(value)
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…"


def _melted(piece: pl.DataFrame, object_: str) -> pl.DataFrame:
    numbered = piece.with_row_index("row").with_columns(pl.lit(object_).alias("object"))
    filled = [pl.when(pl.col(c) != "").then(pl.col(c)) for c in _called(piece)]
    called = pl.coalesce(filled) if filled else pl.lit(None, pl.String)
    key = pl.col("external_id").alias("key")
    fixed = ("row", "object", key, called.alias("name"), "target_id", "action", "pass")
    names = payload_columns(piece)
    rows = [
        numbered.filter(_told(name)).select(
            *fixed,
            pl.lit(name).alias("field"),
            _text(piece, before_column(name)).alias("before"),
            _text(piece, after_column(name)).alias("after"),
            _base(piece, name).alias("base"),
        )
        for name in names
    ]
    nothing = pl.lit(None, pl.String)
    silent = numbered.filter(~pl.any_horizontal([_told(n) for n in names] or [pl.lit(value=False)]))
    rows.append(
        silent.select(*fixed, *(nothing.alias(c) for c in ("field", "before", "after", "base")))
    )
    return pl.concat(rows).sort("row", maintain_order=True).select(FIELD_ROW.names())


def _told(name: str) -> pl.Expr:
    """Return the same as `_speaks`, for columns."""
    action = pl.col("action")
    removed = action.is_in([Action.DELETE.value, Action.PURGE.value])
    return (
        pl.when(action == Action.CREATE.value)
        .then(pl.col(after_column(name)).is_not_null())
        .when(removed)
        .then(pl.col(before_column(name)).is_not_null())
        .otherwise(pl.col("changed").list.contains(name))
    )


def _base(piece: pl.DataFrame, name: str) -> pl.Expr:
    """Return what the last load left in a field in conflict; nothing of any other."""
    column = base_column(name)
    if column not in piece.columns:
        return pl.lit(None, pl.String)
    return pl.when(pl.col("both").list.contains(name)).then(_text(piece, column))


def _text(piece: pl.DataFrame, column: str) -> pl.Expr:
    if piece.schema[column] == pl.Binary:
        return pl.format("{} bytes", pl.col(column).bin.size())
    return pl.col(column).cast(pl.String)
