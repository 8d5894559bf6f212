"""Read what the stages reported: books, gates, notes."""

from collections.abc import Mapping
from pathlib import Path

from crmmigrate.errors import CorruptError
from crmmigrate.model.runs import StageReport
from crmmigrate.report.contract import GateLine, StageLine
from crmmigrate.store.files import read_json

__all__ = ["STAGES", "gate_lines", "read_stage_report", "read_stage_reports", "stage_lines"]

STAGES = ("extract", "map", "standardize", "dedupe", "validate", "plan", "load", "verify")
"""Stages of a run in order."""


def read_stage_report(path: Path) -> StageReport:
    """Read a stage report that was saved as JSON.

    Raises:
        CorruptError: the file is no stage report.
    """
    document = read_json(path)
    try:
        return StageReport.from_json(document)
    except (KeyError, TypeError) as exc:
        raise CorruptError(
            f"damaged: no stage report ({exc})",
            where=str(path),
            hint="run the stage again with --force to write it anew",
        ) from None


def read_stage_reports(run_dir: Path) -> dict[str, StageReport]:
    """Return the reports of the stages that have run, in stage order."""
    paths = {stage: run_dir / stage / "report.json" for stage in STAGES}
    return {stage: read_stage_report(path) for stage, path in paths.items() if path.exists()}


def stage_lines(reports: Mapping[str, StageReport]) -> tuple[StageLine, ...]:
    """Return one line a stage, also for those that have not run."""
    return tuple(
        _stage_line(reports[stage]) if stage in reports else StageLine(stage=stage, done=False)
        for stage in STAGES
    )


def _stage_line(report: StageReport) -> StageLine:
    books = report.books
    return StageLine(
        stage=report.stage,
        done=True,
        seconds=round(report.seconds, 3),
        rows_in=sum(line.rows_in for line in books),
        rows_out=sum(line.rows_out for line in books),
        merged=sum(line.merged for line in books),
        rejected=sum(line.rejected for line in books),
        excluded=sum(line.excluded for line in books),
        balanced=all(line.balanced for line in books),
        notes=report.notes,
    )


def gate_lines(reports: Mapping[str, StageReport]) -> tuple[GateLine, ...]:
    """Return the gates of all stages in stage order."""
    return tuple(
        GateLine(
            stage=stage, name=gate.name, passed=gate.passed, limit=gate.limit, actual=gate.actual
        )
        for stage, report in reports.items()
        for gate in report.gates
    )
