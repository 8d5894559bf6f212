"""Make OUTCOME rows: an operation succeeded, was refused, or nobody knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from crmmigrate.model.operations import OUTCOME, Status

__all__ = ["Refusal", "in_order", "refused", "succeeded", "unknown"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an operation was not carried out.

    Attributes:
        code: One of the codes that the load stage translates (NOT_IN_PICKLIST, TOO_LONG,
            DUPLICATE_VALUE …), or the system's own.
        field: Field it is about, if it is known.
        message: What the system says, in one sentence.
        retriable: Another try may succeed, as with a lock; the load stage tries again.
    """

    code: str
    field: str | None
    message: str
    retriable: bool = False


def succeeded(op_ids: Sequence[str], target_ids: Sequence[str | None]) -> pl.DataFrame:
    """Return outcomes of operations that were carried out, with the ids of their records."""
    rows = pl.DataFrame(
        {"op_id": list(op_ids), "target_id": list(target_ids)},
        schema={"op_id": pl.String, "target_id": pl.String},
    )
    return _filled(rows, Status.SUCCEEDED)


def refused(refusals: Mapping[str, Refusal]) -> pl.DataFrame:
    """Return outcomes of refused operations, by operation id."""
    rows = pl.DataFrame(
        {
            "op_id": list(refusals),
            "error_code": [r.code for r in refusals.values()],
            "error_field": [r.field for r in refusals.values()],
            "message": [r.message for r in refusals.values()],
            "retriable": [r.retriable for r in refusals.values()],
        },
        schema={k: OUTCOME[k] for k in ("op_id", *_TOLD, "retriable")},
    )
    return _filled(rows, Status.REJECTED)


def unknown(op_ids: Sequence[str], message: str) -> pl.DataFrame:
    """Return outcomes of operations that may or may not have been carried out."""
    rows = pl.DataFrame({"op_id": list(op_ids)}, schema={"op_id": pl.String})
    return _filled(rows.with_columns(message=pl.lit(message)), Status.UNKNOWN)


def in_order(operations: pl.DataFrame, outcomes: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return outcomes in the order of their operations."""
    every = pl.concat([OUTCOME.to_frame(), *outcomes])
    return operations.select("op_id").join(every, on="op_id", how="inner", maintain_order="left")


_TOLD = ("error_code", "error_field", "message")


def _filled(rows: pl.DataFrame, status: Status) -> pl.DataFrame:
    """Return the rows as OUTCOME, with what is not told left out."""
    given = {
        "status": pl.lit(status.value),
        "retriable": pl.lit(value=status is Status.UNKNOWN),
        "attempt": pl.lit(1),
    }
    missing = [
        given.get(name, pl.lit(None)).alias(name) for name in OUTCOME if name not in rows.columns
    ]
    return rows.with_columns(missing).select(OUTCOME.names()).cast(OUTCOME)
