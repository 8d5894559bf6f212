"""Build report.json from the artifacts and stage reports of a run.

Everything is read from the run's folder, so a report can be made at any time: of a run that
has only been extracted, of one whose load was broken off, of one long done.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from crmmigrate import __version__
from crmmigrate.config.project import Project
from crmmigrate.errors import UsageError
from crmmigrate.model.runs import StageReport
from crmmigrate.report.addresses import country_lines
from crmmigrate.report.books import gate_lines, read_stage_reports, stage_lines
from crmmigrate.report.contract import ReportDocument, RunLine
from crmmigrate.report.coverage import coverage_lines, left_behind
from crmmigrate.report.duplicates import duplicate_sections
from crmmigrate.report.findings import finding_lines
from crmmigrate.report.funnel import funnel_lines, funnel_totals
from crmmigrate.report.outcomes import dead_letter_lines, load_lines, reconciliation_lines
from crmmigrate.report.page import render_page
from crmmigrate.report.quality import quality_lines
from crmmigrate.report.sign_off import difference_lines, level_lines, sign_off
from crmmigrate.report.verdict import judge, light_up
from crmmigrate.stages.lookup import damage_told
from crmmigrate.stages.outcomes import open_outcomes
from crmmigrate.store.files import PRIVATE_DIR, storage_errors, write_text
from crmmigrate.store.workspace import Run, Workspace

__all__ = ["build_document", "write_report"]


def build_document(project: Project, run: Run, now: datetime) -> ReportDocument:
    """Return the report of a run as it stands.

    Raises:
        CorruptError: an artifact or the ledger is damaged.
    """
    with damage_told(run.dir):
        return _document(project, run, now)


def _document(project: Project, run: Run, now: datetime) -> ReportDocument:
    reports = read_stage_reports(run.dir)
    model = project.model
    with open_outcomes(Workspace(project.root), run) as outcomes:
        funnel = funnel_lines(run.dir, outcomes)
        load = load_lines(run.dir, model, outcomes)
        dead_letters = dead_letter_lines(model, outcomes)
    quality = quality_lines(run.dir, model, project.rules)
    duplicates = duplicate_sections(run.dir, model, project.match_rules, project.rules)
    totals = funnel_totals(run.dir, funnel)
    stages, gates = stage_lines(reports), gate_lines(reports)
    verified = reports.get("verify")
    reconciliation = reconciliation_lines(verified)
    lights = light_up(stages, gates, totals, quality, duplicates, reconciliation)
    return ReportDocument(
        run=_run_line(project, run, now),
        verdict=judge(stages, gates, totals, lights),
        lights=lights,
        gates=gates,
        totals=totals,
        stages=stages,
        funnel=funnel,
        quality=quality,
        addresses=country_lines(run.dir, model),
        findings=finding_lines(run.dir, project.rules, model),
        duplicates=duplicates,
        coverage=coverage_lines(run.dir, project.mappings, project.migration.sources),
        left_behind=left_behind(project.migration.sources),
        load=load,
        dead_letters=dead_letters,
        reconciliation=reconciliation,
        levels=level_lines(verified),
        differences=difference_lines(run.dir, verified, project.rules),
        signed=sign_off(run.dir, verified),
        notes=_notes(reports),
    )


def _run_line(project: Project, run: Run, now: datetime) -> RunLine:
    record = run.record()
    return RunLine(
        id=run.id,
        project=project.migration.name,
        started_at=str(record.get("started_at", "")),
        generated_at=f"{now:%Y-%m-%d %H:%M} UTC",
        crmmigrate=__version__,
        target=project.migration.target.adapter,
    )


def _notes(reports: Mapping[str, StageReport]) -> tuple[str, ...]:
    return tuple(f"{stage}: {note}" for stage, report in reports.items() for note in report.notes)


def write_report(
    project: Project, run: Run, now: datetime, folder: Path | None = None
) -> tuple[ReportDocument, Path]:
    """Write report.json and index.html; return the document and the path of the page.

    Args:
        project: The project of the run.
        run: The run to report on.
        now: When the report is made, in UTC.
        folder: Where to write; `report/` in the run's folder by default.

    Raises:
        UsageError: the folder is a file.
    """
    document = build_document(project, run, now)
    place = folder or run.dir / "report"
    if place.exists() and not place.is_dir():
        raise UsageError("is a file, not a folder", where=str(place), hint="name a folder")
    with storage_errors(place):
        place.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
    write_text(place / "report.json", document.model_dump_json(indent=1) + "\n")
    page = place / "index.html"
    write_text(page, render_page(document))
    return document, page
