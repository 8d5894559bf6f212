"""The ledger: what was sent to the target, what came of it, and which record became which.

Written ahead of each call (`sent`), and again when the outcome is known, together with the
crosswalk, in one durable transaction each. Frames in, frames out: no object a row is kept.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Self

import polars as pl

from crmmigrate.model.operations import Status
from crmmigrate.store.crosswalk import Crosswalk, add_links, listed, remove_links
from crmmigrate.store.database import LedgerFile

__all__ = ["LEDGER_ROW", "REASON", "Ledger", "PlanEntry"]

LEDGER_ROW = pl.Schema(
    {
        "op_id": pl.String,
        "object": pl.String,
        "action": pl.String,
        "pass": pl.Int8,
        "external_id": pl.String,
        "status": pl.String,
        "target_id": pl.String,
        "attempt": pl.Int32,
    }
)
REASON = pl.Schema(
    {
        "op_id": pl.String,
        "object": pl.String,
        "external_id": pl.String,
        "error_code": pl.String,
        "error_field": pl.String,
        "message": pl.String,
        "retriable": pl.Boolean,
        "status": pl.String,
    }
)
"""Why an operation was rejected, or what was left out of one that succeeded."""
_COUNTS = pl.Schema(
    {
        "object": pl.String,
        "action": pl.String,
        "pass": pl.Int8,
        "status": pl.String,
        "rows": pl.Int64,
    }
)


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A plan the ledger knows: `number` is its short name in the tables."""

    number: int
    plan_id: str
    run: str
    kind: str
    target: str
    ended_at: str | None

    @property
    def ended(self) -> bool:
        """Whether nothing of it is pending."""
        return self.ended_at is not None


