"""What the commands failed and retry do; loaded only when one of them runs."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import typer
from rich.text import Text

from crmmigrate.cli.render import print_wrapped, render_reports
from crmmigrate.cli.session import named_run, open_pipeline
from crmmigrate.config.project import load_project
from crmmigrate.errors import ExitCode, UsageError
from crmmigrate.model.counting import counted
from crmmigrate.model.runs import StageReport
from crmmigrate.stages.clean_output import TableWriter, check_output
from crmmigrate.stages.failures import (
    Selection,
    add_corrections,
    failures,
    groups_of,
    read_remedy,
    rejected_before,
)
from crmmigrate.store.workspace import Run, Workspace

__all__ = ["load_failed", "print_failed"]

_GROUPS = 20


def print_failed(
    directory: Path, run_id: str, object_: str, code: str, output: Path | None, *, as_json: bool
) -> None:
    """Show what a run refused, or write it to a file to be filled in."""
    project = load_project(directory)
    run = named_run(Workspace(project.root), run_id)
    if output:
        check_output(output, output, workbook=True)
    rows = failures(run, project.model, Selection(object_, code))
    groups = groups_of(rows)
    if output:
        blank = [pl.lit("").alias("correction"), pl.lit("").alias("why")]
        with TableWriter(output) as writer:
            writer.write(rows.with_columns(blank))
    if as_json:
        document = {
            "version": 1, "run": run.id, "records": rows.select("object", "key").n_unique(),
            "rejected_before": rejected_before(run), "groups": groups.to_dicts(),
            "output": str(output) if output else None,
        }  # fmt: skip
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    print_wrapped([*_lines(run.id, rows, groups, output), *_before(run)])


def _lines(
    run_id: str, rows: pl.DataFrame, groups: pl.DataFrame, output: Path | None
) -> Iterator[Text | str]:
    records = rows.select("object", "key").n_unique() if rows.height else 0
    yield Text.assemble(("failed", "bold"), f"  {counted(records, 'record')}  run {run_id}")
    for group in groups.head(_GROUPS).iter_rows(named=True):
        field = f" {group['field']}" if group["field"] else ""
        value = f" '{group['value']}'" if group["value"] is not None else ""
        near = f"; nearest is '{group['suggestion']}'" if group["suggestion"] else ""
        yield Text.assemble(
            f"  {group['records']:>7,}  {group['object']}", (field, "bold"),
            f"{value}: {group['reason']}{near}  ", (group["code"], "cyan"),
        )  # fmt: skip
        yield Text(f"           e.g. {group['example']}", style="dim")
    if groups.height > _GROUPS:
        yield f"  and {groups.height - _GROUPS} more causes; --json tells all"
    if output:
        yield f"written: {output} ({counted(rows.height, 'row')}); fill in the column correction, then"
        yield f"next: crmmigrate retry --remedy {output}"
    elif records:
        yield "next: crmmigrate failed -o remedy.xlsx"


def _before(run: Run) -> Iterator[str]:
    """Tell of rows that never became records: no correction of a record can help them."""
    lost = rejected_before(run)
    if lost:
        yield f"  {counted(lost, 'row was', 'rows were')} rejected before, in extract and map: correct source or mapping"


def load_failed(
    directory: Path, remedy: Path | None, object_: str, code: str, *, as_json: bool
) -> None:
    """Take the corrections, then validate, plan, load and verify only what was refused."""
    project = load_project(directory)
    run = named_run(Workspace(project.root), None)
    rows = failures(run, project.model, Selection(object_, code))
    if rows.is_empty():
        raise UsageError(f"run {run.id} has refused nothing", hint="run `crmmigrate failed`")
    if remedy:
        for name, corrections in read_remedy(remedy, project).items():
            path, total = add_corrections(project, name, corrections)
            shown = path.relative_to(project.root)
            typer.echo(f"{name}: {counted(len(corrections), 'correction')} taken, {total:,} in {shown}", err=True)  # fmt: skip
    only = {
        str(name): part["key"].unique().sort().to_list()
        for (name,), part in rows.partition_by("object", as_dict=True).items()
    }
    reports = _run(directory, {"only": only})
    render_reports(reports, as_json=as_json, single=False)
    if not all(gate.passed for report in reports for gate in report.gates):
        raise typer.Exit(int(ExitCode.GATE))


def _run(directory: Path, options: dict[str, object]) -> list[StageReport]:
    reports = []
    with open_pipeline(directory) as pipeline:
        for stage in ("validate", "plan", "load"):
            report = pipeline.run(stage, options=options)
            pipeline.progress.finish()
            reports.append(
                replace(report, next_command="" if stage != "load" else report.next_command)
            )
    return reports
