"""The commands `changes` and `diff`: what standardizing did, cell by cell."""

from pathlib import Path
from typing import Annotated

import typer

from crmmigrate.cli.options import HERE, JsonOption, ProjectOption

__all__ = ["register"]

_Run = Annotated[
    str, typer.Argument(help="Run: its id or the beginning of it; by default the newest.")
]
_Confidence = Annotated[
    float | None,
    typer.Option("--min-confidence", min=0, max=1, help="Only changes at least as sure as this."),
]
_Most = Annotated[
    float | None,
    typer.Option("--max-confidence", min=0, max=1, help="Only changes at most as sure as this."),
]
_Limit = Annotated[int, typer.Option("--limit", "-n", min=0, help="How many cells are listed.")]


def changes(
    run: _Run = "",
    project: ProjectOption = HERE,
    object_: Annotated[str, typer.Option("--object", help="Only this object.")] = "",
    field: Annotated[str, typer.Option("--field", help="Only this field.")] = "",
    code: Annotated[str, typer.Option("--code", help="Only where this rule fired.")] = "",
    status: Annotated[
        str,
        typer.Option(
            "--status", help="normalised, repaired, split, ambiguous, invalid or left_alone."
        ),
    ] = "",
    key: Annotated[str, typer.Option("--key", help="Only this record: its key or id.")] = "",
    min_confidence: _Confidence = None,
    max_confidence: _Most = None,
    limit: _Limit = 10,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print all cells as CSV.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="OUT.csv, .tsv, .parquet or .xlsx.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show, filter and export the change log: every cell that was changed or is in doubt.

    Example: crmmigrate changes --field phone --max-confidence 0.8 -o doubtful.xlsx
    """
    from crmmigrate.cli.change_view import print_changes
    from crmmigrate.stages.change_list import ChangeFilter

    wanted = ChangeFilter(object_, field, code, status, key, min_confidence, max_confidence)
    print_changes(project, run, wanted, limit, output, as_csv=as_csv, as_json=json)


def diff(
    run1: Annotated[str, typer.Argument(help="The earlier run: its id or the beginning of it.")],
    run2: Annotated[str, typer.Argument(help="The later run; by default the newest.")] = "",
    project: ProjectOption = HERE,
    limit: _Limit = 10,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="OUT.csv, .tsv, .parquet or .xlsx.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compare two runs: which values came out differently, and by which rules.

    Example: crmmigrate diff 20260301T0915
    """
    from crmmigrate.cli.change_view import print_diff

    print_diff(project, run1, run2, limit, output, as_json=json)


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("changes", short_help="Show what was changed, cell by cell.")(changes)
    app.command("diff", short_help="Compare the changes of two runs.")(diff)
