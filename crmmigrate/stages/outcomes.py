"""Read from the ledger what became of the operations of a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl

from crmmigrate.store.ledger import Ledger, PlanEntry
from crmmigrate.store.workspace import Run, Workspace

__all__ = ["Outcomes", "open_outcomes"]

_STATUS = pl.Schema({"op_id": pl.String, "status": pl.String, "target_id": pl.String})
_REASON = pl.Schema(
    {
        "op_id": pl.String,
        "external_id": pl.String,
        "status": pl.String,
        "error_code": pl.String,
        "error_field": pl.String,
        "message": pl.String,
    }
)


@dataclass(frozen=True)
class Outcomes:
    """The load of one run in the ledger; without a ledger or a load nothing has an outcome."""

    ledger: Ledger | None = None
    entry: PlanEntry | None = None

    def statuses(self, object_: str, op_ids: list[str] | None = None) -> pl.DataFrame:
        """Return op_id, status and target_id of the operations that were sent.

        Memory: one row an operation of the object, unless `op_ids` are named.
        """
        if self.ledger is None or self.entry is None:
            return _STATUS.to_frame()
        wanted = None if op_ids is None else pl.Series("op_id", op_ids, dtype=pl.String)
        frames = self.ledger.operations(self.entry, object_, wanted)
        return pl.concat([_STATUS.to_frame(), *(f.select(_STATUS.names()) for f in frames)])

    def reasons(self, object_: str) -> pl.DataFrame:
        """Return the remarks on operations: why refused, or what was left out."""
        if self.ledger is None or self.entry is None:
            return _REASON.to_frame()
        return self.ledger.reasons(self.entry, object_).select(_REASON.names())


@contextmanager
def open_outcomes(workspace: Workspace, run: Run) -> Iterator[Outcomes]:
    """Open the ledger, if there is one, and find the newest load of the run."""
    if not workspace.ledger_path.exists():
        yield Outcomes()
        return
    with Ledger(workspace.ledger_path) as ledger:
        loads = [entry for entry in ledger.plans(run.id) if entry.kind == "load"]
        yield Outcomes(ledger, loads[-1] if loads else None)