class Ledger:
    """The open ledger of a workspace."""

    def __init__(self, path: Path) -> None:
        self._file = LedgerFile(path)
        self.crosswalk = Crosswalk(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def open_plan(self, plan_id: str, run: str, kind: str, target: str, now: datetime) -> PlanEntry:
        """Register a plan, or return it if it is known already."""
        with self._file.transaction() as connection:
            connection.execute(
                "INSERT INTO runs (plan_id, run, kind, target, started_at) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (plan_id) DO NOTHING",
                (plan_id, run, kind, target, now.isoformat()),
            )
        return next(e for e in self.plans(run) if e.plan_id == plan_id)

    def end_plan(self, entry: PlanEntry, now: datetime) -> None:
        """Note that nothing of the plan is pending any more."""
        with self._file.transaction() as connection:
            connection.execute(
                "UPDATE runs SET ended_at = ? WHERE plan = ?", (now.isoformat(), entry.number)
            )

    def plans(self, run: str | None = None) -> list[PlanEntry]:
        """Return the plans of a run, or all, oldest first."""
        with self._file.errors():
            rows = self._file.connection.execute(
                "SELECT plan, plan_id, run, kind, target, ended_at FROM runs "
                "WHERE ?1 IS NULL OR run = ?1 ORDER BY plan",
                (run,),
            ).fetchall()
        return [PlanEntry(*row) for row in rows]

    def pace(self, target: str) -> float | None:
        """Return records a second of the last loads into a target that came to an end.

        The median of five; loads of fewer than a hundred records tell nothing.
        """
        with self._file.errors():
            rows = self._file.connection.execute(
                "SELECT started_at, ended_at, (SELECT count(*) FROM operations AS o WHERE "
                "o.plan = r.plan AND o.status = 'succeeded') AS done FROM runs AS r "
                "WHERE kind = 'load' AND target = ? AND ended_at IS NOT NULL AND done >= 100 "
                "ORDER BY plan DESC LIMIT 5",
                (target,),
            ).fetchall()
        spans = [
            (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
            for start, end, _ in rows
        ]
        paces = [done / s for (_, _, done), s in zip(rows, spans, strict=True) if s > 0]
        return median(paces) if paces else None

    def mark_sent(self, entry: PlanEntry, operations: pl.DataFrame) -> None:
        """Write ahead: these operations are about to be sent, perhaps again.

        Args:
            entry: The plan.
            operations: Columns `op_id, object, action, pass, external_id, target_id`.
        """
        names = ("op_id", "object", "action", "pass", "external_id", "target_id")
        rows = operations.select(pl.lit(entry.number).alias("plan"), *names)
        with self._file.transaction() as connection:
            connection.executemany(
                "INSERT INTO operations (plan, op_id, object, action, pass, external_id, target_id, "
                "status) VALUES (?, ?, ?, ?, ?, ?, ?, 'sent') "
                "ON CONFLICT (plan, op_id) DO UPDATE SET status = 'sent', attempt = attempt + 1, "
                "undone_by = NULL",
                rows.iter_rows(),
            )

    def record(
        self,
        entry: PlanEntry,
        operations: pl.DataFrame,
        outcomes: pl.DataFrame,
        crosswalk: pl.DataFrame,
        now: datetime,
        gone: pl.DataFrame | None = None,
    ) -> None:
        """Note what came of operations that were sent, and the records they gave or took.

        Args:
            entry: The plan.
            operations: As for `mark_sent`.
            outcomes: OUTCOME rows of exactly these operations.
            crosswalk: CROSSWALK rows to add or replace.
            now: The time.
            gone: `object, target_id` of records that were deleted.
        """
        with self._file.transaction() as connection:
            _settle(connection, entry, operations, outcomes, now)
            add_links(connection, entry.target, crosswalk)
            for (object_,), piece in () if gone is None else gone.group_by("object"):
                remove_links(connection, entry.target, str(object_), piece["target_id"])

    def record_undone(
        self,
        entry: PlanEntry,
        operations: pl.DataFrame,
        outcomes: pl.DataFrame,
        undone: pl.DataFrame,
        now: datetime,
        back: pl.DataFrame | None = None,
    ) -> None:
        """Note what came of undoing, and forget the records that are gone.

        Args:
            entry: The plan of the rollback.
            operations: As for `mark_sent`; outcomes are of exactly these.
            outcomes: OUTCOME rows.
            undone: Of each operation that is undone now: `plan` (number) and `op_id`, `object`,
                and the `target_id` that no longer exists, or null.
            now: The time.
            back: CROSSWALK rows of records that were deleted and are there again.
        """
        gone = undone.drop_nulls("target_id")
        with self._file.transaction() as connection:
            _settle(connection, entry, operations, outcomes, now)
            connection.executemany(
                "UPDATE operations SET undone_by = ? WHERE plan = ? AND op_id = ?",
                undone.select(pl.lit(entry.number).alias("by"), "plan", "op_id").iter_rows(),
            )
            for (object_,), piece in gone.group_by("object"):
                remove_links(connection, entry.target, str(object_), piece["target_id"])
            if back is not None:
                add_links(connection, entry.target, back)

    def operations(
        self, entry: PlanEntry, object_: str | None = None, op_ids: pl.Series | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield LEDGER_ROW frames of a plan in op_id order, of one object or of some ids."""
        return self._file.frames(
            "SELECT op_id, object, action, pass, external_id, status, target_id, attempt "
            "FROM operations WHERE plan = ?1 AND undone_by IS NULL "
            "AND (?2 IS NULL OR object = ?2) "
            "AND (?3 IS NULL OR op_id IN (SELECT value FROM json_each(?3)))",
            (entry.number, object_, None if op_ids is None else listed(op_ids)),
            LEDGER_ROW,
        )

    def counts(self, entry: PlanEntry) -> pl.DataFrame:
        """Return how many operations of a plan stand where: object, action, pass, status, rows."""
        return self._file.frame(
            "SELECT object, action, pass, status, count(*) FROM operations "
            "WHERE plan = ? AND undone_by IS NULL GROUP BY object, action, pass, status",
            (entry.number,),
            _COUNTS,
        )

    def reasons(self, entry: PlanEntry, object_: str) -> pl.DataFrame:
        """Return the last remark on each operation of an object that has one.

        That is why it was rejected, or what was left out of one that succeeded.
        """
        return self._file.frame(
            "SELECT r.op_id, r.object, r.external_id, r.error_code, r.error_field, r.message, r.retriable, "
            "r.status FROM outcomes r JOIN operations o ON o.plan = r.plan AND o.op_id = r.op_id "
            "AND o.attempt = r.attempt WHERE r.plan = ? AND r.object = ? AND o.undone_by IS NULL",
            (entry.number, object_),
            REASON,
        )

    def rejected_among(self, entry: PlanEntry, external_ids: pl.Series) -> pl.Series:
        """Return which of some external ids the target has refused under this plan."""
        found = self._file.frame(
            "SELECT DISTINCT external_id FROM outcomes WHERE plan = ? AND status = 'rejected' "
            "AND external_id IN (SELECT value FROM json_each(?))",
            (entry.number, listed(external_ids)),
            pl.Schema({"external_id": pl.String}),
        )
        return found["external_id"]

    def undecided_among(self, entry: PlanEntry, external_ids: pl.Series) -> pl.Series:
        """Return which of some external ids were sent under this plan and are not decided yet."""
        found = self._file.frame(
            "SELECT DISTINCT external_id FROM operations WHERE plan = ? "
            "AND status NOT IN ('succeeded', 'rejected') "
            "AND external_id IN (SELECT value FROM json_each(?))",
            (entry.number, listed(external_ids)),
            pl.Schema({"external_id": pl.String}),
        )
        return found["external_id"]


def _settle(
    connection: sqlite3.Connection,
    entry: PlanEntry,
    operations: pl.DataFrame,
    outcomes: pl.DataFrame,
    now: datetime,
) -> None:
    plan = pl.lit(entry.number).alias("plan")
    connection.executemany(
        "UPDATE operations SET status = ?, target_id = coalesce(?, target_id) "
        "WHERE plan = ? AND op_id = ?",
        outcomes.select("status", "target_id", plan, "op_id").iter_rows(),
    )
    remarked = (pl.col("status") != Status.SUCCEEDED.value) | pl.col("error_code").is_not_null()
    told = outcomes.filter(remarked).join(
        operations.select("op_id", "object", "external_id"), on="op_id"
    )
    connection.executemany(
        "INSERT OR REPLACE INTO outcomes (plan, attempt, op_id, object, external_id, error_code, "
        "error_field, message, retriable, status, at) SELECT o.plan, o.attempt, o.op_id, "
        "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?10 FROM operations o WHERE o.plan = ?9 AND o.op_id = ?1",
        told.select(*REASON.names(), plan, pl.lit(now.isoformat()).alias("at")).iter_rows(),
    )
