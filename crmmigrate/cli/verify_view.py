"""The command `verify`: read back, and show what differs, why, and where to look."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.text import Text

from crmmigrate.cli.plan_view import change_line
from crmmigrate.cli.render import (
    WIDTH,
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
from crmmigrate.model.counting import counted
from crmmigrate.model.runs import StageReport
from crmmigrate.stages.clean_output import TableWriter
from crmmigrate.stages.difference_list import DIFFERENCE_ROW, difference_rows, first_differences
from crmmigrate.store.files import PRIVATE_DIR, storage_errors, write_text
from crmmigrate.store.workspace import Run

__all__ = ["VerifyRequest", "verify_load"]

_SHOWN = 3
"""Differences of an object and code that are shown."""


@dataclass(frozen=True)
class VerifyRequest:
    """What is asked of `verify`.

    Attributes:
        sample: Records of each object that are read back; 0 for all.
        signed_by: Who signs the result off.
        folder: Where the reconciliation and all differences are written, too.
        as_json: Print one JSON document instead of text.
    """

    sample: int = 0
    signed_by: str = ""
    folder: Path | None = None
    as_json: bool = False


def verify_load(directory: Path, request: VerifyRequest) -> StageReport:
    """Verify, write the reconciliation, show it; exits 1 on a difference.

    Raises:
        UsageError: the folder is a file.
    """
    if request.folder is not None and request.folder.exists() and not request.folder.is_dir():
        raise UsageError("this is a file, not a folder", where=str(request.folder))
    options = {"sample": request.sample, "signed_by": request.signed_by}
    with open_pipeline(directory) as pipeline:
        report = pipeline.run("verify", options=options)
        pipeline.progress.finish()
        run, project = pipeline.workspace.run(report.run_id), pipeline.project
        if request.folder is not None:
            report = _hand_over(report, run, project, request.folder)
        objects = list(report.facts["objects"])
        found = first_differences(run.dir, objects, project.rules, _SHOWN)
        report = replace(report, facts={**report.facts, "differences": found})
    if request.as_json:
        print_document(report.to_json())
    else:
        _show(report)
    exit_on_gate([report])
    return report


def _hand_over(report: StageReport, run: Run, project: Project, folder: Path) -> StageReport:
    """Write the reconciliation and all differences into a folder; only its owner can read them."""
    with storage_errors(folder):
        folder.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
    written = []
    for source in map(Path, report.facts["reconciliation"]["files"]):
        place = folder / f"reconciliation{source.suffix}"
        write_text(place, source.read_text(encoding="utf-8"))
        written.append(str(place))
    place = folder / "differences.csv"
    with TableWriter(place, private=True) as writer:
        writer.write(DIFFERENCE_ROW.to_frame())
        for rows in difference_rows(run.dir, list(report.facts["objects"]), project.rules):
            writer.write(rows)
    written.append(str(place))
    told = {**report.facts["reconciliation"], "files": written}
    return replace(report, facts={**report.facts, "reconciliation": told})


def _show(report: StageReport) -> None:
    out = console()
    out.print(title_line(report))
    lines = [
        *(
            line
            for object_, told in report.facts["objects"].items()
            for line in _object(object_, told)
        ),
        *_differences(report.facts["differences"], report.facts["codes"]),
        *(finding_line(f) for f in report.findings),
        *(line for note in report.notes for line in note_lines(note)),
        *_reconciliation(report.facts["reconciliation"]),
        *tail_lines(report),
    ]
    for line in lines:
        out.print(line)


def _object(object_: str, told: Mapping[str, int]) -> Iterator[Text]:
    """Tell of one object how many records are there, and what is wrong with the others."""
    good = told["matched"] == told["expected"]
    line = Text("  ").append("=" if good else "!", "green" if good else "bold red")
    line.append(f" {object_}", "bold").append(
        f"  {told['matched']:,} of {told['expected']:,} agree"
    )
    for name, words in (
        ("missing", "missing"),
        ("differing", "differs" if told["differing"] == 1 else "differ"),
        ("extra", "no longer asked for"),
        ("others", "of others"),
    ):
        if told[name]:
            line.append(f", {told[name]:,} {words}", "red" if name == "missing" else "yellow")
    line.truncate(WIDTH, overflow="ellipsis")
    yield line


def _differences(
    found: list[dict[str, Any]], codes: Mapping[str, Mapping[str, int]]
) -> Iterator[Text]:
    for (object_, code), group in groupby(found, key=lambda d: (d["object"], d["code"])):
        rows = list(group)
        yield Text(f"  {object_}  ", "bold").append(
            f"{code}, {counted(codes[object_][code], 'time')}"
        )
        yield from (Text(line.plain, "dim") for line in note_lines(f"  {rows[0]['why']}"))
        for row in rows:
            key = Text(f"    {row['key']}")
            key.truncate(WIDTH, overflow="ellipsis")
            yield key
            if row["field"]:
                yield change_line(row["field"], len(row["field"]), row["expected"], row["actual"])
            if row["page"]:
                yield Text(f"      {row['page']}", "cyan")  # whole, so that it can be opened


def _reconciliation(told: Mapping[str, Any]) -> Iterator[Text]:
    if told["signed_by"]:
        yield from note_lines(f"signed off by {told['signed_by']} at {told['signed_at'][:19]} UTC")
        yield from note_lines(f"sha256 {told['sha256']}")
    yield Text("  reconciliation:")
    yield Text("    ").append(_short(told["files"][0]), "cyan")  # whole, so that it can be copied


def _short(path: str) -> str:
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
