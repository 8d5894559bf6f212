"""Operations of a plan and their outcomes: rows of declared schemas, never objects."""

from enum import StrEnum

import polars as pl

__all__ = [
    "OPERATION",
    "OUTCOME",
    "Action",
    "Status",
    "after_column",
    "base_column",
    "before_column",
]


class Action(StrEnum):
    """What a plan wants done with one target record."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    PURGE = "purge"
    """Remove a record without a trace, as if it had never been created: undoes a create."""
    UNCHANGED = "unchanged"
    LINK = "link"
    """Take over a record that is there without a key of ours: give it the key and what differs."""
    UNLINK = "unlink"
    """Undo a link: write back what was there, and take the key away again."""
    REDIRECT = "merge-redirect"
    """Its source was merged into another record: the key leads there, and so do its children."""
    CONFLICT = "conflict"
    """Both sides have changed a field since the last load: held back until somebody decides."""


class Status(StrEnum):
    """Where one operation stands in the ledger."""

    PLANNED = "planned"
    SENT = "sent"
    SUCCEEDED = "succeeded"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


OPERATION = pl.Schema(
    {
        "op_id": pl.String(),
        "object": pl.String(),
        "action": pl.String(),
        "pass": pl.Int8(),
        "external_id": pl.String(),
        "target_id": pl.String(),
        "changed": pl.List(pl.String()),
    }
)
"""Fixed columns of an operation frame.

Beside them stand, for each target field, `to.<field>` (the value to write) and `was.<field>`
(the before-image; null for a create). `pass` 2 writes deferred references of pass 1 records.
`external_id` is the golden key. `target_id` is null for a create.
"""

OUTCOME = pl.Schema(
    {
        "op_id": pl.String(),
        "status": pl.String(),
        "target_id": pl.String(),
        "error_code": pl.String(),
        "error_field": pl.String(),
        "message": pl.String(),
        "retriable": pl.Boolean(),
        "attempt": pl.Int32(),
    }
)
"""One outcome an operation, matched by `op_id`, never by position."""


def after_column(field: str) -> str:
    """Return the operation column with the value to write."""
    return f"to.{field}"


def before_column(field: str) -> str:
    """Return the operation column with the before-image."""
    return f"was.{field}"


def base_column(field: str) -> str:
    """Return the column of a conflict with what the last load left in the target."""
    return f"base.{field}"
