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
from crmmigrate.config.project import Project
from crmmigrate.errors import UsageError
from crmmigrate.model.runs import StageReport
from crmmigrate.report.plan_page import write_plan_page
from crmmigrate.stages.clean_output import TableWriter, check_output, check_place
from crmmigrate.stages.plan_archive import pack_plan
from crmmigrate.stages.plan_view import (
    FIELD_ROW,
    check_selection,
    field_rows,
    first_diffs,
    plan_records,
)
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
        page: Where an HTML page is written.
        tables: Where tables are written, each .csv, .tsv or .xlsx.
    """

    file: Path | None = None
    select: Sequence[str] = ()
    everything: bool = False
    as_json: bool = False
    page: Path | None = None
    tables: Sequence[Path] = ()

    def check(self) -> None:
        """Make sure that all files can be written, before any work is done.

        Raises:
            UsageError: one of them cannot, or two are the same.
        """
        for path in self.tables:
            check_output(path, path, workbook=True)
        if self.page is not None:
            check_place(self.page)
        named = [p.resolve() for p in (self.file, self.page, *self.tables) if p is not None]
        twice = next((p for p in named if named.count(p) > 1), None)
        if twice is not None:
            raise UsageError(
                "two views go to one file", where=str(twice), hint="name a file for each"
            )


def make_plan(directory: Path, views: PlanViews) -> StageReport:
    """Plan, keep the plan where that is asked for, show it; exits 1 if a gate failed."""
    views.check()
    with open_pipeline(directory) as pipeline:
        report = pipeline.run("plan")
        pipeline.progress.finish()
        run = pipeline.workspace.run(report.run_id)
        check_selection(views.select, report.facts["order"])
        written = _write_views(report, run, views, pipeline.project)
        if views.file is not None:
            pack_plan(run, views.file)
            written.insert(0, views.file)
            report = replace(
                report,
                next_command=f"crmmigrate load {shlex.quote(str(views.file))}",
                facts={**report.facts, "file": str(views.file)},
            )
        if written:
            names = ", ".join(map(str, written))
            report = replace(
                report,
                notes=(*report.notes, f"written: {names} (readable by you only)"),
                facts={**report.facts, "written": [str(p) for p in written]},
            )
        _show(report, run, views)
    exit_on_gate([report])
    return report


def _write_views(report: StageReport, run: Run, views: PlanViews, project: Project) -> list[Path]:
    """Write the page and the tables that are asked for; return their paths."""
    if views.page is not None:
        write_plan_page(
            views.page,
            report,
            project.migration.name,
            project.rules,
            run.dir,
            views.select,
            everything=views.everything,
        )
    for path in views.tables:
        with TableWriter(path, private=True) as writer:
            writer.write(FIELD_ROW.to_frame())
            for rows in field_rows(run.dir, report.facts["order"], views.select):
                writer.write(rows)
    return [*([views.page] if views.page else []), *views.tables]


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
