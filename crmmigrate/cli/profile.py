"""Show the profile of the extracted columns."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import typer
from rich.table import Table

from crmmigrate.cli.progress import choose_progress
from crmmigrate.cli.render import console
from crmmigrate.config.project import load_project
from crmmigrate.model.counting import counted
from crmmigrate.quality.profile import ColumnProfile
from crmmigrate.stages.profile import profile_run
from crmmigrate.store.workspace import Workspace

__all__ = ["show_profile"]

_MOST = 40


def show_profile(directory: Path, *, as_json: bool) -> None:
    """Profile the newest run and print it."""
    project = load_project(directory)
    found = profile_run(Workspace(project.root).current(), choose_progress())
    if as_json:
        document = {
            "version": 1,
            "datasets": {unit: [asdict(c) for c in columns] for unit, columns in found.items()},
        }
        typer.echo(json.dumps(document, ensure_ascii=False, default=str))
        return
    _print(found)
    typer.echo("next: crmmigrate map")


def _print(found: Mapping[str, Sequence[ColumnProfile]]) -> None:
    out = console()
    for unit, columns in found.items():
        rows = columns[0].rows if columns else 0
        out.print(f"{unit}  {counted(rows, 'row')}", style="bold")
        table = Table("column", "filled", "distinct", "shape", "seems", box=None, pad_edge=False)
        for column in columns[:_MOST]:
            filled = f"{100 * (column.rows - column.blanks) / max(column.rows, 1):.0f} %"
            distinct = f"{'~' if column.estimated else ''}{column.distinct:,}"
            shape = column.patterns[0][0][:24] if column.patterns else ""
            seems = str(column.semantic_type or "")
            table.add_row(column.name[:24], filled, distinct, shape, seems)
        out.print(table, soft_wrap=False)
        if len(columns) > _MOST:
            out.print(f"  and {len(columns) - _MOST} more columns: see --json")
