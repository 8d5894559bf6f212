"""Bodies of init, check, status and schema."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import typer
from rich.table import Table

from crmmigrate.cli.problems import show_error
from crmmigrate.cli.render import console
from crmmigrate.cli.session import now
from crmmigrate.config.project import load_project
from crmmigrate.config.schemas import json_schema
from crmmigrate.errors import ConfigError, ExitCode
from crmmigrate.pipeline import ALWAYS_RUN, STAGES, Pipeline
from crmmigrate.stages.check import check_columns_of
from crmmigrate.stages.init import write_project
from crmmigrate.stages.region_cases import check_region_files
from crmmigrate.store.workspace import Run, Workspace

__all__ = ["check_project", "print_schema", "show_status", "start_project"]


def start_project(directory: Path, sources: Sequence[str], region: str | None) -> None:
    """Write a new project and say what to do next."""
    written = write_project(directory, sources, region)
    for path in written:
        typer.echo(f"wrote {path}")
    where = "" if directory == Path() else f" -C {directory}"
    typer.echo(f"next: read the mappings, then `crmmigrate check{where}`")


def check_project(directory: Path, *, as_json: bool) -> None:
    """Load everything, compare mappings with the sources that can be reached, and report."""
    project = load_project(directory)
    columns, unreached = check_columns_of(project)
    problems = [*columns, *check_region_files(project.root, project.book)]
    document = {
        "version": 1,
        "project": project.migration.name,
        "mappings": len(project.mappings),
        "problems": [{"where": where, "message": message} for where, message in problems],
        "unreached": dict(unreached),
    }
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False))
    for source, reason in unreached.items():
        typer.echo(f"warning: the columns of {source} were not checked: {reason}", err=True)
    if problems:
        where, message = problems[0]
        others = [f"{place}: {text}" for place, text in problems[1:]]
        problem = ConfigError(message, where=where, causes=others)
        if not as_json:
            raise problem
        show_error(problem, as_json=False)  # the document has told it on stdout
        raise typer.Exit(int(problem.exit_code))
    if not as_json:
        typer.echo(
            f"ok: {project.migration.name}: {len(project.migration.sources)} sources, "
            f"{len(project.mappings)} mappings, {len(project.rules)} rules"
        )
        typer.echo("next: crmmigrate run")


def show_status(directory: Path, *, as_json: bool) -> None:
    """Show each stage of the newest run."""
    project = load_project(directory)
    workspace = Workspace(project.root)
    run = workspace.current()
    pipeline = Pipeline(project, workspace, now)
    rows = [_stage_row(stage, run, pipeline) for stage in STAGES]
    step = _next_step(rows, resume=pipeline.unfinished_load() is not None)
    if as_json:
        document = {"version": 1, "run": run.id if run else None, "stages": rows, "next": step}
        typer.echo(json.dumps(document))
        return
    out = console()
    out.print(f"{project.migration.name}: run {run.id if run else '(none yet)'}")
    table = Table("stage", "state", "finished (UTC)", "seconds", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if v is None else str(v) for v in row.values()))
    out.print(table, soft_wrap=False)
    out.print(f"next: {step}")


def _stage_row(stage: str, run: Run | None, pipeline: Pipeline) -> dict[str, object]:
    facts = run.stage(stage) if run else None
    if run is None or facts is None:
        state = "not needed" if stage == "load" and run and _is_idle(run) else "not run"
        return {"stage": stage, "state": state, "finished": None, "seconds": None}
    return {
        "stage": stage,
        "state": _state(stage, run, facts, pipeline),
        "finished": str(facts.get("finished_at", ""))[:19],
        "seconds": facts.get("seconds"),
    }


def _is_idle(run: Run) -> bool:
    """Return whether the plan of a run has nothing to write."""
    report = run.dir / "plan" / "report.json"
    try:
        return bool(json.loads(report.read_text(encoding="utf-8"))["facts"]["pending"] == 0)
    except (OSError, ValueError, KeyError):
        return False


def _state(
    stage: str, run: Run, facts: Mapping[str, object], pipeline: Pipeline
) -> Literal["done", "out of date", "undone", "partly undone"]:
    """Tell whether a finished stage still stands, or a rollback has undone it since."""
    if stage not in ALWAYS_RUN:
        fresh = facts.get("fingerprint") == pipeline.fingerprint(stage, run)
        return "done" if fresh else "out of date"
    if str(facts.get("finished_at", "")) > pipeline.workspace.last_undone():
        return "done"
    undone = run.undone
    if stage == "plan" or undone is None:
        return "out of date"
    return "undone" if undone.get("whole") else "partly undone"


def _next_step(rows: Sequence[Mapping[str, object]], *, resume: bool) -> str:
    if resume:
        return "crmmigrate load"
    settled = {"done", "not needed"}
    pending = next((str(r["stage"]) for r in rows if r["state"] not in settled), None)
    if pending is None:
        return "crmmigrate report"
    if pending in {"plan", "load", "verify"}:
        return f"crmmigrate {pending}"
    return "crmmigrate run"


def print_schema(kind: str) -> None:
    """Print one JSON Schema; an unknown kind is a usage error."""
    typer.echo(json.dumps(json_schema(kind), indent=2, ensure_ascii=False))
    raise typer.Exit(int(ExitCode.OK))
