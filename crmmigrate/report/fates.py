"""Tell what became of each golden record: the plan's action and the load's outcome."""

from pathlib import Path

import polars as pl

from crmmigrate.model.operations import Action, Status
from crmmigrate.stages.outcomes import Outcomes
from crmmigrate.store.artifacts import has_unit, scan

__all__ = ["golden_fates", "operation_outcomes"]

_DONE = {
    Action.CREATE.value: "created",
    Action.UPDATE.value: "updated",
    Action.LINK.value: "updated",
    Action.DELETE.value: "updated",
    Action.UNCHANGED.value: "unchanged",
}
_FATES = pl.Schema({"golden_key": pl.String, "fate": pl.String})
_OUTCOMES = pl.Schema(
    {"op_id": pl.String, "golden_key": pl.String, "action": pl.String, "status": pl.String}
)


def channel(run_dir: Path, stage: str, unit: str, name: str) -> pl.LazyFrame | None:
    """Return a channel, or None if the stage, the unit or the channel is not there."""
    return scan(run_dir, stage, unit, name) if has_unit(run_dir, stage, unit) else None


def operation_outcomes(run_dir: Path, object_: str, outcomes: Outcomes) -> pl.LazyFrame:
    """Return one row for each first-pass operation: op_id, golden_key, action, status.

    Status is `planned` as long as the load has no outcome for it; an operation that leaves
    its record as it is counts as succeeded.
    """
    operations = channel(run_dir, "plan", object_, "operations")
    if operations is None:
        return _OUTCOMES.to_frame(eager=False)
    first = operations.filter(pl.col("pass") == 1).select("op_id", "golden_key", "action")
    statuses = outcomes.statuses(object_).lazy().select("op_id", "status")
    joined = first.join(statuses, on="op_id", how="left")
    kept = pl.col("action") == Action.UNCHANGED.value
    status = pl.when(kept).then(pl.lit(Status.SUCCEEDED.value)).otherwise(pl.col("status"))
    return joined.with_columns(status=status.fill_null(Status.PLANNED.value))


def golden_fates(run_dir: Path, object_: str, outcomes: Outcomes) -> pl.LazyFrame:
    """Return (golden_key, fate): created, updated, unchanged, failed, pending, held or set aside.

    Records of which no later stage says anything are not in it.
    """
    done = pl.col("action").replace_strict(_DONE, default="pending")
    fate = (
        pl.when(pl.col("status") == Status.SUCCEEDED.value)
        .then(done)
        .when(pl.col("status") == Status.REJECTED.value)
        .then(pl.lit("failed"))
        .otherwise(pl.lit("pending"))
    )
    loaded = operation_outcomes(run_dir, object_, outcomes).select("golden_key", fate=fate)
    frames = [loaded, *_set_aside(run_dir, object_)]
    return pl.concat(frames).cast(_FATES).unique("golden_key", keep="first")


def _set_aside(run_dir: Path, object_: str) -> list[pl.LazyFrame]:
    frames = []
    for stage in ("validate", "plan"):
        for name in ("rejected", "excluded"):
            frame = channel(run_dir, stage, object_, name)
            if frame is not None:
                fate = "held" if (stage, name) == ("plan", "excluded") else name
                frames.append(
                    frame.select(golden_key=pl.col("_key").cast(pl.String), fate=pl.lit(fate))
                )
    return frames
