"""The command `plan`: make a plan, keep it, and show it."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crmmigrate.cli.plan_view import print_records, records_shown, summary_line
from crmmigrate.cli.render import (
    console,
    finding_line,
    note_lines,
    print_document,
    tail_lines,
    title_line,
)
from crmmigrate.cli.session import exit_on_gate, open_pipeline
from crmmigrate.model.runs import StageReport
from crmmigrate.stages.plan_archive import pack_plan
from crmmigrate.stages.plan_view import check_selection, first_diffs, plan_records
from crmmigrate.store.workspace import Run

__all__ = ["PlanViews", "make_plan"]


@dataclass(frozen=True)
class PlanViews:
    """How a plan is to be kept and shown.

    Attributes:
        file: Where it is kept as one file, to be loaded.
        select: Only these objects, actions or records are shown.
        everything: Show all records and all their fields.
        as_json: Print one JSON document instead of text.
    """

    file: Path | None = None
    select: Sequence[str] = ()
    everything: bool = False
    as_json: bool = False


def make_plan(directory: Path, views: PlanViews) -> StageReport:
    """Plan, keep the plan where that is asked for, show it; exits 1 if a gate failed."""
    with open_pipeline(directory) as pipeline:
        report = pipeline.run("plan")
        pipeline.progress.finish()
        run = pipeline.workspace.run(report.run_id)
        check_selection(views.select, report.facts["order"])
        if views.file is not None:
            pack_plan(run, views.file)
            report = replace(
                report,
                notes=(*report.notes, f"written: {views.file} (readable by you only)"),
                next_command=f"crmmigrate load {shlex.quote(str(views.file))}",
                facts={**report.facts, "file": str(views.file)},
            )
        _show(report, run, views)
    exit_on_gate([report])
    return report


def _show(report: StageReport, run: Run, views: PlanViews) -> None:
    order = report.facts["order"]
    most = None if views.everything else records_shown(report.facts["actions"], views.select)
    if views.as_json:
        told = report
        if views.select or views.everything:
            longest = None if views.everything else 120
            found = first_diffs(run.dir, order, views.select, most, longest)
            told = replace(report, facts={**report.facts, "diffs": found})
        print_document(told.to_json())
        return
    out = console()
    out.print(title_line(report))
    print_records(
        report,
        plan_records(run.dir, order, views.select, most),
        all_fields=views.everything or bool(views.select),
        most=most,
        select=views.select,
    )
    for line in (
        *(line for told in report.facts["order_told"] for line in note_lines(told)),
        *(finding_line(f) for f in report.findings),
        *(line for note in report.notes[1:] for line in note_lines(note)),
        summary_line(report),
        *tail_lines(report),
    ):
        out.print(line)
