"""The command `report`: one JSON document and one page that tell the story of a run."""

from pathlib import Path
from typing import Annotated

import typer

from crmmigrate.cli.options import HERE, JsonOption, ProjectOption

__all__ = ["register", "write_report"]


def report(
    project: ProjectOption = HERE,
    run: Annotated[
        str,
        typer.Option(
            "--run", help="Run to report on: its id or the beginning of it; default the newest."
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder to write to; default in the run's folder."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write report.json and a self-contained index.html, and print where they are.

    Example: crmmigrate report -o handover/
    """
    from crmmigrate.cli.inspect import print_report

    print_report(project, run or None, out, as_json=json)


def write_report(directory: Path, run_id: str | None = None, out: Path | None = None) -> Path:
    """Write the report of a run and return the path of the page."""
    from crmmigrate.cli.inspect import make_report

    return make_report(directory, run_id, out)[1]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("report", short_help="Write the report of a run: JSON and one page.")(report)
