"""Roll a load back, after asking."""

import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import typer

from crmmigrate.cli.progress import choose_progress
from crmmigrate.cli.render import render_reports
from crmmigrate.cli.session import now
from crmmigrate.config.project import load_project
from crmmigrate.errors import ExitCode, RefusedError
from crmmigrate.model.runs import StageReport
from crmmigrate.stages import rollback
from crmmigrate.stages.context import StageContext
from crmmigrate.store.workspace import Workspace

__all__ = ["roll_back"]


def roll_back(
    directory: Path, run_id: str, *, select: str | None, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Show what would be undone; do it when it is confirmed.

    Raises:
        RefusedError: nobody confirmed.
    """
    project = load_project(directory)
    workspace = Workspace(project.root)
    run = workspace.run(run_id)
    progress = choose_progress()

    def undo(*, only_plan: bool) -> StageReport:
        options = {"run_id": run.id, "dry_run": only_plan, "select": select}
        started = perf_counter()
        report = rollback.run(StageContext(project, workspace, run, now, progress, options))
        progress.finish()
        return replace(report, seconds=round(perf_counter() - started, 3))

    with workspace.locked(now()):
        if dry_run or not yes:
            planned = undo(only_plan=True)
            if not (as_json and not dry_run):
                render_reports([planned], as_json=as_json, single=True)
            if dry_run:
                return
            _confirm(run.id)
        report = undo(only_plan=False)
    render_reports([report], as_json=as_json, single=True)
    if not all(gate.passed for gate in report.gates):
        raise typer.Exit(int(ExitCode.GATE))


def _confirm(run_id: str) -> None:
    if sys.stdin is None or not sys.stdin.isatty():
        raise RefusedError(
            "rollback writes to the target and was not confirmed",
            hint=f"look with `crmmigrate rollback {run_id} --plan`, then add --yes",
        )
    if not typer.confirm(f"Undo run {run_id}?", err=True):
        raise RefusedError("not confirmed; nothing was changed")
