"""What every project command does: load the project, take the lock, run stages, render."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import typer

from crmmigrate.cli.progress import choose_progress
from crmmigrate.cli.render import render_reports
from crmmigrate.config.codes import load_rules
from crmmigrate.config.project import load_project
from crmmigrate.config.secrets import mask_argv
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import ExitCode, UsageError
from crmmigrate.model.restraint import Restraint
from crmmigrate.model.runs import StageReport
from crmmigrate.pipeline import STAGES, Pipeline
from crmmigrate.store.workspace import Run, Workspace

__all__ = [
    "exit_on_gate",
    "known_rules",
    "named_run",
    "now",
    "open_pipeline",
    "run_all",
    "run_one",
    "standardize_options",
    "wanted_restraint",
]


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def named_run(workspace: Workspace, run_id: str | None) -> Run:
    """Return the named run, or the newest.

    Raises:
        UsageError: nothing has run yet.
    """
    run = workspace.run(run_id) if run_id else workspace.current()
    if run is None:
        raise UsageError(
            "nothing has run here yet", where=str(workspace.home), hint="start with: crmmigrate run"
        )
    return run


@contextmanager
def open_pipeline(directory: Path) -> Iterator[Pipeline]:
    """Load the project, hold its workspace, and give a pipeline."""
    project = load_project(directory)
    workspace = Workspace(project.root)
    progress = choose_progress()
    with workspace.locked(now()):
        try:
            yield Pipeline(project, workspace, now, progress, mask_argv(sys.argv))
        finally:
            progress.finish()


def run_one(
    stage: str,
    directory: Path,
    *,
    force: bool = False,
    as_json: bool = False,
    options: Mapping[str, object] | None = None,
) -> StageReport:
    """Run one stage, print its report and return it; exits 1 if a gate failed."""
    with open_pipeline(directory) as pipeline:
        if (options or {}).get("new_run"):
            pipeline.begin_run()
        report = pipeline.run(stage, force=force, options=options)
        pipeline.progress.finish()
    render_reports([report], as_json=as_json, single=True)
    exit_on_gate([report])
    return report


def load_file(
    directory: Path, file: Path, *, as_json: bool, allow_drift: bool = False
) -> StageReport:
    """Load a plan that was kept as a file, print the report; exits 1 if a gate failed."""
    from crmmigrate.stages.plan_archive import admit_plan

    with open_pipeline(directory) as pipeline:
        run = admit_plan(pipeline.workspace, file)
        report = pipeline.run("load", options={"run_id": run.id, "allow_drift": allow_drift})
        pipeline.progress.finish()
    render_reports([report], as_json=as_json, single=True)
    exit_on_gate([report])
    return report


def run_all(
    directory: Path,
    *,
    load: bool,
    force: bool = False,
    as_json: bool = False,
    options: Mapping[str, object] | None = None,
) -> list[StageReport]:
    """Run all stages up to the plan, with `load` also load and verify.

    What standardizing was asked before in this run stays, unless other options are given.
    """
    if not {"undo_rules", "min_confidence"} & set(options or {}):
        options = {**(options or {}), "as_before": True}
    reports: list[StageReport] = []
    with open_pipeline(directory) as pipeline:
        if (options or {}).get("new_run"):
            pipeline.begin_run()
        stages = _stages(pipeline, load=load)
        for stage in stages:
            report = pipeline.run(
                stage, force=force and stage not in {"load", "verify"}, options=options
            )
            pipeline.progress.finish()
            reports.append(report)
            failed = not all(gate.passed for gate in report.gates)
            if not as_json:
                last = failed or stage == stages[-1]
                shown = report if last else replace(report, next_command="")
                render_reports([shown], as_json=False, single=False)
            if failed:
                break
    if as_json:
        render_reports(reports, as_json=True, single=False)
    exit_on_gate(reports)
    return reports


def standardize_options(
    undo_rules: Sequence[str] | None, min_confidence: float | None, *, new_run: bool
) -> dict[str, object]:
    """Return the options of stage standardize, only those that were given.

    Raises:
        UsageError: there is no such rule.
    """
    options: dict[str, object] = {"new_run": True} if new_run else {}
    if undo_rules:
        options["undo_rules"] = known_rules(undo_rules)
    if min_confidence is not None:
        options["min_confidence"] = min_confidence
    return options


def known_rules(rules: Sequence[str]) -> list[str]:
    """Return the codes of rules that are given by code or name, sorted.

    Raises:
        UsageError: one of them is no rule of standardizing.
    """
    codes = {
        name: code
        for code, rule in load_rules().items()
        if code.startswith("STD")
        for name in (code.lower(), rule.name)
    }
    meant = [name.upper() if name.startswith("std") else name for name in codes]
    wanted = [text.strip().lower().replace(" ", "_") for text in rules]
    for text, name in zip(rules, wanted, strict=True):
        if name not in codes:
            raise UsageError(
                f"there is no rule '{text}' to undo{did_you_mean(name, meant)}",
                hint="list all with: crmmigrate explain all",
            )
    return sorted({codes[name] for name in wanted})


def wanted_restraint(undo_rules: Sequence[str], min_confidence: float | None) -> Restraint:
    """Return what is not to be done, outside of a project.

    Raises:
        UsageError: there is no such rule.
    """
    return Restraint(frozenset(known_rules(undo_rules)), min_confidence or 0.0)


def _stages(pipeline: Pipeline, *, load: bool) -> Sequence[str]:
    up_to_plan = STAGES[: STAGES.index("plan") + 1]
    if not load:
        return up_to_plan
    run = pipeline.unfinished_load()
    if run is not None:
        typer.echo(f"resuming the load of run {run.id}", err=True)
        return ("load", "verify")
    return STAGES


def exit_on_gate(reports: Sequence[StageReport]) -> None:
    """End the command with exit code 1 if a gate has failed."""
    if any(not gate.passed for report in reports for gate in report.gates):
        raise typer.Exit(int(ExitCode.GATE))
