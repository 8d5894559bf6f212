"""Operations on numbered records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from crmmigrate.adapters.numbered.values import Value
from crmmigrate.adapters.outcome_frames import Refusal
from crmmigrate.model.operations import after_column

__all__ = ["Op", "RefusedError", "operations_of", "pieces"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Op:
    """One operation.

    Attributes:
        op_id: Its number in the plan.
        key: Our key of the record.
        target_id: Id of the record, or None.
        values: Column → value, of all columns of the frame.
        changed: Columns an update writes.
    """

    op_id: str
    key: str
    target_id: int | None
    values: Mapping[str, Value]
    changed: tuple[str, ...] = ()


class RefusedError(Exception):
    """An operation that is refused before anything is sent.

    Args:
        refusal: Why.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def operations_of(frame: pl.DataFrame) -> list[Op]:
    """Return the rows of an operation frame."""
    prefix = after_column("")
    payload = {c: c.removeprefix(prefix) for c in frame.columns if c.startswith(prefix)}
    found = []
    for row in frame.iter_rows(named=True):
        target = str(row.get("target_id") or "")
        found.append(
            Op(
                row["op_id"],
                row["external_id"] or "",
                int(target) if target.isdecimal() else None,
                {name: row[column] for column, name in payload.items()},
                tuple(row.get("changed") or ()),
            )
        )
    return found


def pieces(values: Sequence[_T], size: int) -> Iterator[list[_T]]:
    """Yield values in lists of at most so many."""
    for start in range(0, len(values), size):
        yield list(values[start : start + size])
