"""Give further numbers and addresses of one cell a field of their own.

A cell with two telephone numbers keeps the first; the others go to the next empty field of the
same type, so that nothing is lost on the way to the CRM. What finds no room stays in the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.changelog import CHANGE_FRAME
from crmmigrate.model.semantic import SemanticType, part_column

__all__ = ["SPILLING", "Placed", "place_further"]

MOVED = "STD121"
NO_ROOM = "STD122"
SPILLING = (SemanticType.PHONE, SemanticType.EMAIL)
"""Types whose further values are given fields of their own."""
_LAST_RESORT = ("fax",)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where further values went.

    Attributes:
        rows: The frame with them.
        filled: Field → numbers of the rows that were given a value.
        changes: The change log of it.
    """

    rows: pl.DataFrame
    filled: Mapping[str, pl.Series]
    changes: pl.DataFrame


def place_further(
    frame: pl.DataFrame, object_type: ObjectType, further: Mapping[str, pl.DataFrame]
) -> Placed:
    """Move further values to empty fields of the same type.

    Args:
        frame: Records with `_key`.
        object_type: Their object.
        further: Field → rows that hold more than one value: `_at` (number of the row), `more`
            (a list of at least one).
    """
    changes = [CHANGE_FRAME.to_frame()]
    filled: dict[str, list[pl.Series]] = {}
    for kind in SPILLING:
        names = [f.name for f in object_type.fields.values() if f.type is kind]
        for source in (name for name in names if name in further):
            waiting = further[source]
            for target in _targets(names, source):
                if target not in frame.columns or not waiting.height:
                    continue
                empty = frame[target].gather(waiting["_at"]).is_null()
                taken = waiting.filter(empty)
                if taken.height:
                    frame = _filled(frame, target, taken)
                    filled.setdefault(target, []).append(taken["_at"])
                    changes.append(_moved(frame, source, target, taken))
                waiting = _rest(waiting, empty)
            changes.append(_without_room(frame, source, waiting))
    gathered = {name: pl.concat(rows) for name, rows in filled.items()}
    return Placed(frame, gathered, pl.concat(changes))


def _targets(names: Sequence[str], source: str) -> list[str]:
    """Return where further values may go: `other_…` first."""
    free = [n for n in names if n != source and n not in _LAST_RESORT]
    return sorted(free, key=lambda name: not name.startswith("other_"))


def _filled(frame: pl.DataFrame, target: str, taken: pl.DataFrame) -> pl.DataFrame:
    """Write the first further value into the field, whose parts are read anew later."""
    values = taken["more"].list.first()
    columns = [frame[target].clone().scatter(taken["_at"], values)]
    parts = (part_column(target, part) for part in ("e164", "type", "extension", "valid"))
    columns += [
        frame[part].clone().scatter(taken["_at"], None) for part in parts if part in frame.columns
    ]
    return frame.with_columns(columns)


def _rest(waiting: pl.DataFrame, taken: pl.Series) -> pl.DataFrame:
    rest = pl.when(taken).then(pl.col("more").list.slice(1)).otherwise("more")
    return waiting.with_columns(rest.alias("more")).filter(pl.col("more").list.len() > 0)


def _moved(frame: pl.DataFrame, source: str, target: str, taken: pl.DataFrame) -> pl.DataFrame:
    told = taken.select(
        pl.lit(target).alias("field"),
        pl.col("more").list.first().alias("after"),
        pl.lit(MOVED).alias("rule"),
        pl.lit(f"stood in {source}, behind the first one").alias("message"),
        pl.lit("changed").alias("action"),
    )
    return _complete(frame, taken, told)


def _without_room(frame: pl.DataFrame, source: str, waiting: pl.DataFrame) -> pl.DataFrame:
    told = waiting.select(
        pl.lit(source).alias("field"),
        pl.col("more").list.join("; ").alias("before"),
        pl.lit(NO_ROOM).alias("rule"),
        pl.col("more").alias("alternatives"),
        pl.lit("there is no empty field for it").alias("message"),
        pl.lit("flagged").alias("action"),
    )
    return _complete(frame, waiting, told)


def _complete(frame: pl.DataFrame, rows: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    full = told.with_columns(
        frame["_key"].gather(rows["_at"]).alias("_key"),
        pl.col("rule").alias("codes"),
        pl.lit("split").alias("status"),
        pl.lit(1.0).alias("confidence"),
    )
    missing = [
        pl.lit(None, kind).alias(name) for name, kind in CHANGE_FRAME.items() if name not in full
    ]
    return full.with_columns(missing).select(CHANGE_FRAME.names()).cast(CHANGE_FRAME)
